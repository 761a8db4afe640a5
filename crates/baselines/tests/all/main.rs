//! The models that AnchorRec is compared with, from outside of their crate.

mod checks;
mod golden_alignrec;
mod golden_bm3;
mod golden_damrs;
mod golden_freedom;
mod golden_lattice;
mod golden_lgmrec;
mod golden_lightgcn;
mod golden_smore;
mod gradients;
