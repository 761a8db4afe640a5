//! DA-MRS against the official implementation: denoised graphs, forward, the weights of the feedback, the discrimination's choices, the tables that
//! gradients pass.

use crate::checks;
use anchorrec_baselines::damrs::{DaMrs, Graphs, Settings};
use anchorrec_conformance::golden::{RELATIVE, Translation};
use anchorrec_graph::neighbours_by_users;
use anchorrec_kernels::rows::{gather, normalised};
use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, assert_close_scalar, random};
use ndarray::Array2;
use serde_json::Value;
use std::sync::Arc;

/// The model of the case with its first parameters.
fn model(case: &Case) -> DaMrs<f64> {
    let (translation, data, rng) = (Translation::of("damrs"), &case.data, &mut random::generator(0));
    let settings: Settings = translation.typed_settings(case);
    let [_, text, vision] = translation.features(case);
    let graphs = Graphs::new(data.users, data.items, &data.pairs, vision.as_ref(), text.as_ref(), &settings);
    let mut model = DaMrs::new(&settings, Arc::new(graphs), rng).expect("settings");
    translation.fill(case, model.params_mut());
    model
}

/// Image, text and behaviour, as the files name them and in our order.
const GRAPHS: [&str; 3] = ["v", "t", "s"];

fn row(values: impl IntoIterator<Item = f64>) -> Array2<f64> {
    let values: Vec<f64> = values.into_iter().collect();
    Array2::from_shape_vec((1, values.len()), values).expect("a row")
}

fn numbers(case: &Case, key: &str, got: impl IntoIterator<Item = f64>, want: &Value) {
    checks::tensor(case, key, &row(got), want);
}

#[test]
fn golden_damrs_graphs() {
    for case in Translation::of("damrs").cases() {
        let model = model(&case);
        let (graphs, expected, params) = (model.graphs(), &case.file["graph"], &case.file["params"]);
        checks::adjacency(&case, "norm_adj", &graphs.user_item);
        let agreeing = graphs.agreeing.as_ref().expect("two modalities");

        // All cosines, and those of pairs that agree.
        let tables = ["image_embedding.weight", "text_embedding.weight"].map(|key| golden::matrix(&params[key]));
        let cosines = tables.map(|table| normalised(&table).dot(&normalised(&table).t()));
        for ((key, cosines), mean) in ["v", "t"].into_iter().zip(&cosines).zip(&agreeing.means) {
            checks::tensor(&case, "C", cosines, &expected[format!("C_{key}")]);
            assert_close_scalar(&case.label("mu"), *mean, golden::number(&expected[format!("mu_{key}")]), RELATIVE);
        }
        let agrees = |at: (usize, usize)| cosines.iter().zip(&agreeing.means).all(|(c, &mean)| c[at] >= mean);
        for (key, cosines) in ["v", "t"].into_iter().zip(&cosines) {
            let kept = Array2::from_shape_fn(cosines.dim(), |at| if agrees(at) { cosines[at] } else { 0.0 });
            let want = golden::sparse(&expected[format!("kept_{key}")]);
            assert_close(&case.label("kept"), kept.view(), want.view(), RELATIVE);
        }
        let counts = |key: &str| golden::indices(&expected[key]).into_iter().map(|n| n as usize).collect::<Vec<_>>();
        assert_eq!(agreeing.candidates, counts("n_i"), "{}", case.name);
        for neighbours in &agreeing.neighbours {
            let kept: Vec<usize> = (0..case.data.items).map(|item| neighbours.of(item).len()).collect();
            assert_eq!(kept, counts("k_i"), "{}", case.name);
        }

        // The behaviour graph's lists come out of the training pairs, and the graphs out of the lists.
        let per_item = golden::count(&case.file["meta"]["session_per_item"]);
        let behaviour = neighbours_by_users::<f64>(case.data.users, case.data.items, &case.data.pairs, per_item);
        let lists = golden::index_lists(&case.file["session"]["neighbours"]);
        for (item, want) in lists.iter().enumerate() {
            let others: Vec<u32> = behaviour.of(item)[1..].iter().map(|n| n.0).collect();
            assert_eq!(&others, want, "{}: item {item}", case.name);
        }
        for (key, graph) in ["G_v", "G_t", "S"].into_iter().zip(&graphs.items) {
            let want = golden::sparse(&expected[key]);
            assert_close(&case.label(key), graph.forward.to_dense().view(), want.view(), RELATIVE);
            assert_close(&case.label(key), graph.transpose.to_dense().t(), want.view(), RELATIVE);
        }
    }
}

