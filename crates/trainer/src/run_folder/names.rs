//! What the files of a run's folder are called.

pub(super) const IDENTITY: &str = "identity.json";
pub(super) const LOCK: &str = ".lock";
pub(super) const REPORT: &str = "report.json";
/// Marks the trial of a search.
pub(super) const TRIAL: &str = "trial";

pub(super) fn best(seed: u64) -> String {
    format!("seed-{seed}.best.safetensors")
}

pub(super) fn checkpoint(seed: u64, step: u64) -> String {
    format!("seed-{seed}.step-{step:09}.safetensors")
}

/// The seed and the step of a checkpoint's name.
pub(super) fn checkpoint_of(name: &str) -> Option<(u64, u64)> {
    let (seed, step) = name.strip_prefix("seed-")?.strip_suffix(".safetensors")?.split_once(".step-")?;
    Some((seed.parse().ok()?, step.parse().ok()?))
}

pub(super) fn curve(seed: u64) -> String {
    format!("seed-{seed}.epochs.jsonl")
}

pub(super) fn times(seed: u64) -> String {
    format!("seed-{seed}.times.json")
}

pub(super) fn record(seed: u64) -> String {
    format!("seed-{seed}.json")
}

/// Whether this is the name of a finished seed's record.
pub(super) fn is_record(name: &str) -> bool {
    let seed = name.strip_prefix("seed-").and_then(|name| name.strip_suffix(".json"));
    seed.is_some_and(|seed| seed.parse::<u64>().is_ok())
}

pub(super) fn analysis(seed: u64) -> String {
    format!("seed-{seed}.analysis.json")
}

pub(super) fn users(seed: u64) -> String {
    format!("seed-{seed}.users.json")
}

pub(super) fn fused(seed: u64) -> String {
    format!("seed-{seed}.fused.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_the_others() {
        assert_eq!(checkpoint_of(&checkpoint(999, 40)), Some((999, 40)));
        let others = [best(999), curve(999), times(999), analysis(999), users(999), fused(999), record(999)];
        assert!(others.iter().all(|name| checkpoint_of(name).is_none()));
        assert_eq!(others.iter().filter(|name| is_record(name)).collect::<Vec<_>>(), [&record(999)]);
    }
}
