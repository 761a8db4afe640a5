//! SMORE against the official implementation, with recorded dropout: graphs, every table of the forward pass, loss terms, gradients, scores.

use crate::checks::{self, RELATIVE};
use crate::official::smore as official;
use crate::official::smore::{PARAMETERS, TERMS};
use anchorrec_graph::nearest_by_cosine;
use anchorrec_recommender::Recommender;
use anchorrec_testkit::{assert_close, golden};
use ndarray::{Array2, s};

#[test]
fn golden_smore() {
    for case in official::cases() {
        checks::parameters_are_known(&case, PARAMETERS);
        let recorded = official::model(&case);
        let model = &recorded.model;
        let (expected, settings) = (&case.file["graph"], official::settings(&case));
        checks::adjacency(&case, "norm_adj", &model.graphs().user_item);
        let r = golden::sparse(&expected["R"]);
        let user_item = &model.graphs().user_item;
        assert_close(&case.label("R"), user_item.users_to_items.to_dense().view(), r.view(), RELATIVE);
        let neighbours = [settings.vision_neighbours, settings.text_neighbours];
        for (name, (features, k)) in ["T_v", "T_t"].into_iter().zip(official::features(&case).iter().zip(neighbours)) {
            let nearest = nearest_by_cosine(features, k);
            let mut dense = Array2::zeros((case.data.items, case.data.items));
            for i in 0..case.data.items {
                nearest.of(i).iter().for_each(|&(j, cosine)| dense[[i, j as usize]] = cosine);
            }
            assert_close(&case.label(name), dense.view(), golden::sparse(&expected[name]).view(), RELATIVE);
        }
        let graphs = model.graphs().items.as_ref().expect("both modalities");
        for (name, graph) in ["S_v", "S_t", "S_f"].into_iter().zip(graphs) {
            let want = golden::sparse(&expected[name]);
            assert_close(&case.label(name), graph.forward.to_dense().view(), want.view(), RELATIVE);
            assert_close(&case.label(name), graph.transpose.to_dense().t(), want.view(), RELATIVE);
        }

        let forward = &case.file["forward"];
        let check = |key: &str, got: &Array2<f64>| checks::tensor(&case, key, got, &forward[key]);
        let content = model.content();
        let [users, items] = [case.data.users, case.data.items].map(|n| (0..n as u32).collect::<Vec<u32>>());
        let masks = recorded.masks(0);
        let encodings = model.encode(&content, &users, &items, masks);
        let (mixed, filtered) = (&encodings.mixed, &content.filtered);
        let embedding = golden::matrix(&case.file["params"]["item_id_embedding.weight"]);
        for (m, name) in ["v", "t", "f"].into_iter().enumerate() {
            if m < 2 {
                check(&format!("x_{name}"), &content.projected[m]);
                let (key, spectrum) = (format!("X_{name}"), &filtered.spectra[m]);
                let frequencies = spectrum.ncols() / 2;
                checks::tensor(&case, &key, &spectrum.slice(s![.., ..frequencies]).to_owned(), &forward[&key]["re"]);
                checks::tensor(&case, &key, &spectrum.slice(s![.., frequencies..]).to_owned(), &forward[&key]["im"]);
                check(&format!("a_{name}"), &mixed.attention[m]);
                check(&format!("agg_{name}"), &(&mixed.attention[m] * &encodings.content[m]));
            }
            check(&format!("y_{name}"), &filtered.values[m]);
            check(&format!("g_{name}"), &content.gates[m]);
            check(&format!("e_{name}"), &(&content.gates[m] * &embedding));
            check(&format!("z_{name}"), &content.propagated[m]);
            check(&format!("M_{name}"), &encodings.content[m]);
            check(&format!("q_{name}_before_dropout"), &mixed.preferences[m]);
            let kept = masks.map_or_else(|| mixed.preferences[m].clone(), |masks| &mixed.preferences[m] * &masks[m]);
            check(&format!("q_{name}"), &kept);
        }
        check("C", &encodings.id);
        check("side", &mixed.side);
        let z = &encodings.id + &mixed.side;
        check("final_user", &z.slice(s![..users.len(), ..]).to_owned());
        check("final_item", &z.slice(s![users.len().., ..]).to_owned());
        checks::scores(&case, &recorded);

        let step = recorded.step(&checks::first_batch(&case));
        checks::losses(&case, &step, TERMS);
        checks::gradients(&case, &recorded, &step, PARAMETERS);
        checks::later_batches(&case, &recorded, TERMS);
        for name in ["vision.filter", "text.filter", "fusion.filter"] {
            let id = recorded.params().id(name).expect(name);
            let d = step.gradients.to_dense(id, recorded.params());
            assert_eq!(d[[0, 1]], 0.0, "{}: the imaginary part of a mean has no effect", case.name);
            if settings.embedding_dim % 2 == 0 {
                assert_eq!(d[[d.nrows() - 1, 1]], 0.0, "{}: nor that of the highest frequency", case.name);
            }
        }
    }
}
