#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what |
//! |---|---|
//! | [`shares`] | who owns which rows: whole blocks, dealt out by the number of rows and of ranks alone |
//! | [`transport`] | what ranks need of whatever joins them: five exchanges of bytes |
//! | [`alone`] | one rank: nothing is exchanged |
//! | [`threads`] | ranks that are threads of one process |
//! | [`ranks`] | the exchanges of numbers that a computation makes, and what went wrong with them |
//! | [`error`] | what goes wrong, and with which rank |
//!
//! **Same bits.** A sum over rows is one chain of additions that the owners continue one after another, in the order of the rows
//! ([`Ranks::take_over`], [`Ranks::hand_on`]); all other exchanges move rows as they are. So no result depends on how many owners there are. A
//! reduction by an engine would not do: it sums in an order that depends on the number of ranks, sometimes on the length of the vector.
//!
//! **The first failure stays.** After a failed exchange, the later ones do nothing and return at once. A computation goes on to its end with numbers that mean
//! nothing, asks [`Ranks::check`] before it uses them, and throws them away.

pub mod alone;
pub mod error;
pub mod ranks;
pub mod shares;
pub mod threads;
pub mod transport;

pub use alone::Alone;
pub use error::RanksError;
pub use ranks::Ranks;
pub use shares::Shares;
pub use threads::Threads;
pub use transport::{Traffic, Transport};
