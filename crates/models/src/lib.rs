#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! The list of all models: the only place that names them all.
//!
//! A model is a folder that declares a `Spec`, and one line here. Commands, searches, tables and pages iterate over [`MODELS`].

use anchorrec_recommender::ModelList;

/// All models, in the order in which tables show them; the first is the default.
#[cfg(feature = "baselines")]
pub static MODELS: ModelList = ModelList::new(&[
    &anchorrec_align::Spec,
    &anchorrec_baselines::alignrec::Spec,
    &anchorrec_baselines::damrs::Spec,
    &anchorrec_baselines::smore::Spec,
    &anchorrec_baselines::lgmrec::Spec,
    &anchorrec_baselines::freedom::Spec,
    &anchorrec_baselines::lattice::Spec,
    &anchorrec_baselines::bm3::Spec,
    &anchorrec_baselines::vbpr::Spec,
    &anchorrec_baselines::lightgcn::Spec,
    &anchorrec_baselines::bprmf::Spec,
]);

/// The paper's model alone, in a build without the feature `baselines`.
#[cfg(not(feature = "baselines"))]
pub static MODELS: ModelList = ModelList::new(&[&anchorrec_align::Spec]);
