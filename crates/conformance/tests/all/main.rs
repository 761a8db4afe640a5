//! What every model of the list must hold.

mod case;
mod golden;
mod gradients;
mod hostile;
mod resume;
mod sums;
mod tables;
mod threads;
