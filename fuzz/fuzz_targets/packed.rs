//! Text in gzip and zstd: interactions. What it unpacks to is bounded.

#![no_main]

use anchorrec_fuzz::{Place, interactions};
use anchorrec_testkit::hostile::Allowance;
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static PLACE: LazyCell<Place> =
        LazyCell::new(|| Place::new(Allowance { per_byte: 1_200 * 100, constant: 16 << 20, at_most: usize::MAX }, &[]));
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        place.check("a.csv.gz", bytes, interactions);
        place.check("a.csv.zst", bytes, interactions);
    });
});
