#!/usr/bin/env bash
# cargo profiles: a dependency that is not optimised slows down loops of crates that are, though no loop calls it.
#
# Versions   cargo and rustc 1.95.0 (x86-64 Linux), winnow 1.0.5. Any crate below that uses `Range<usize>` does the same.
# Guessed    `[profile.dev.package.winnow] opt-level = 0` concerns the code of winnow: it is compiled sooner, and parses more slowly.
# Behaviour  At opt-level 1 a crate takes over copies of generic functions that crates below it have made. The copy of `Range<usize>::next`
#            comes from winnow then, as a call without optimisation, in every `for i in 0..n` of every crate above. Release builds with
#            crates at opt-level 1 do the same; levels 2 and 3 make their own copies.
# Seen       The same loop over a slice, which never parses anything: 71 to 121 ms with winnow at level 1, 543 to 723 ms with winnow at 0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
winnow = "=1.0.5"

[profile.dev]
opt-level = 1

[workspace]
TOML
cat > "$work/src/main.rs" <<'RUST'
extern crate winnow;

#[inline(never)]
fn sum(values: &[u64]) -> u64 {
    let mut sum = 0u64;
    for i in 0..values.len() {
        sum = sum.wrapping_add(values[i]);
    }
    sum
}

fn main() {
    let values: Vec<u64> = (0..1_000_000).collect();
    let start = std::time::Instant::now();
    for _ in 0..100 {
        std::hint::black_box(sum(std::hint::black_box(&values)));
    }
    println!("{}", start.elapsed().as_millis());
}
RUST
cd "$work"
export CARGO_TARGET_DIR="$work/target"
# The shortest of five.
time_of() { cargo build --quiet "$@" && for _ in 1 2 3 4 5; do target/debug/finding; done | sort -n | head -1; }
optimised=$(time_of)
plain=$(time_of --config 'profile.dev.package.winnow.opt-level=0')
echo "seen: the loop takes $optimised ms; $plain ms when a crate that it never calls is not optimised"
[ "$plain" -gt $((optimised * 2)) ]
