//! An analysis of four items and three users, solved by hand.

use anchorrec_data::{Dataset, Features, Findings, Interactions, Pair, Phantoms};
use anchorrec_recommender::{Embeddings, ItemSpace};
use anchorrec_trainer::analysis::analyse;
use anchorrec_trainer::config::ProtocolConfig;
use ndarray::array;
use std::sync::Arc;

fn dataset() -> Dataset {
    let pairs = |pairs: &[(u32, u32)]| pairs.iter().map(|&(user, item)| Pair { user, item }).collect();
    Dataset {
        name: "four".to_owned(),
        dir: ".".into(),
        interactions: Interactions {
            users: 3,
            items: 4,
            train: pairs(&[(0, 0), (1, 0), (1, 1), (2, 2)]),
            valid: pairs(&[(0, 1)]),
            test: pairs(&[(0, 2), (2, 3)]),
        },
        // The scored space below is this one, turned and stretched.
        features: Arc::new(Features {
            mm: None,
            text: Some(array![[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-1.0, 0.0]]),
            vision: None,
        }),
        item_ids: Some(["a", "b", "c", "d"].map(|id| Some(id.to_owned())).to_vec()),
        user_ids: None,
        titles: Some(vec![Some("A".to_owned()), None, Some("C".to_owned()), None]),
        inputs: Vec::new(),
        findings: Findings::default(),
        phantoms: Phantoms::default(),
        synthetic: false,
        unread: Vec::new(),
        unread_tables: Vec::new(),
        unread_columns: Vec::new(),
    }
}

#[test]
fn four_items_solved_by_hand() {
    let items = array![[0.0, 2.0], [-1.2, 1.6], [-2.0, 0.0], [0.0, -2.0]];
    let ids = array![[1.0, 0.0], [-1.0, 0.0], [0.9, 0.1], [-0.9, 0.1]];
    let spaces = [("final", &items), ("id", &ids)].map(|(name, rows)| ItemSpace { name, positions: rows.clone() });
    // Users look along the axes.
    let embeddings = Embeddings { users: array![[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], items };
    let dataset = dataset();
    let (analysis, users) =
        analyse(&dataset, &ProtocolConfig::default(), &embeddings, spaces.to_vec(), 7, "sha".to_owned());

    let names: Vec<&str> = analysis.spaces.iter().map(|space| space.name.as_str()).collect();
    assert_eq!(names, ["final", "id", "raw_text"]);
    // Every item has the three others as neighbours in every space, of the twenty that are asked for.
    assert_eq!(analysis.pair("raw_text", "final").unwrap().overlap, 3.0 / 20.0);
    let cka = analysis.pair("final", "raw_text").unwrap().cka.unwrap();
    assert!((cka - 1.0).abs() < 1e-6, "a turned and stretched copy: {cka}");
    // In the scored space nearest to a is b, to b a, to c b, to d c: text cosines 0.8, 0.8, 0.6, 0.
    let nearest = analysis.nearest[0];
    assert!((nearest.text.unwrap() - (0.8 + 0.8 + 0.6 + 0.0) / 4.0).abs() < 1e-6);
    assert_eq!(nearest.vision, None);
    // Co-bought over all splits: a with b, c (user 0); b with a, c; c with a, b, d; d with c. Neighbours b, a, b, c.
    assert_eq!(nearest.two_hop, (2.0 + 2.0 + 2.0 + 3.0) / 4.0);

    // User 0 is shown b to d without a; user 2 all but c.
    assert_eq!(users.users, [0, 2]);
    assert_eq!(users.top[0].len(), 3);
    assert!(!users.top[0].contains(&0) && !users.top[1].contains(&2));
    assert_eq!((users.recall[0], users.recall[1]), (1.0, 1.0));
    // 3 + 2 + 3 places; a 1, b 2, c 2, d 3 times.
    assert_eq!(analysis.catalogue.coverage, 1.0);
    let popularity = |counts: [f64; 4]| (2.0 * counts[0] + counts[1] + counts[2]) / counts.iter().sum::<f64>();
    let lift = popularity([1.0, 2.0, 2.0, 3.0]) / popularity([2.0, 1.0, 1.0, 0.0]);
    assert!((analysis.catalogue.popularity_lift - lift).abs() < 1e-12);

    assert_eq!(analysis.map.items.len(), 4);
    assert_eq!(analysis.map.spaces.iter().map(|space| space.name.as_str()).collect::<Vec<_>>(), ["final", "id"]);
    // Titled items alone, the rarer first: c has one training pair, a two.
    let examples: Vec<&str> = analysis.examples.iter().map(|example| example.of.id.as_str()).collect();
    assert_eq!(examples, ["c", "a"]);
    let a = &analysis.examples[1];
    assert_eq!((a.degree, a.spaces[0].neighbours[0].0.id.as_str()), (2, "b"));
    assert!((a.spaces[0].neighbours[0].1 - 0.8).abs() < 1e-6);
}
