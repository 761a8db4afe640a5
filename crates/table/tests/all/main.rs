//! Declarations of tables. Tables that are computed: `cli/tests/all/model_table.rs`.

mod declaration;
