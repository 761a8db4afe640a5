//! Files from where they can be had, with a bar for each.

use crate::interrupt;
use anchorrec_data::manifest::RawFile;
use anchorrec_download::{self as download, DownloadError, Progress};
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Downloads every source into a folder. Ctrl-C stops it; the next call continues where it stood.
pub fn fetch<'a>(sources: impl IntoIterator<Item = &'a RawFile>, folder: &Path) -> Result<()> {
    let stop = interrupt::flag()?;
    let options = download::DownloadOptions { network: true, ..download::DownloadOptions::default() };
    for source in sources {
        let style =
            ProgressStyle::with_template("{prefix} {bytes} of {total_bytes} {wide_bar} {eta}").expect("a template");
        let bar = ProgressBar::no_length().with_style(style).with_prefix(source.file.clone());
        let fetched = download::fetch(source, folder, &options, &mut |progress| {
            match progress {
                Progress::Asking { place } => bar.suspend(|| eprintln!("{}: from {place}", source.file)),
                Progress::Bytes { have, total } => {
                    bar.set_position(have);
                    total.into_iter().for_each(|total| bar.set_length(total));
                }
                Progress::Failed { place, problem, .. } => bar.suspend(|| eprintln!("{place}: {problem}")),
                Progress::Waiting | Progress::Checking => {}
            }
            if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        bar.finish_and_clear();
        match fetched {
            Ok(path) => println!("{}: there", path.display()),
            // Absent, and not needed: whoever asked says what it goes without.
            Err(error @ (DownloadError::Offline { .. } | DownloadError::Failed { .. })) if source.optional => {
                println!("note: {error}");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
