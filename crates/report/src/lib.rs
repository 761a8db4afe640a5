#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! A report a person wants to look at: records of runs to one page, and its figures as files.
//!
//! | module | what |
//! |---|---|
//! | [`mod@read`] | from paths to records, checked |
//! | [`words`] | what the numbers show, in sentences made of them |
//! | [`figures`] | the figures, a module for each kind |
//! | [`embedding`] | PCA and t-SNE of positions of several spaces |
//! | [`mod@page`] | one self-contained HTML file of all that |
//! | [`results`] | the same results as CSV, Markdown and LaTeX |
//! | [`model_table`] | the page of a table of models as Markdown |
//! | [`mod@write`] | the page and its figures as files |
//! | [`figure`], [`plot`], [`scale`], [`svg`], [`palette`] | what figures are made of |
//! | [`space`], [`spaces`] | names and signs of spaces; several seeds seen together |
//! | [`measures`] | headings and explanations of every measure |
//! | [`number`], [`interval`] | numbers as text; intervals over seeds |
//!
//! **This crate computes no result.** Everything comes from `report.json`, `seed-<s>.analysis.json` and `comparison.json`, which others wrote; it adds
//! intervals over seeds, two embeddings for the eye, and words.
//!
//! **A page fetches nothing**: styles, font, figures and its little script are in it, and its content security policy forbids the rest. Text from
//! records is escaped wherever it stands ([`page::escape`]), and the policy allows one script, by its hash.
//!
//! **Determinism.** The same records give the same bytes: no clock, no random draw, no order of threads.

pub mod embedding;
mod error;
pub mod figure;
pub mod figures;
pub mod interval;
pub mod measures;
pub mod model_table;
pub mod number;
pub mod page;
pub mod palette;
pub mod plot;
#[cfg(feature = "png")]
mod png;
pub mod read;
pub mod results;
pub mod scale;
pub mod space;
pub mod spaces;

pub mod svg;
pub mod words;
pub mod write;

pub use error::ReportError;
pub use page::{Page, page};
pub use read::{Skipped, Study, home, read};
pub use write::write;
