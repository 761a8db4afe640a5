#!/usr/bin/env bash
# rand: a sampler by popularity with f32 weights never draws a third of a shop's interactions.
#
# Versions   rand 0.10.4, rand_distr 0.6.0 (Rust 1.85 or newer).
# Guessed    WeightedIndex<f32> draws index k in proportion to its weight, within f32's seven digits, as WeightedAliasIndex<f32> does.
# Behaviour  It keeps running sums in the weights' type. Once the sum is 2^24, adding 1 changes nothing: every later item of weight 1 has the
#            probability 0, and WeightedIndex::new accepts that. Counts in order of popularity lose their tail first. With f64 or integers it is right.
# Seen       one item of 16,777,216 clicks, then a million of one click (5.6 % of all): drawn 0 times in 2,000,000; f64 5.6 %, alias table of f32 5.6 %.
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
rand_distr = "=0.6.0"

[workspace]
TOML
cat > "$work/src/main.rs" <<'RUST'
use rand::{SeedableRng, distr::weighted::WeightedIndex, distr::Distribution, rngs::StdRng};
use rand_distr::weighted::WeightedAliasIndex;

/// Share of two million draws that fall on any item but the first.
fn tail(sampler: impl Distribution<usize>) -> f64 {
    let mut random = StdRng::seed_from_u64(1);
    let draws = 2_000_000;
    (0..draws).filter(|_| sampler.sample(&mut random) > 0).count() as f64 / draws as f64
}

fn main() {
    let mut clicks = vec![16_777_216_f32];
    clicks.resize(1_000_001, 1.0);
    let expected = 1_000_000.0 / 17_777_216.0;
    let single = tail(WeightedIndex::new(&clicks).unwrap());
    let double = tail(WeightedIndex::new(clicks.iter().map(|&weight| f64::from(weight))).unwrap());
    let alias = tail(WeightedAliasIndex::new(clicks).unwrap());
    println!("seen: expected {expected:.4}, WeightedIndex f32 {single}, f64 {double:.4}, WeightedAliasIndex f32 {alias:.4}");
    assert_eq!(single, 0.0);
    assert!((double - expected).abs() < 0.002 && (alias - expected).abs() < 0.002);
}
RUST
cd "$work"
CARGO_TARGET_DIR="$work/target" cargo run --quiet --release
