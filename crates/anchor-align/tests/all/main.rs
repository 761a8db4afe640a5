//! AnchorRec as a whole, from outside of its crate.

mod golden_anchorrec;
mod gradients;
mod official;
mod wide_frozen_targets;
