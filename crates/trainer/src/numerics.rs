//! The revision of the numerics: it changes when the same settings and data begin to give other bits, whatever the version of the software.
//!
//! `numerics.txt` holds what each model computes on a small synthetic twin: the SHA-256 of its weights. `cli/tests/all/history.rs` computes
//! them again; where they differ it says so, and asks for a higher [`REVISION`] and new lines. The first digits of a model's line are part of
//! what a run is made of too, so results of other numerics are not reused even if the revision is forgotten.

/// Raise it when a recorded hash changes, or when bits change that no recorded hash covers (the kernels for large shapes, say).
///
/// 2: the similarity term of a baseline compares with the features as they are trained by default.
/// 3: the neighbour discrimination adds up in blocks of items.
/// 4: the contrast with a whole table goes panel by panel and shifts by the bound of a cosine.
pub const REVISION: u32 = 4;

/// One line for each model and arithmetic: `model arithmetic sha256`, the arithmetic without its probe.
pub const RECORDED: &str = include_str!("numerics.txt");

/// Returns the recorded hash of a model's weights, where there is one.
pub fn recorded(model: &str, arithmetic: &str) -> Option<&'static str> {
    let family = arithmetic.split('-').next().unwrap_or_default();
    let lines = RECORDED.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>()).find_map(|words| match words[..] {
        [of, by, sha256] if of == model && by == family => Some(sha256),
        _ => None,
    })
}

/// Returns what a run keeps: the revision, and the first digits of what was recorded for its model with its arithmetic, or with the portable one: when
/// that changes, the others have changed too.
pub fn of(model: &str, arithmetic: &str) -> String {
    match recorded(model, arithmetic).or_else(|| recorded(model, "portable")) {
        Some(sha256) => format!("revision {REVISION}, {}", &sha256[..sha256.len().min(8)]),
        None => format!("revision {REVISION}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_model_an_arithmetic_and_a_hash() {
        let mut seen = std::collections::BTreeSet::new();
        for line in RECORDED.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [model, arithmetic, sha256] = words[..] else { panic!("`{line}`: expected three words") };
            assert!(seen.insert((model, arithmetic)), "{line}: a second time");
            assert!(sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit()), "{line}");
            assert_eq!(recorded(model, &format!("{arithmetic}-0123abcd")), Some(sha256));
            assert!(of(model, arithmetic).ends_with(&sha256[..8]));
        }
        assert_eq!(recorded("no such model", "portable"), None);
        assert_eq!(of("no such model", "avx512-0123abcd"), format!("revision {REVISION}"));
        // With whatever instructions, a run is bound to what is recorded.
        assert_eq!(of("anchorrec", "avx1-0123abcd"), of("anchorrec", "portable"));
    }
}
