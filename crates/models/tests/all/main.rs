//! What holds for every model of the list, whichever they are.

mod building;
mod cards;
