//! `anchorrec encode-text`: the texts of items to a feature file.

use crate::reads::same_place;
use crate::text_encoder;
use anchorrec_data::{item_texts, write_npy_f32};
use anchorrec_files::folder_of;
use anyhow::{Result, bail};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct EncodeTextOptions {
    /// Folder of the model: config.json, tokenizer.json, model.safetensors of sentence-transformers/all-MiniLM-L6-v2
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,

    /// Texts, one JSON object per line: {"itemID": 0, "text": "..."}, every item from 0 once; a prepared folder has them in items_text.jsonl
    #[arg(long, value_name = "FILE.jsonl")]
    pub texts: PathBuf,

    /// File to write: one row for each item, in the order of their ids
    #[arg(long, value_name = "FILE.npy")]
    pub out: PathBuf,

    /// Download missing files of the model and verify existing ones; without this option nothing is downloaded
    #[arg(long)]
    pub download: bool,
}

/// Runs the command.
pub fn run(options: &EncodeTextOptions) -> Result<ExitCode> {
    let out = &options.out;
    if out.is_dir() || !folder_of(out).is_dir() {
        bail!("--out {}: expected a file in a folder that is there", out.display());
    }
    // Features of a data set may be written again; that is what this command is for.
    let model = ["config.json", "tokenizer.json", "model.safetensors"].map(|name| options.model.join(name));
    if model.iter().chain([&options.texts]).any(|read| same_place(read, out)) {
        bail!("--out {}: expected another file than those that are read", out.display());
    }
    let texts = item_texts(&options.texts)?;
    let encoder = text_encoder::open(&options.model, options.download)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = text_encoder::encode(&encoder, &texts)?;
    write_npy_f32(out, vectors.view())?;
    println!("written: {}", out.display());
    Ok(ExitCode::SUCCESS)
}
