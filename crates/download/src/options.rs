//! How to fetch.

use std::path::PathBuf;
use std::time::Duration;

/// How to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadOptions {
    /// Whether anything may go over the network.
    pub network: bool,
    /// Folders of this machine that may have the file under its name; looked at first.
    pub folders: Vec<PathBuf>,
    /// How often a mirror may fail without getting 1 MiB further; 0 counts as 1.
    pub attempts: u32,
    /// The wait after the first failure; doubles up to 30 s.
    pub backoff: Duration,
    /// For finding a host and connecting to it.
    pub connect_timeout: Duration,
    /// How long to wait for the next bytes.
    pub stall_timeout: Duration,
    /// How many redirects are followed.
    pub redirects: u32,
    /// The most bytes of a file whose size the manifest does not have.
    pub max_bytes: u64,
}

impl Default for DownloadOptions {
    fn default() -> Self {
        DownloadOptions {
            network: false,
            folders: Vec::new(),
            attempts: 5,
            backoff: Duration::from_secs(1),
            connect_timeout: Duration::from_secs(20),
            stall_timeout: Duration::from_secs(60),
            redirects: 5,
            max_bytes: 64 << 30,
        }
    }
}
