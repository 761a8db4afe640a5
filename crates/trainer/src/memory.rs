//! Memory, as the operating system counts it: the peak of this process, and what there is.

use std::fs;

/// Returns the peak since the start or the last [`reset_peak`], in bytes; `None` where the system does not tell (only Linux does).
pub fn peak_bytes() -> Option<u64> {
    entry("/proc/self/status", "VmHWM:")
}

/// Returns what can still be had without swapping, in bytes; `None` where the system does not tell.
pub fn available_bytes() -> Option<u64> {
    entry("/proc/meminfo", "MemAvailable:")
}

fn entry(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Starts a new peak at the memory in use now. Where the system refuses, the old peak stays.
pub fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}
