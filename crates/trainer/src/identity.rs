//! What a run is made of: two runs with the same identity and the same seed compute the same bits.
//!
//! Only what the model reads is part of it: not the settings of other models, and not which other seeds are trained beside. So more seeds
//! join the folder of those that are there, and a new model or setting in a later version changes no existing run.

use crate::bounded;
use crate::config::{CheckedConfig, RunConfig};
use crate::numerics;
use crate::origin::Origin;
use anchorrec_data::Input;
use anchorrec_files::fingerprint;
use anchorrec_kernels::arithmetic;
use anchorrec_records::Report;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The tables of settings that every model reads.
const COMMON: [&str; 4] = ["model", "train", "protocol", "features"];

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
    /// The [arithmetic] that computes: the instruction set or `portable`; empty in runs from before it was kept.
    #[serde(default)]
    pub arithmetic: String,
    /// The configuration as a table: what the model reads of it, seeds at their default.
    #[serde(deserialize_with = "bounded::settings")]
    pub config: Value,
    /// The SHA-256 of each input by its file name.
    pub inputs: BTreeMap<String, String>,
    /// The other runs that this run builds on.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
    /// The defaults of what the model reads; what a file was written without is at them. They are no part of what is written or compared.
    #[serde(skip)]
    defaults: Defaults,
}

/// Defaults by path. All are the same when identities are compared.
#[derive(Clone, Debug, Default)]
struct Defaults(BTreeMap<String, String>);

impl PartialEq for Defaults {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Identity {
    /// Makes the identity of a job in this process, by the arithmetic that was chosen.
    pub fn new(config: &CheckedConfig, inputs: &[Input]) -> Self {
        Identity {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            numerics: numerics::of(config.model.name(), arithmetic::name()),
            arithmetic: arithmetic::name().to_owned(),
            config: json(config),
            inputs: inputs.iter().map(|input| (input.name.clone(), input.sha256.clone())).collect(),
            origin: Origin::default(),
            defaults: Defaults::of(config),
        }
    }

    /// Adds the other runs that this run builds on.
    #[must_use]
    pub fn after(self, origin: Origin) -> Self {
        Identity { origin, ..self }
    }

    /// Returns the name of the model.
    pub fn model(&self) -> &str {
        self.config["model"].as_str().unwrap_or_default()
    }

    /// Returns the SHA-256 of the whole identity, in hexadecimal digits; other runs refer to this run by it.
    pub fn fingerprint(&self) -> String {
        fingerprint::of_bytes(&serde_json::to_vec(self).expect("an identity is JSON"))
    }

    /// Returns eight hexadecimal digits that name the run's folder: the same run has the same folder, and another run has another one. They are made of the
    /// version, the revision of the numerics, the model, the inputs, the settings that are not at their defaults, whether arithmetic is portable, and
    /// the other runs that it takes something from.
    ///
    /// Instruction sets are left out, so that a run has the same name on every machine; a [folder](crate::run_folder) that is asked to
    /// continue with another one refuses.
    pub fn short_name(&self) -> String {
        let settings = leaves_of(&self.config);
        let mut unusual: Vec<String> = settings
            .iter()
            .filter(|&(key, value)| self.defaults.0.get(key) != Some(value))
            .map(|(key, value)| difference(key, Some(value), self.defaults.0.get(key)))
            .collect();
        if self.arithmetic == PORTABLE {
            unusual.push("arithmetic is portable".to_owned());
        }
        // The first revision is left out: names from before there were revisions stay.
        if numerics::REVISION > 1 {
            unusual.push(format!("numerics is {}", numerics::REVISION));
        }
        unusual.extend(self.origin.leaves().into_iter().map(|(what, is)| format!("{what} is {is}")));
        let made_of = (&self.version, self.model(), unusual, &self.inputs);
        let json = serde_json::to_vec(&made_of).expect("names and values are JSON");
        fingerprint::of_bytes(&json)[..8].to_owned()
    }

    /// Returns whether this run is the same but for more epochs.
    pub fn is_longer_than(&self, other: &Identity) -> bool {
        let differences = self.differences_from(other);
        other.epochs() < self.epochs()
            && differences.iter().all(|difference| difference.starts_with("train.epochs is "))
    }

    /// Returns the most epochs that the run trains: the setting `train.epochs`.
    pub fn epochs(&self) -> u64 {
        self.config["train"]["epochs"].as_u64().unwrap_or_default()
    }

