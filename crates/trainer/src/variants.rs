//! The variants that an ablation trains: the method without one of its parts, controls, and the models it is compared with.

use crate::config::ModelKind;

/// A variant of the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its short name.
    pub name: &'static str,
    /// What is different in it.
    pub about: &'static str,
    /// The model.
    pub model: ModelKind,
    /// Settings over the model's own, as `path=value`.
    pub settings: &'static [&'static str],
}

const fn ablation(name: &'static str, about: &'static str, settings: &'static [&'static str]) -> Variant {
    Variant { name, about, model: ModelKind::AnchorRec, settings }
}

const fn contrast(model: ModelKind, about: &'static str) -> Variant {
    Variant { name: model.name(), about, model, settings: &[] }
}

/// The whole method, which the others are compared with.
pub const REFERENCE: Variant = ablation("anchorrec", "the whole method", &[]);

/// The method without a part, or with a control.
pub const ABLATIONS: &[Variant] = &[
    ablation("no-aal", "without the alignment terms", &["anchorrec.weights.align=0.0"]),
    ablation("no-amp", "without AMP, which keeps each modality in shape", &["anchorrec.weights.amp=0.0"]),
    ablation(
        "no-projections",
        "aligned directly in the embeddings' own space, without heads and decoder",
        &["anchorrec.space=embedding", "anchorrec.mix.of=encodings", "anchorrec.train_input_heads=true"],
    ),
    ablation("no-ui", "without the UI term", &["anchorrec.weights.ui=0.0"]),
    ablation(
        "no-decoder",
        "without the decoded anchor in the item's final embedding",
        &["anchorrec.decoder_weight=0.0"],
    ),
    ablation("vision-only", "vision is the only modality, and the anchor", &["features.modalities=vision"]),
    ablation("text-only", "text is the only modality, and the anchor", &["features.modalities=text"]),
    ablation("random-features", "features are independent normal numbers", &["features.content=random"]),
    ablation("shuffled-features", "every item has the features of another", &["features.content=shuffled"]),
    ablation("frozen-targets", "AMP compares with the raw features for ever", &["anchorrec.targets=frozen"]),
    ablation("shared-targets", "AMP compares with the features as they are trained", &["anchorrec.targets=shared"]),
    ablation(
        "aligned-encodings",
        "the second alignment term reaches the encoders of text and vision",
        &["anchorrec.mix.of=encodings", "anchorrec.train_input_heads=true"],
    ),
];

/// The other models.
pub const CONTRASTS: &[Variant] = &[
    contrast(ModelKind::AlignRec, "fused features aligned directly with the ID space"),
    contrast(ModelKind::Freedom, "a frozen item graph of text and vision, a pruned user-item graph"),
    contrast(ModelKind::Bm3, "embeddings and features aligned by self-supervision, no negatives"),
    contrast(ModelKind::Vbpr, "raw features beside the item embeddings, no graph"),
    contrast(ModelKind::LightGcn, "collaborative signal alone"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConfigLayers;

    #[test]
    fn every_variant_is_a_configuration_that_differs_from_the_method() {
        let configuration = |variant: &Variant| {
            let mut layers = ConfigLayers::new();
            variant.settings.iter().try_for_each(|assignment| layers.set(assignment)).unwrap();
            let mut config = layers.finish().unwrap();
            config.model = variant.model;
            config.check().unwrap_or_else(|error| panic!("{}: {error}", variant.name))
        };
        let method = configuration(&REFERENCE);
        for variant in ABLATIONS.iter().chain(CONTRASTS) {
            // One of the two target modes is the default.
            let is_default = variant.name == "shared-targets";
            assert_eq!(configuration(variant) == method, is_default, "{}", variant.name);
        }
    }
}
