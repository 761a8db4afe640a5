//! A trained model looked at: its spaces, its neighbourhoods, what it recommends and to whom.

mod record;

pub use record::*;
