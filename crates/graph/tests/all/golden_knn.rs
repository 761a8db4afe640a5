//! Item kNN graphs against the official implementation.

use anchorrec_graph::{ItemGraph, nearest_by_cosine};
use anchorrec_testkit::{assert_close, golden};
use ndarray::Array2;

const RELATIVE: f64 = 1e-9;

#[test]
fn golden_knn_graphs() {
    for file in golden::files(|name| name.starts_with("knn_graph")) {
        for (number, case) in file.value["cases"].as_array().expect("cases").iter().enumerate() {
            let name = |what: &str| format!("{} case {number} {what}", file.name);
            let features = golden::matrix(&case["features"]);
            let neighbours = nearest_by_cosine(&features, golden::count(&case["k"]));
            let indices = golden::index_lists(&case["topk_index"]);
            let cosines = golden::matrix(&case["topk_value"]);
            for (i, want) in indices.iter().enumerate() {
                let got: Vec<u32> = neighbours.of(i).iter().map(|n| n.0).collect();
                assert_eq!(&got, want, "{}", name("neighbours"));
            }
            let got = Array2::from_shape_fn(cosines.dim(), |(i, j)| neighbours.of(i)[j].1);
            assert_close(&name("cosines"), got.view(), cosines.view(), RELATIVE);
            let graph = ItemGraph::new(&neighbours);
            for key in ["sym", "sym_coalesced"] {
                let want = golden::sparse(&case[key]);
                assert_close(&name(key), graph.forward.to_dense().view(), want.view(), RELATIVE);
                assert_close(&name(key), graph.transpose.to_dense().view(), want.t(), RELATIVE);
            }
            let mut want = Array2::zeros((indices.len(), indices.len()));
            let values = golden::matrix(&case["freedom_vals"]);
            let edges = indices.iter().enumerate().flat_map(|(i, row)| row.iter().map(move |&j| (i, j as usize)));
            edges.zip(&values).for_each(|(edge, &value)| want[edge] = value);
            let graph = ItemGraph::unweighted(&neighbours);
            assert_close(&name("freedom_vals"), graph.forward.to_dense().view(), want.view(), RELATIVE);
        }
    }
}
