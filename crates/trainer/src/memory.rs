//! Peak resident memory of this process, as the operating system counts it.

use std::fs;

/// The peak since the start or the last [`reset_peak`], in bytes; `None` where the system does not tell (only Linux does).
pub fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Starts a new peak at the memory in use now. Where the system refuses, the old peak goes on.
pub fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}
