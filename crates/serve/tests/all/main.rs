//! The server over real sockets.

mod bad;
mod client;
mod described;
mod lists;
mod lively;
mod shop;
mod slow;
mod swap;
mod token;
mod why;
