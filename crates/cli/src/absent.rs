//! Commands that this program was built without: they stay in the help and say how to build with them.
#![allow(unused, reason = "each set of features leaves out others")]

use clap::Args;
use std::ffi::OsString;

/// Options of a command that is absent, unread.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct AbsentOptions {
    #[arg(hide = true, allow_hyphen_values = true, trailing_var_arg = true)]
    pub words: Vec<OsString>,
}

/// A module instead of a command's own: the command, and the feature that builds it.
macro_rules! absent {
    ($module:ident, $options:ident, $command:literal, $feature:literal) => {
        pub mod $module {
            pub type $options = crate::absent::AbsentOptions;

            pub fn run(_options: &$options) -> anyhow::Result<std::process::ExitCode> {
                anyhow::bail!("{}", crate::absent::way($command, $feature))
            }
        }
    };
}

absent!(check_data, CheckDataOptions, "check-data", "prepare");
absent!(encode_text, EncodeTextOptions, "encode-text", "text-encoder");
absent!(prepare, PrepareOptions, "prepare", "prepare");
absent!(prepare_amazon, PrepareAmazonOptions, "prepare-amazon", "prepare");
absent!(evaluate, EvaluateOptions, "evaluate", "retrieval");
absent!(export, ExportOptions, "export", "retrieval");
absent!(recommend, RecommendOptions, "recommend", "retrieval");
absent!(report, ReportOptions, "report", "report");
absent!(serve, ServeOptions, "serve", "serve");
absent!(model_table, TableOptions, "table", "table");
absent!(similar, SimilarOptions, "similar", "retrieval");

/// Says how to build with what is absent.
pub fn way(what: &str, feature: &str) -> String {
    format!(
        "this program was built without `{what}`; build it with `cargo build --release -p anchorrec-cli --features {feature}`"
    )
}

/// In place of fetching files.
pub mod fetch {
    use anchorrec_data::manifest::RawFile;
    use std::path::Path;

    pub fn fetch<'a>(_sources: impl IntoIterator<Item = &'a RawFile>, _folder: &Path) -> anyhow::Result<()> {
        anyhow::bail!("{}", crate::absent::way("--download", "download"))
    }
}

/// In place of the lists after training.
pub mod lists {
    use anchorrec_data::Dataset;
    use anchorrec_records::FusionRecord;
    use anchorrec_trainer::{Job, RunFolder};
    use std::path::Path;

    pub fn check(_path: &Path) -> anyhow::Result<()> {
        anyhow::bail!("{}", crate::absent::way("--recommendations", "retrieval"))
    }

    pub fn check_names(_path: &Path, _dataset: &Dataset) -> anyhow::Result<()> {
        anyhow::bail!("{}", crate::absent::way("--recommendations", "retrieval"))
    }

    pub fn write(
        _job: &Job,
        _folder: &RunFolder,
        _seed: u64,
        _fusion: Option<&FusionRecord>,
        _path: &Path,
        _top: usize,
    ) -> anyhow::Result<()> {
        anyhow::bail!("{}", crate::absent::way("--recommendations", "retrieval"))
    }
}
