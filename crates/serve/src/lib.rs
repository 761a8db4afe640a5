#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what |
//! |---|---|
//! | [`load`], [`load_error`] | from a run on disk to what is served |
//! | [`served`], [`scorer`], [`spaces`], [`popular`], [`search`] | a loaded run: what ranks, where items are compared and found |
//! | [`ask`], [`plan`], [`left_out`], [`answer`] | from what a client asks to numbers, lists and JSON; knows no HTTP |
//! | [`why`] | the items of a history that make a score |
//! | [`queue`] | requests that wait, computed together |
//! | [`swap`], [`stamp`] | the run that is served, the one that takes its place, and what tells them apart on disk |
//! | [`limits`], [`guard`], [`refusal`] | how much may be asked, who may ask, and what is said otherwise |
//! | [`metrics`] | what is counted |
//! | [`routes`] | paths to answers |
//! | [`server`] | an address, signals, connections |
//!
//! Deliberately absent: a cache of lists, since making one costs less than a request does; TLS and names of users, which a reverse proxy has.

pub mod answer;
mod app;
mod aside;
pub mod ask;
mod body;
mod connection;
pub mod guard;
pub mod left_out;
pub mod limits;
pub mod load;
pub mod load_error;
pub mod metrics;
mod object;
mod open_files;
mod page;
pub mod plan;
pub mod popular;
mod query;
pub mod queue;
pub mod refusal;
pub mod routes;
pub mod scorer;
pub mod search;
pub mod served;
pub mod server;
pub mod spaces;
pub mod stamp;
pub mod swap;
mod unread;
pub mod why;

pub use limits::Limits;
pub use refusal::Refusal;
pub use served::{About, Served};
pub use server::{Options, ServeError, Server, serve};
