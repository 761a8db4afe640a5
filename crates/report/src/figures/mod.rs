//! The figures, a module for each kind.
//!
//! | module | what it shows |
//! |---|---|
//! | [`curves`] | terms of the objective and metrics, epoch by epoch |
//! | [`overlap`] | how much every two spaces agree |
//! | [`spectrum`] | singular values of each space |
//! | [`map`] | items where each space puts them, by PCA and by t-SNE |
//! | [`groups`] | accuracy for users and items with few and with many interactions |
//! | [`differences`] | variants against the reference, with intervals |
//! | [`tradeoff`] | accuracy of variants beside their neighbourhoods |

pub mod curves;
pub mod differences;
pub mod groups;
pub mod map;
pub mod overlap;
pub mod spectrum;
pub mod tradeoff;
