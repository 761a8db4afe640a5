//! Every weight says what its rows stand for, so that a run can start from the weights of another one after users and items have come and gone.
//!
//! What says that it is a layer has the same shape whatever the number of users and items; what says that it is a table has a row for each of
//! them; a table of features begins as they are, whatever the seed. Two data sets of different sizes tell them apart.

use crate::case::Data;
use anchorrec_encoders::{Params, RowsOf};
use anchorrec_models::MODELS;

const SIZES: [(usize, usize); 2] = [(20, 30), (23, 37)];

#[test]
fn every_weight_is_a_layer_or_a_table_of_users_or_items() {
    let [small, large] = SIZES.map(|(users, items)| Data::<f32>::new(users, items, [7, 5, 6], [true; 3], 4));
    for model in MODELS.iter() {
        let params = |data: &Data<f32>, seed| -> Params<f32> {
            let built = data.build(model, &model.defaults(), seed).expect("a model at its defaults");
            built.params().clone()
        };
        let (first, again, other) = (params(&small, 1), params(&small, 2), params(&large, 1));
        assert!(first.iter().any(|p| p.rows == RowsOf::Users) && first.iter().any(|p| p.rows == RowsOf::Items));
        for (parameter, other) in first.iter().zip(other.iter()) {
            let name = format!("{model}: {}", parameter.name);
            assert_eq!((&parameter.name, parameter.rows), (&other.name, other.rows), "{name}");
            let shapes = [parameter.value.dim(), other.value.dim()];
            match parameter.rows {
                RowsOf::Layer => assert_eq!(shapes[0], shapes[1], "{name}"),
                RowsOf::Users => assert_eq!(shapes.map(|shape| shape.0), SIZES.map(|size| size.0), "{name}"),
                RowsOf::Items | RowsOf::Features => {
                    assert_eq!(shapes.map(|shape| shape.0), SIZES.map(|size| size.1), "{name}");
                }
            }
            assert!(parameter.rows == RowsOf::Layer || shapes[0].1 == shapes[1].1, "{name}");
        }
        for (parameter, again) in first.iter().zip(again.iter()).filter(|(p, _)| p.rows == RowsOf::Features) {
            assert_eq!(parameter.value, again.value, "{model}: {} is drawn, not given", parameter.name);
        }
    }
}
