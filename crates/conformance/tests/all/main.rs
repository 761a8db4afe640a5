//! What every model of the list must hold.

mod case;
mod gradients;
mod hostile;
mod resume;
mod tables;
mod threads;
