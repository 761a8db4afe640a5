//! The command, called as a user calls it.

mod ablate;
mod absent;
mod baselines;
#[cfg(feature = "prepare")]
mod encode_text;
mod history;
mod interrupt;
mod judged;
mod lists;
#[cfg(feature = "prepare")]
mod own_data;
#[cfg(feature = "prepare")]
mod prepare_amazon;
#[cfg(feature = "report")]
mod report;
mod sources;
mod train;
mod tune;
mod workplace;
