//! Options that several commands share. They are below everything: commands are above them (`command`).

use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use clap::Args;
#[cfg(feature = "baselines")]
use clap::builder::PossibleValuesParser;
#[cfg(not(feature = "baselines"))]
use clap::builder::StringValueParser;
use clap::builder::TypedValueParser;
use std::path::PathBuf;
use std::time::Duration;

/// Options that every training job has.
#[derive(Debug, Args)]
pub struct JobOptions {
    #[command(flatten)]
    pub data: DataOptions,

    #[command(flatten)]
    pub settings: SettingOptions,

    #[command(flatten)]
    pub machine: MachineOptions,
}

/// Options that choose the data.
#[derive(Clone, Debug, Args)]
pub struct DataOptions {
    /// Folder of a data set: one *.inter file, *_feat.npy, ... (any data set, your own included)
    #[arg(long, value_name = "DIR", visible_alias = "data-dir", required_unless_present = "dataset")]
    pub data: Option<PathBuf>,

    /// Name of a data set, ours or MMRec's (`baby` for `amazon-baby`). It is looked for in $ANCHORREC_DATA under both names, then in the folder
    /// `ready` of the data set in --datasets. If it is in neither and $ANCHORREC_DATA is not set, or with --scale, a synthetic twin is generated.
    /// With --data: name of the manifest to use
    #[arg(long, value_name = "NAME")]
    pub dataset: Option<String>,

    /// Fused image and text features, the anchor, from this .npy file instead of mm_feat.npy
    #[arg(long, value_name = "FILE")]
    pub mm: Option<PathBuf>,

    /// Folder of the data sets' manifests
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    pub datasets: PathBuf,

    /// Size of the synthetic twin as a share of the real data set [default: the manifest's]
    #[arg(long, value_name = "SHARE", value_parser = scale, allow_negative_numbers = true)]
    pub scale: Option<f64>,

    /// Fail if anything about the data was ignored, guessed, merged, dropped or filled in, by this command or by prepare
    #[arg(long)]
    pub strict: bool,
}

/// Settings of a run, over the defaults and the data set's tuned ones.
#[derive(Debug, Args)]
pub struct SettingOptions {
    /// Random seeds, one run for each
    #[arg(long, value_name = "SEED,...", value_delimiter = ',', allow_negative_numbers = true)]
    pub seeds: Option<Vec<u64>>,

    /// Maximum number of epochs
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub epochs: Option<usize>,

    /// Early stopping: stop a run after N evaluations without a better validation Recall@20; 0: never stop early
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub patience: Option<usize>,

    /// TOML file of settings; overrides the defaults and the data set's tuned settings
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    #[arg(long = "set", value_name = "PATH=VALUE", help = set_help())]
    pub set: Vec<String>,
}

/// Options that change the time or the place, never a result (but --portable changes the last digits).
#[derive(Debug, Args)]
pub struct MachineOptions {
    /// Number of threads; affects speed, never results [default: one per processor]
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub threads: Option<usize>,

    /// Minimum time between two checkpoints, which take at most a twentieth of the run time; 0: checkpoint after every step
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub checkpoint_every: Duration,

    /// Compute with plain loops only: much slower, but the same bits on every processor
    #[arg(long)]
    pub portable: bool,

    /// Folder for runs: the report goes to OUT/DATASET/MODEL/RUN/report.json
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub out: PathBuf,
}

/// Parses a model by its name.
#[cfg(feature = "baselines")]
pub fn model() -> impl TypedValueParser<Value = &'static dyn Model> {
    PossibleValuesParser::new(MODELS.names()).map(|name| MODELS.find(&name).expect("one of the names"))
}

/// Parses a model by its name, in a program that has the first one only.
#[cfg(not(feature = "baselines"))]
pub fn model() -> impl TypedValueParser<Value = &'static dyn Model> {
    StringValueParser::new()
        .try_map(|name| MODELS.find(&name).ok_or_else(|| crate::absent::way(&format!("--model {name}"), "baselines")))
}

/// One model, or every one.
#[derive(Clone, Copy)]
pub enum Chosen {
    One(&'static dyn Model),
    #[cfg(feature = "baselines")]
    All,
}

impl std::fmt::Debug for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Chosen::One(model) => f.write_str(model.name()),
            #[cfg(feature = "baselines")]
            Chosen::All => f.write_str("all"),
        }
    }
}

/// Reads a model by its name, or `all`.
#[cfg(feature = "baselines")]
pub fn model_or_all() -> impl TypedValueParser<Value = Chosen> {
    let names: Vec<&'static str> = MODELS.names().into_iter().chain(["all"]).collect();
    PossibleValuesParser::new(names).map(|name| MODELS.find(&name).map_or(Chosen::All, Chosen::One))
}

/// Reads a model by its name, in a program that has the first one only.
#[cfg(not(feature = "baselines"))]
pub fn model_or_all() -> impl TypedValueParser<Value = Chosen> {
    model().map(Chosen::One)
}

fn set_help() -> String {
    let example = MODELS.iter().find_map(|model| {
        let range = model.card().ranges.first()?;
        Some(format!("{}={}", range.path, range.values.last()?))
    });
    format!("One setting, such as {}; overrides everything else; may be repeated", example.unwrap_or_default())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "expected seconds, such as 10 or 0.5".to_owned())
}

pub fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("expected a whole number above 0".to_owned()),
    }
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share <= 10.0 => Ok(share),
        _ => Err("expected a share above 0 and up to 10, such as 0.1".to_owned()),
    }
}
