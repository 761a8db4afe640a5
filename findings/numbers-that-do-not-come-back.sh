#!/usr/bin/env bash
# serde_json: one of ten f64 that it wrote itself is read back as another number.
#
# Versions   serde_json 1.0.154, rand 0.10.4 for the numbers (Rust 1.85 or newer).
# Guessed    It writes the shortest text that names the f64, and reading that text gives the f64 again, as str::parse does on the same text.
# Behaviour  Reading is off by one in the last place for about a tenth of the numbers between 0 and 1, unless the feature float_roundtrip is on. A
#            state kept as JSON is not the state, so a resumed run parts from an undisturbed one, and equality tests of records fail at times.
# Seen       100,000 numbers between 0 and 1: 10,492 change; str::parse changes none.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
rand = "=0.10.4"
serde_json = "=1.0.154"

[workspace]
TOML
cat > "$work/src/main.rs" <<'RUST'
use rand::{RngExt, SeedableRng, rngs::StdRng};

fn main() {
    let mut random = StdRng::seed_from_u64(3);
    let (mut by_serde, mut by_parse) = (0, 0);
    for _ in 0..100_000 {
        let number: f64 = random.random();
        let text = serde_json::to_string(&number).unwrap();
        by_serde += i32::from(serde_json::from_str::<f64>(&text).unwrap() != number);
        by_parse += i32::from(text.parse::<f64>().unwrap() != number);
    }
    println!("seen: of 100,000 numbers {by_serde} changed on the way through JSON, {by_parse} by str::parse of the same text");
    assert!(by_serde > 5_000 && by_parse == 0);
}
RUST
cd "$work"
CARGO_TARGET_DIR="$work/target" cargo run --quiet --release
