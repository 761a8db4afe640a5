#!/usr/bin/env bash
# half: f16::from_f64 rounds twice, and so gives the farther of the two neighbours.
#
# Versions   half 2.7.1 (Rust 1.85 or newer, x86-64). Polars 2.1.0's cast of Float64 to Float16 did the same when tried; numpy 2.4.6 and PyArrow 26.0.1 do not.
# Guessed    from_f64 gives the float16 nearest to the f64, ties to even, as numpy's astype does and as the crate has for f32.
# Behaviour  The number goes through f32. What lies just above the middle between two float16 becomes exactly the middle there, and then goes
#            to the even side. float16 features made in Rust and in numpy from the same f64 embedding differ in the last place here and there.
# Seen       1 + 2^-11 + 2^-40: f16 1 (nearest: 1.0009765625). 1 + 2^-8 + 2^-40: bf16 1 (nearest: 1.0078125).
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
half = "=2.7.1"

[workspace]
TOML
cat > "$work/src/main.rs" <<'RUST'
use half::{bf16, f16};

fn main() {
    let mut wrong = 0;
    let above = |bits: i32| 1.0 + 2f64.powi(-bits) + 2f64.powi(-40);
    let cases = [
        ("f16", above(11), f64::from(f16::from_f64(above(11))), 2f64.powi(-10)),
        ("bf16", above(8), f64::from(bf16::from_f64(above(8))), 2f64.powi(-7)),
    ];
    for (name, exact, got, step) in cases {
        let other = 1.0 + step;
        println!("seen: {name}: {exact} becomes {got}; {other} is nearer");
        wrong += i32::from(got == 1.0 && (exact - other).abs() < (exact - got).abs());
    }
    assert_eq!(wrong, 2);
}
RUST
cd "$work"
CARGO_TARGET_DIR="$work/target" cargo run --quiet --release
