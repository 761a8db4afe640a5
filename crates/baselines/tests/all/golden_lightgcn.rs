//! LightGCN's graph against the official implementation.

use crate::checks;
use anchorrec_conformance::golden::Translation;
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;

#[test]
fn golden_lightgcn_graph() {
    for case in Translation::of("lightgcn").cases() {
        let graph = UserItemGraph::new(case.data.users, case.data.items, &case.data.pairs, DegreeOffset::Tiny);
        checks::adjacency(&case, "norm_adj", &graph);
    }
}