#[test]
fn golden_damrs() {
    for case in Translation::of("damrs").cases() {
        let (model, forward) = (model(&case), &case.file["forward"]);
        let (c_users, c_items) = model.collaborative();
        checks::tensor(&case, "C_u", &c_users, &forward["C_u"]);
        checks::tensor(&case, "C_i", &c_items, &forward["C_i"]);
        let tables = model.by_graph();
        for (key, table) in GRAPHS.iter().zip(&tables) {
            checks::tensor(&case, key, table, &forward[format!("h_{key}")]);
        }
        let h_mean = (&tables[0] + &tables[1] + &tables[2]) / 3.0;
        checks::tensor(&case, "h_mean", &h_mean, &forward["h_mean"]);
        checks::embeddings(&case, &model.embeddings());

        // The batch: its distinct users and items, and what the graphs think of its pairs.
        let batch = checks::first_batch(&case);
        let encoded = model.encode(&batch);
        assert_eq!(encoded.users.ids, golden::indices(&forward["batch_users"]), "{}", case.name);
        assert_eq!(encoded.items.items, golden::indices(&forward["batch_items"]), "{}", case.name);
        for (m, key) in GRAPHS.iter().enumerate() {
            numbers(&case, "x", encoded.of_positives[m].to_vec(), &forward["x"][*key]);
            numbers(&case, "y", encoded.of_negatives[m].to_vec(), &forward["y"][*key]);
        }
        let feedback = &encoded.feedback;
        numbers(&case, "mu", feedback.means.clone(), &forward["mu"]);
        numbers(&case, "v", feedback.variances.clone(), &forward["v"]);
        numbers(&case, "x_max", feedback.largest.clone(), &forward["x_max"]);
        numbers(&case, "w_pos", feedback.towards.to_vec(), &forward["w_pos"]);
        numbers(&case, "w_neg", feedback.away.to_vec(), &forward["w_neg"]);
        let n_mean = golden::number(&forward["n_mean"]);
        assert_close_scalar(&case.label("n_mean"), feedback.of_negatives, n_mean, RELATIVE);

        // The alignment of users.
        let users = gather(&c_users, &encoded.users.ids);
        for (key, view) in [("sigma_alpha", &c_items), ("sigma_beta", &h_mean)] {
            let scores = users.dot(&normalised(&gather(view, &encoded.items.items)).t());
            checks::tensor(&case, key, &scores.mapv(|x| 1.0 / (1.0 + (-x).exp())), &forward[key]);
        }

        // The discrimination.
        let found = model.discriminate(&encoded);
        for (m, key) in GRAPHS.iter().enumerate() {
            let of = |name: &str| &forward[format!("{name}_{key}")];
            let (rows, unit) = (&found.rows[m], normalised(&tables[m]));
            let mut pi = gather(&unit, &encoded.items.items).dot(&unit.t()).mapv(f64::exp);
            for (mut pi, row) in pi.rows_mut().into_iter().zip(rows) {
                pi /= row.normaliser;
            }
            checks::tensor(&case, "pi", &pi, of("pi"));
            let sorted = |items: &[u32]| {
                let mut items = items.to_vec();
                items.sort_unstable();
                items
            };
            let chosen = |of: fn(&anchorrec_losses::neighbour_discrimination::Row) -> &[u32]| {
                rows.iter().map(|row| sorted(of(row))).collect::<Vec<_>>()
            };
            assert_eq!(chosen(|row| &row.first), golden::index_lists(of("P")), "{} P_{key}", case.name);
            assert_eq!(chosen(|row| &row.next), golden::index_lists(of("Q")), "{} Q_{key}", case.name);
            numbers(&case, "T", rows.iter().map(|row| row.near + row.far), of("T"));
            numbers(&case, "M", rows.iter().map(|row| row.near), of("M"));
            numbers(&case, "Q_sum", rows.iter().map(|row| row.beside), of("Q_sum"));
            numbers(&case, "nd_rows", rows.iter().map(|row| row.cost), of("nd_rows"));
            let want = golden::number(&case.file["losses"][format!("nd_{key}")]);
            assert_close_scalar(&case.label("nd"), found.by_view[m], want, RELATIVE);
        }

        // What comes back to each table, one by one; rows of the batch stand among zeros.
        let sent = model.sent_back(&encoded);
        let spread = |ids: &[u32], d: &Array2<f64>, count: usize| {
            let mut all = Array2::zeros((count, d.ncols()));
            ids.iter().zip(d.rows()).for_each(|(&id, d)| all.row_mut(id as usize).assign(&d));
            all
        };
        let of_items = |d: &Array2<f64>| spread(&encoded.items.items, d, c_items.nrows());
        let backward = &case.file["backward"];
        let check = |key: &str, d: &Array2<f64>| checks::tensor(&case, &format!("d {key}"), d, &backward[key]);
        check("C_u", &spread(&encoded.users.ids, &sent.c_users, c_users.nrows()));
        check("C_i", &of_items(&sent.c_items));
        check("h_mean", &of_items(&sent.h_mean));
        for (key, d) in GRAPHS.iter().zip(&sent.by_graph) {
            check(&format!("h_{key}"), d);
        }
    }
}
