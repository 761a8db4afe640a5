//! The command, called as a user calls it.

mod ablate;
mod absent;
mod encode_text;
mod interrupt;
mod own_data;
mod prepare_amazon;
#[cfg(feature = "report")]
mod report;
mod train;
mod tune;
mod workplace;
