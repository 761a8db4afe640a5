//! A model that gives its users' positions as sums over their training items gives those that it scores by.

use crate::case::Data;
use anchorrec_models::MODELS;
use ndarray::Array2;

#[test]
fn sums_over_the_history_are_the_users_positions() {
    let mut given = Vec::new();
    for model in MODELS.iter() {
        let data = Data::<f32>::new(20, 30, [7, 5, 6], [true; 3], 4);
        let built = data.build(model, &model.defaults(), 1).expect("a model at its defaults");
        let Some(sums) = built.user_sums() else { continue };
        given.push(model.name());
        let users = built.embeddings().users.mapv(f64::from);
        let items: Array2<f64> = sums.items.mapv(f64::from);
        for (user, row) in sums.weights.outer_iterator().enumerate() {
            let mut sum = sums.own.row(user).mapv(f64::from);
            row.iter().for_each(|(item, &weight)| sum.scaled_add(f64::from(weight), &items.row(item)));
            // The same numbers added up in another order, in more digits.
            let size = users.row(user).iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            let distance = sum.iter().zip(users.row(user)).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
            assert!(distance <= 1e-6 * size, "{model}, user {user}: {distance} of {size}");
        }
    }
    assert_eq!(given, ["anchorrec", "freedom", "lightgcn"]);
}
