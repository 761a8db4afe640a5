//! What a run is made of: two runs with the same identity and the same seed compute the same bits.
//!
//! Only what the model reads is part of it: not the settings of other models, and not which other seeds are trained beside. So more seeds
//! join the folder of those that are there, and a model or a setting that a later version adds moves nobody's runs.

use crate::config::{CheckedConfig, RunConfig};
use crate::numerics;
use anchorrec_data::Input;
use anchorrec_kernels::arithmetic;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The name of the arithmetic that is the same everywhere.
const PORTABLE: &str = "portable";

/// Version, numerics, arithmetic, configuration and data of a run. Threads, folders and the time of day are not part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Version of this software.
    pub version: String,
    /// The [revision of its numerics](crate::numerics); empty in runs from before there was one.
    #[serde(default)]
    pub numerics: String,
    /// The [arithmetic](anchorrec_kernels::arithmetic) that computes: the instruction set or `portable`; empty in runs from before it was kept.
    #[serde(default)]
    pub arithmetic: String,
    /// The configuration; seeds and the settings of other models are at their defaults.
    pub config: RunConfig,
    /// The SHA-256 of each input by its file name.
    pub inputs: BTreeMap<String, String>,
}

impl Identity {
    /// Makes the identity of a job in this process, by the arithmetic that was chosen.
    pub fn new(config: &CheckedConfig, inputs: &[Input]) -> Self {
        Identity {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            numerics: numerics::of(config.model.name(), arithmetic::name()),
            arithmetic: arithmetic::name().to_owned(),
            config: config.read_by_model(),
            inputs: inputs.iter().map(|input| (input.name.clone(), input.sha256.clone())).collect(),
        }
    }

    /// Eight hexadecimal digits that name the run's folder: the same run has the same folder, another has another. They are made of the
    /// version, the revision of the numerics, the model, the inputs, the settings that are not at their defaults, and whether arithmetic is portable.
    ///
    /// Instruction sets are left out, so that a run has the same name on every machine; a [folder](crate::run_folder) that is asked to
    /// go on with another one refuses.
    pub fn short_name(&self) -> String {
        let settings = |config: RunConfig| Identity {
            version: String::new(),
            numerics: String::new(),
            arithmetic: String::new(),
            config,
            inputs: BTreeMap::new(),
        };
        let mut unusual = settings(self.config.clone()).differences_from(&settings(RunConfig::default()));
        if self.arithmetic == PORTABLE {
            unusual.push("arithmetic is portable".to_owned());
        }
        // The first revision is left out: names from before there were revisions stay.
        if numerics::REVISION > 1 {
            unusual.push(format!("numerics is {}", numerics::REVISION));
        }
        let made_of = (&self.version, self.config.model.name(), unusual, &self.inputs);
        let json = serde_json::to_string(&made_of).expect("names and values are JSON");
        Sha256::digest(json).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether this is the same but for more epochs.
    pub fn is_longer_than(&self, other: &Identity) -> bool {
        let epochs = self.config.train.epochs;
        let mut longer = other.clone();
        longer.config.train.epochs = epochs;
        other.config.train.epochs < epochs && longer == *self
    }

    /// What is different in `other`, a line each: `train.learning_rate is 0.001, was 0.002`.
    pub fn differences_from(&self, other: &Identity) -> Vec<String> {
        let leaves = |identity: &Identity| {
            let mut leaves = BTreeMap::new();
            let kept = [("numerics", &identity.numerics), ("arithmetic", &identity.arithmetic)];
            for (path, value) in kept.into_iter().filter(|(_, value)| !value.is_empty()) {
                leaves.insert(path.to_owned(), value.clone());
            }
            collect("version", &Value::from(identity.version.clone()), &mut leaves);
            collect("", &serde_json::to_value(&identity.config).expect("a configuration is JSON"), &mut leaves);
            for (name, sha256) in &identity.inputs {
                let short = sha256.get(..8).unwrap_or(sha256);
                leaves.insert(format!("the file {name}"), format!("sha256 {short}..."));
            }
            leaves
        };
        let (ours, theirs) = (leaves(self), leaves(other));
        let mut keys: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        let said = |value: Option<&String>| value.map_or("absent".to_owned(), Clone::clone);
        keys.into_iter()
            .filter(|key| ours.get(*key) != theirs.get(*key))
            .map(|key| format!("{key} is {}, was {}", said(ours.get(key)), said(theirs.get(key))))
            .collect()
    }
}

fn collect(path: &str, value: &Value, leaves: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(&path, value, leaves);
            }
        }
        value => {
            leaves.insert(path.to_owned(), value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn differences_are_named() {
        let input = |name: &str, sha256: &str| Input {
            name: name.to_owned(),
            path: PathBuf::from("d").join(name),
            bytes: 1,
            sha256: sha256.into(),
        };
        let config = RunConfig::default().check().unwrap();
        let old = Identity::new(&config, &[input("a.inter", "0123456789"), input("mm_feat.npy", "aa")]);
        assert_eq!(old.differences_from(&old), [""; 0]);
        let mut changed = RunConfig::default();
        changed.train.learning_rate = 0.5;
        let new = Identity::new(&changed.check().unwrap(), &[input("a.inter", "9876543210")]);
        assert_eq!(
            new.differences_from(&old),
            [
                "the file a.inter is sha256 98765432..., was sha256 01234567...",
                "the file mm_feat.npy is absent, was sha256 aa...",
                "train.learning_rate is 0.5, was 0.001",
            ]
        );
        assert_ne!(new.short_name(), old.short_name());
    }

    #[test]
    fn arithmetic_and_numerics_are_part_of_it() {
        let here = Identity::new(&RunConfig::default().check().unwrap(), &[]);
        assert!(!here.arithmetic.is_empty() && !here.numerics.is_empty());
        let portable = Identity { arithmetic: PORTABLE.to_owned(), ..here.clone() };
        assert_ne!(portable.short_name(), here.short_name());
        assert_eq!(portable.differences_from(&here), [format!("arithmetic is portable, was {}", here.arithmetic)]);
        let before = Identity { numerics: String::new(), ..here.clone() };
        assert_eq!(here.differences_from(&before), [format!("numerics is {}, was absent", here.numerics)]);
        let kept: Identity = serde_json::from_str(&serde_json::to_string(&portable).unwrap()).unwrap();
        assert_eq!(kept, portable);
    }

    #[test]
    fn what_the_model_does_not_read_is_no_part_of_it() {
        let name = |change: fn(&mut RunConfig)| {
            let mut config = RunConfig::default();
            change(&mut config);
            Identity::new(&config.check().unwrap(), &[]).short_name()
        };
        let plain = name(|_| ());
        assert_eq!(name(|config| config.train.seeds = vec![1, 2]), plain);
        assert_eq!(name(|config| config.lightgcn.layers = 7), plain);
        assert_ne!(name(|config| config.anchorrec.item_layers = 7), plain);
        assert_ne!(name(|config| config.model = crate::ModelKind::LightGcn), plain);
    }
}
