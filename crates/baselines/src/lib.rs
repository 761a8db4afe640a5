#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! The models AnchorRec is compared with, each a folder of its own with `settings` and `model`.
//!
//! | module | model | source |
//! |---|---|---|
//! | [`alignrec`] | content aligned to the ID embedding directly | Liu et al., CIKM 2024, arXiv 2403.12384 |
//! | [`damrs`] | item graphs on which modalities agree, feedback weighed by them | Xv et al., KDD 2024 |
//! | [`freedom`] | a frozen item graph, a pruned interaction graph | Zhou, Shen, ACM MM 2023, arXiv 2211.06924 |
//! | [`lattice`] | an item graph learned from trainable features | Zhang et al., ACM MM 2021, arXiv 2104.09036 |
//! | [`smore`] | text and image features filtered and fused in the frequency domain | Ong, Khong, WSDM 2025, arXiv 2412.14978 |
//! | [`lgmrec`] | features over the interaction graph, and a hypergraph of each modality | Guo et al., AAAI 2024, arXiv 2312.16400 |
//! | [`lightgcn`] | collaborative signal alone | He et al., SIGIR 2020, arXiv 2002.02126 |
//! | [`vbpr`] | frozen features beside the item embeddings, no graph | He & McAuley, AAAI 2016, arXiv 1510.01784 |
//! | [`bprmf`] | matrix factorisation: no graph, no features | Rendle et al., UAI 2009, arXiv 1205.2618 |
//! | [`bm3`] | embeddings and trainable features aligned by self-supervision, no negatives | Zhou et al., WWW 2023, arXiv 2207.05969 |
//!
//! Adding one touches no other: a folder declares a `Spec` ([`anchorrec_recommender::ModelSpec`]) and builds a
//! [`anchorrec_recommender::Recommender`], and that is all a trainer sees.

mod absent;
pub mod alignrec;
pub mod bm3;
pub mod bprmf;
pub mod damrs;
mod draws;
pub mod freedom;
mod interactions;
pub mod lattice;
pub mod lgmrec;
pub mod lightgcn;
mod sides;
pub mod smore;
pub mod vbpr;