    /// Lists what is different in `other`, a line each: `train.learning_rate is 0.001, was 0.002`.
    pub fn differences_from(&self, other: &Identity) -> Vec<String> {
        let leaves = |identity: &Identity| {
            let mut leaves = leaves_of(&identity.config);
            // A file of an earlier version has not every setting, and may have those of other models.
            leaves.retain(|path, _| self.reads(path));
            for (path, value) in &self.defaults.0 {
                leaves.entry(path.clone()).or_insert_with(|| value.clone());
            }
            leaves.extend(identity.beside_settings());
            leaves
        };
        let (ours, theirs) = (leaves(self), leaves(other));
        let mut keys: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter()
            .filter(|key| ours.get(*key) != theirs.get(*key))
            .map(|key| difference(key, ours.get(key), theirs.get(key)))
            .collect()
    }

    /// Returns all that must be alike on the ranks that make this run together, by name: program, arithmetic, settings, input files.
    pub fn facts(&self) -> BTreeMap<String, String> {
        let mut facts = leaves_of(&self.config);
        facts.extend(self.beside_settings());
        facts
    }

    /// What is kept beside the settings, as far as it is known.
    fn beside_settings(&self) -> Vec<(String, String)> {
        let kept = [("numerics", &self.numerics), ("arithmetic", &self.arithmetic)];
        let kept = kept.into_iter().filter(|(_, value)| !value.is_empty());
        let mut found: Vec<_> = kept.map(|(path, value)| (path.to_owned(), value.clone())).collect();
        found.extend(self.origin.leaves().into_iter().map(|(what, is)| (what.to_owned(), is)));
        found.push(("version".to_owned(), Value::from(self.version.clone()).to_string()));
        found.extend(self.inputs.iter().map(|(name, sha256)| {
            let short = sha256.get(..8).unwrap_or(sha256);
            (format!("the file {name}"), format!("sha256 {short}..."))
        }));
        found
    }

    /// Lists what the report of the same run says otherwise, a line each: `train.learning_rate is 0.001 in identity.json, 0.002 in report.json`. Both are
    /// written by one job, so whoever finds a difference has a damaged run before him. What a report of an earlier version does not hold is not compared.
    pub fn differences_from_report(&self, report: &Report) -> Vec<String> {
        let recorded = serde_json::to_value(&report.config).expect("settings are JSON");
        let (ours, mut theirs) = (leaves_of(&self.config), leaves_of(&recorded));
        let of = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
        let kept: BTreeSet<String> = ours.keys().map(|path| of(path)).chain(COMMON.map(str::to_owned)).collect();
        // A report has the settings of all models, an identity those of its own.
        theirs.retain(|path, _| {
            let table = of(path);
            kept.contains(&table) || table == report.model
        });
        let mut both: BTreeMap<String, [Option<String>; 2]> = BTreeMap::new();
        for (side, leaves) in [ours, theirs].into_iter().enumerate() {
            for (path, value) in leaves.into_iter().filter(|(path, _)| path != "train.seeds") {
                both.entry(path).or_default()[side] = Some(value);
            }
        }
        let mut say = |what: &str, ours: Option<String>, theirs: Option<String>| {
            both.insert(what.to_owned(), [ours, theirs]);
        };
        say("the model", Some(self.model().to_owned()), Some(report.model.clone()));
        say("version", Some(self.version.clone()), Some(report.version.clone()));
        for (what, ours, theirs) in
            [("numerics", &self.numerics, &report.numerics), ("arithmetic", &self.arithmetic, &report.arithmetic)]
        {
            if !ours.is_empty() && !theirs.is_empty() {
                say(what, Some(ours.clone()), Some(theirs.clone()));
            }
        }
        let refit = report.refit.as_ref().map(|refit| refit.identity_sha256.clone());
        say("the run of --refit", self.origin.refit.clone(), refit);
        let start = report.warm_start.as_ref().map(|start| start.weights_sha256.clone());
        say("the weights of --warm-start", self.origin.warm_start.as_ref().map(|start| start.weights.clone()), start);
        let hashes = |hashes: Vec<&String>| {
            let sorted: BTreeSet<&String> = hashes.into_iter().collect();
            let short: Vec<&str> = sorted.into_iter().map(|sha256| sha256.get(..8).unwrap_or(sha256)).collect();
            Some(short.join(" "))
        };
        let inputs = report.inputs.iter().map(|input| &input.sha256).collect();
        say("sha256 of the inputs", hashes(self.inputs.values().collect()), hashes(inputs));
        let word = |value: Option<String>| value.unwrap_or_else(|| "absent".to_owned());
        both.into_iter()
            .filter(|(_, [ours, theirs])| ours != theirs)
            .map(|(what, [ours, theirs])| {
                format!("{what} is {} in identity.json, {} in report.json", word(ours), word(theirs))
            })
            .collect()
    }

