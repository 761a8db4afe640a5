//! In place of jobs that take something from a finished run, in a build without what reads one.

use crate::absent::way;
use crate::args::JobOptions;
use crate::earlier::{Earlier, EarlierOptions};
use crate::loaded::Loaded;
use crate::progress::Progress;
use crate::settings::Configuration;
use anchorrec_recommender::Model;
use anyhow::{Result, bail};
use std::path::Path;

type Asked = Result<(Loaded, Configuration, Earlier)>;

/// Says how to build with `--refit`.
pub fn refit(_job: &JobOptions, _path: &Path, _progress: &mut Progress) -> Asked {
    bail!("{}", way("--refit", "retrieval"))
}

/// Says how to build with `--warm-start`.
pub fn warm_start(
    _job: &JobOptions,
    _model: Option<&'static dyn Model>,
    _path: &Path,
    _options: &EarlierOptions,
    _progress: &mut Progress,
) -> Asked {
    bail!("{}", way("--warm-start", "retrieval"))
}
