//! The parts of a score sum to the score.

use crate::client::{get, post};
use crate::shop::{ITEMS, Opened, Shop, USERS, embeddings, served};
use anchorrec_data::{Dataset, Split};
use anchorrec_recommender::{Embeddings, UserSums};
use anchorrec_retrieval::fold_in::Way;
use anchorrec_serve::{About, Served};
use anchorrec_testkit::random;
use ndarray::Array2;
use serde_json::Value;
use sprs::TriMat;

/// Checks that each score of an answer is the sum of what is told of it. Scores are made in 32 bits.
#[track_caller]
fn sums(answer: &Value, of: &str) {
    let why = &answer["why"];
    assert_eq!(why["of"], of, "{answer}");
    let (items, lists) = (answer["items"].as_array().unwrap(), why["lists"].as_array().unwrap());
    assert!(!items.is_empty() && items.len() == lists.len());
    for (item, reasons) in items.iter().zip(lists) {
        assert_eq!(item["item"], reasons["item"]);
        let parts: Vec<f64> =
            reasons["parts"].as_array().unwrap().iter().map(|part| part["part"].as_f64().unwrap()).collect();
        assert!(parts.is_sorted_by(|one, other| one.abs() >= other.abs()) && parts.len() <= 5, "{parts:?}");
        let (rest, others) = (reasons["rest"].as_f64().unwrap(), reasons["others"].as_f64().unwrap_or_default());
        let sum = rest + others + parts.iter().sum::<f64>();
        let score = item["score"].as_f64().unwrap();
        assert!((sum - score).abs() <= 1e-5 * score.abs().max(1.0), "{sum}, {score}");
    }
}

#[test]
fn a_new_users_items_make_the_whole_score_whatever_the_way() {
    for way in Way::ALL {
        let shop = Shop::with(Opened::default(), move |folder| {
            let dataset = Dataset::load(folder.path())?;
            Served::by_vectors(About::default(), &dataset, embeddings(1), None, way, vec![])
        });
        let answer =
            post(shop.address, "/recommend", r#"{"items":["i1","i30","i7","i8","i9","i10","i11"],"why":true}"#).json();
        sums(&answer, "fold-in");
        assert_eq!(answer["why"]["lists"][0]["rest"], 0.0);
    }
}

#[test]
fn a_known_users_items_make_the_score_beside_its_own_vector_where_the_model_is_a_sum() {
    let shop = Shop::with(Opened::default(), |folder| {
        let dataset = Dataset::load(folder.path())?;
        let rng = &mut random::generator(5);
        let mut table = |rows| random::matrix(rows, 16, rng).mapv(|x| x as f32);
        let (own, given, items): (Array2<f32>, Array2<f32>, Array2<f32>) = (table(USERS), table(ITEMS), table(ITEMS));
        let train = dataset.interactions.by_user(Split::Train);
        let mut weights = TriMat::new((USERS, ITEMS));
        let mut users = own.clone();
        for user in 0..USERS {
            for (place, &item) in train.of(user as u32).iter().enumerate() {
                let weight = 1.0 / (place + 2) as f32;
                weights.add_triplet(user, item as usize, weight);
                users.row_mut(user).scaled_add(weight, &given.row(item as usize));
            }
        }
        let sums = UserSums { own, weights: weights.to_csr(), items: given };
        let embeddings = Embeddings { users, items };
        Served::by_vectors(About::default(), &dataset, embeddings, Some(sums), Way::Mean, vec![])
    });
    for user in 0..USERS - 1 {
        sums(&get(shop.address, &format!("/recommend?user=u{user}&why=true")).json(), "model");
    }
}

#[test]
fn a_model_that_is_no_sum_says_so_and_makes_nothing_up() {
    let shop = Shop::with(Opened::default(), |folder| Ok(served(folder, 1)));
    let answer = get(shop.address, "/recommend?user=u1&why=true").json();
    assert_eq!(answer["why"], serde_json::json!({ "of": "none", "lists": [] }));
    assert!(get(shop.address, "/recommend?user=u1").json()["why"].is_null());
    assert!(get(shop.address, "/recommend?user=x&why=true&fallback=popular").json()["why"].is_null());
}
