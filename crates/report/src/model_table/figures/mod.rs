//! The figures of a data set.
//!
//! | module | what it shows |
//! |---|---|
//! | `standing` | accuracy of every row with its interval, tuned and published side by side |
//! | `tested` | differences from the reference |
//! | `degrees` | accuracy for users and items with few and with many interactions |
//! | `kept` | accuracy against how much of a modality is kept |
//! | `cost` | accuracy against seconds and memory |
//! | `marks` | which mark and colour a kind of row has, everywhere |
//! | `scatter` | a plot of named points |

mod cost;
mod degrees;
mod kept;
mod marks;
mod scatter;
mod standing;
mod tested;

pub(super) use cost::cost;
pub(super) use degrees::degrees;
pub(super) use kept::kept;
pub(super) use standing::standing;
pub(super) use tested::differences;
