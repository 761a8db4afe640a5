//! A table of models as a page, in Markdown and in HTML: for each data set accuracy with intervals over seeds, what a choice on test would have printed, paired tests,
//! groups, what is recommended, item spaces, costs, and what is missing.
//!
//! Everything comes from the records of the table ([`anchorrec_records::table`]): the same records give the same bytes. Tests are corrected by Holm for all rows of a
//! data set that are compared with the reference under settings of the same kind, Recall@20 and NDCG@20 each. Both pages have the same numbers: a table is made once
//! and written twice.

mod about;
mod accuracy;
mod cells;
mod costs;
mod figures;
mod groups;
mod html;
mod markdown;
mod rows;
mod spaces;
mod table;
mod tables;
mod tests_over_users;

pub use html::html;
pub use markdown::markdown;
pub use rows::{DatasetOfTable, ModelTable};
