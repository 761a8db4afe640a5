//! What every model of the list must hold.

mod case;
mod golden;
mod gradients;
mod hostile;
mod ranks;
mod resume;
mod sums;
mod tables;
mod threads;