    /// Whether the model reads the setting of a path, or would if it were of this version.
    fn reads(&self, path: &str) -> bool {
        let of = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
        self.defaults.0.keys().any(|known| of(known) == of(path))
    }
}

impl Defaults {
    fn of(config: &RunConfig) -> Self {
        let models = config.models();
        let mut leaves = leaves_of(&json(&RunConfig { model: config.model, ..RunConfig::defaults(models) }));
        leaves.insert("model".to_owned(), Value::from(models.default_model().name()).to_string());
        Defaults(leaves)
    }
}

/// What the model reads.
fn json(config: &RunConfig) -> Value {
    serde_json::to_value(config.read_by_model()).expect("a configuration is JSON")
}

/// `train.learning_rate is 0.001, was 0.002`.
fn difference(key: &str, ours: Option<&String>, theirs: Option<&String>) -> String {
    let [ours, theirs] = [ours, theirs].map(|value| value.map_or("absent", String::as_str));
    format!("{key} is {ours}, was {theirs}")
}

fn leaves_of(config: &Value) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    collect("", config, &mut leaves);
    leaves
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
    use crate::ConfigLayers;
    use anchorrec_models::MODELS;
    use std::path::PathBuf;

    #[test]
    fn differences_are_named() {
        let input = |name: &str, sha256: &str| Input {
            name: name.to_owned(),
            path: PathBuf::from("d").join(name),
            bytes: 1,
            sha256: sha256.into(),
        };
        let config = RunConfig::defaults(MODELS).check().unwrap();
        let old = Identity::new(&config, &[input("a.inter", "0123456789"), input("mm_feat.npy", "aa")]);
        assert_eq!(old.differences_from(&old), [""; 0]);
        let mut changed = RunConfig::defaults(MODELS);
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

    fn of(assignments: &[String]) -> Identity {
        let mut layers = ConfigLayers::new(MODELS);
        assignments.iter().try_for_each(|assignment| layers.set(assignment)).unwrap();
        Identity::new(&layers.finish().unwrap().check().unwrap(), &[])
    }

    #[test]
    fn arithmetic_and_numerics_are_part_of_it() {
        let here = Identity::new(&RunConfig::defaults(MODELS).check().unwrap(), &[]);
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
        let name = |assignment: &str| of(&[assignment.to_owned()]).short_name();
        let (plain, first) = (of(&[]).short_name(), MODELS.default_model());
        assert_eq!(name("train.seeds=[1, 2]"), plain);
        assert_ne!(name(&format!("{first}.embedding_dim=7")), plain);
        for other in MODELS.others(first) {
            assert_eq!(name(&format!("{other}.embedding_dim=7")), plain, "{other}");
            assert_ne!(name(&format!("model={other}")), plain, "{other}");
        }
    }

    /// Folders of runs that exist are found again: the name is a hash of this text and nothing else.
    #[test]
    fn a_folder_is_named_by_a_text_that_never_changes() {
        let version = env!("CARGO_PKG_VERSION");
        let first = MODELS.default_model();
        // The first revision of the numerics is not named.
        let numerics = match numerics::REVISION {
            1 => String::new(),
            revision => format!(r#","numerics is {revision}""#),
        };
        for model in MODELS.iter() {
            let unusual = match model == first {
                true => String::new(),
                false => format!(r#""model is \"{model}\", was \"{first}\"","#),
            };
            let text =
                format!(r#"["{version}","{model}",[{unusual}"train.learning_rate is 0.5, was 0.001"{numerics}],{{}}]"#);
            let hash = &fingerprint::of_bytes(text.as_bytes())[..8];
            let assignments = [format!("model={model}"), "train.learning_rate=0.5".to_owned()];
            assert_eq!(of(&assignments).short_name(), hash, "{model}");
        }
    }

    #[test]
    fn what_an_earlier_version_wrote_is_the_same_run() {
        let ours = of(&["train.learning_rate=0.5".to_owned()]);
        let mut written = serde_json::to_value(&ours).unwrap();
        let model = written["config"]["model"].as_str().unwrap().to_owned();
        // It had the settings of all models, and not yet one of this model.
        written["config"]["another"] = serde_json::json!({ "layers": 2 });
        written["config"][&model].as_object_mut().unwrap().remove("embedding_dim").unwrap();
        let theirs: Identity = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(ours.differences_from(&theirs), [""; 0]);
        written["config"][&model]["embedding_dim"] = 7.into();
        let theirs: Identity = serde_json::from_value(written).unwrap();
        assert_eq!(ours.differences_from(&theirs), [format!("{model}.embedding_dim is 64, was 7")]);
    }
}
