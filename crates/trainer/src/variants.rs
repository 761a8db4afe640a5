//! The variants that an ablation trains: a model without one of its parts, controls, and the models it is compared with.
//!
//! What can be taken from a model stands on its [card](anchorrec_recommender::Card); the controls here change what it is given, so they
//! are the same for every model.

use anchorrec_recommender::{Model, ModelList, Variation};

/// A variant of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The variant's short name.
    pub name: &'static str,
    /// What is different in the variant.
    pub about: &'static str,
    /// The model.
    pub model: &'static dyn Model,
    /// Settings over the model's own, as `path=value`.
    pub settings: &'static [&'static str],
}

/// Variants that change what a model is given, for any model.
pub const CONTROLS: &[Variation] = &[
    Variation::new("vision-only", "vision is the only modality, and the anchor", &["features.modalities=vision"]),
    Variation::new("text-only", "text is the only modality, and the anchor", &["features.modalities=text"]),
    Variation::new("random-features", "features are independent normal numbers", &["features.content=random"]),
    Variation::new("shuffled-features", "every item has the features of another", &["features.content=shuffled"]),
];

/// Returns the whole model, which the others are compared with.
pub fn reference(model: &'static dyn Model) -> Variant {
    Variant { name: model.name(), about: "the whole method", model, settings: &[] }
}

/// Returns the model without a part, with a control, or with a part done another way.
pub fn ablations(model: &'static dyn Model) -> Vec<Variant> {
    let card = model.card();
    let all = card.ablations.iter().chain(CONTROLS).chain(card.alternatives);
    all.map(|&Variation { name, about, settings }| Variant { name, about, model, settings }).collect()
}

/// Returns the other models of the list.
pub fn contrasts(models: ModelList, to: &dyn Model) -> Vec<Variant> {
    let contrast =
        |model: &'static dyn Model| Variant { name: model.name(), about: model.card().about, model, settings: &[] };
    models.others(to).map(contrast).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CheckedConfig, ConfigLayers};
    use anchorrec_models::MODELS;

    fn configuration(variant: &Variant) -> CheckedConfig {
        let mut layers = ConfigLayers::new(MODELS);
        variant.settings.iter().try_for_each(|assignment| layers.set(assignment)).unwrap();
        let mut config = layers.finish().unwrap();
        config.model = variant.model;
        config.check().unwrap_or_else(|error| panic!("{}: {error}", variant.name))
    }

    #[test]
    fn every_variant_is_a_configuration_that_differs_from_the_method() {
        for model in MODELS.iter() {
            let method = configuration(&reference(model));
            for variant in ablations(model).iter().chain(&contrasts(MODELS, model)) {
                // Of a part that can be done in several ways one is the default.
                let may_be_the_default = model.card().alternatives.iter().any(|one| one.name == variant.name);
                assert!(may_be_the_default || configuration(variant) != method, "{model}: {}", variant.name);
            }
        }
    }

    #[test]
    fn variants_of_a_model_have_names_of_their_own() {
        for model in MODELS.iter() {
            let mut names: Vec<&str> = ablations(model).iter().map(|variant| variant.name).collect();
            names.extend(MODELS.names());
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{model}");
        }
    }
}
