//! `anchorrec prepare-amazon`: from the raw public files of an Amazon category to a ready data set.

use crate::fetch::fetch;
use crate::split::SplitOptions;
use crate::text_encoder;
use anchorrec_data::Manifest;
use anchorrec_data::manifest::RawFile;
use anchorrec_prepare::amazon::{self, EncodeTexts, category_of, sources_of};
use anchorrec_prepare::split::Rule;
use anchorrec_prepare::steps::Step;
use anchorrec_trainer::memory;
use anyhow::{Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct PrepareAmazonOptions {
    /// Name of the data set: amazon-sports, amazon-baby, amazon-office, amazon-video-games, amazon-electronics, ...
    pub name: String,

    /// Folder of the raw files of 2014: ratings_CATEGORY.csv, meta_CATEGORY.json, image_features_CATEGORY.b, each plain or with .gz
    /// [default: raw in the data set's folder of --datasets]
    #[arg(long, value_name = "DIR")]
    pub raw: Option<PathBuf>,

    /// Download missing raw files from the addresses in the manifest (without a manifest: from those where the authors of the data publish
    /// them), and verify existing ones; the same for the files of --text-model. Without this option nothing is downloaded
    #[arg(long)]
    pub download: bool,

    /// Output folder [default: ready in the data set's folder of --datasets]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Folder of the data sets' manifests; the result is checked against their counts
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    pub datasets: PathBuf,

    /// Category as in the names of the raw files [default: that of NAME]
    #[arg(long)]
    pub category: Option<String>,

    #[command(flatten)]
    pub split: SplitOptions,

    /// k-core: drop users and items with fewer than K interactions, repeatedly, until every one has K
    #[arg(long, default_value_t = 5)]
    pub k: usize,

    /// Text features, one row for each item, in the order of the item ids of an earlier preparation
    #[arg(long, value_name = "FILE.npy")]
    pub text: Option<PathBuf>,

    /// Make the text features: encode the items' texts with the model in this folder, as `anchorrec encode-text` does
    #[arg(long, value_name = "DIR", conflicts_with_all = ["text", "no_metadata"])]
    pub text_model: Option<PathBuf>,

    /// Fused features, one row for each item [default: made from text and images by PCA]
    #[arg(long, value_name = "FILE.npy")]
    pub mm: Option<PathBuf>,

    /// Prepare without the metadata: no titles, no texts
    #[arg(long)]
    pub no_metadata: bool,

    /// Prepare without the image features
    #[arg(long)]
    pub no_images: bool,
}

/// Runs the command.
pub fn run(options: &PrepareAmazonOptions) -> Result<ExitCode> {
    let name = &options.name;
    if name.is_empty() || name.starts_with('.') || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    {
        bail!(
            "NAME: expected letters, digits, '-', '_' and '.', found {name:?}: it is the name of a folder and a file"
        );
    }
    let category = match (&options.category, category_of(name)) {
        (Some(category), _) => category.clone(),
        (None, Some(category)) => category.to_owned(),
        (None, None) => bail!(
            "NAME: expected amazon- and a category of 2014, such as amazon-toys-and-games, found {name:?}: name the category by --category Toys_and_Games"
        ),
    };
    if category.contains(['/', '\\']) {
        bail!("--category: expected a part of a file's name, such as Toys_and_Games, found {category:?}");
    }
    let home = options.datasets.join(name);
    let manifest = manifest(&home)?;
    let counts = manifest.as_ref().filter(|_| options.k == 5).map(|manifest| manifest.counts);
    let raw = options.raw.clone().unwrap_or_else(|| home.join("raw"));
    let out = options.out.clone().unwrap_or_else(|| home.join("ready"));
    if options.download {
        let named = manifest.as_ref().map(|manifest| manifest.sources.clone()).filter(|sources| !sources.is_empty());
        let sources = named.unwrap_or_else(|| sources_of(&category));
        fetch(sources.iter().filter(|source| wanted(source, options)), &raw)?;
    }
    // Before minutes of reading: whether there is a model.
    let encoder = options.text_model.as_ref().map(|model| text_encoder::open(model, options.download)).transpose()?;
    let mut encode = encoder.as_ref().map(|encoder| move |texts: &[&str]| Ok(text_encoder::encode(encoder, texts)?));
    let rule = options.split.rule(false).map_err(anyhow::Error::msg)?;
    if rule == Rule::Given {
        bail!("--split given and --split column:NAME are for `anchorrec prepare`: the raw files hold no split");
    }
    println!("{name}: {category} from {} to {}", raw.display(), out.display());
    println!("{}", Step::head());
    let done = amazon::prepare(
        &amazon::Options {
            name: name.clone(),
            category,
            raw,
            out: out.clone(),
            split: rule,
            k: options.k,
            counts,
            text: options.text.clone(),
            mm: options.mm.clone(),
            metadata: !options.no_metadata,
            images: !options.no_images,
        },
        encode.as_mut().map(|encode| encode as &mut EncodeTexts<'_>),
        &mut |step| println!("{step}"),
    )?;
    match (counts, manifest) {
        (Some(_), _) => println!("counts are those of {}", home.join("manifest.toml").display()),
        (None, Some(_)) => println!("note: --k is not that of the published data set, so its counts were not checked"),
        (None, None) => println!("note: no manifest of {name} is known, so its counts were not checked"),
    }
    let widths: Vec<String> = done.widths.iter().map(|(file, width)| format!("{file} {width}")).collect();
    println!("feature widths: {}", if widths.is_empty() { "none".to_owned() } else { widths.join(", ") });
    done.notes.iter().for_each(|note| println!("note: {note}"));
    if let Some(peak) = memory::peak_bytes() {
        println!("peak memory {} MiB", peak >> 20);
    }
    println!("ready: anchorrec train --data {}", out.display());
    Ok(ExitCode::SUCCESS)
}

/// Whether a file is read at all.
fn wanted(source: &RawFile, options: &PrepareAmazonOptions) -> bool {
    let unread = (options.no_metadata && source.file.starts_with("meta_"))
        || (options.no_images && source.file.starts_with("image_features_"));
    !unread
}

/// The manifest in a data set's folder, where there is one.
fn manifest(home: &Path) -> Result<Option<Manifest>> {
    let path = home.join("manifest.toml");
    Ok(if path.exists() { Some(Manifest::load(&path)?) } else { None })
}
