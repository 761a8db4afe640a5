//! Parquet: interactions and features.

#![no_main]

use anchorrec_fuzz::{Place, interactions, vectors};
use anchorrec_testkit::hostile::Allowance;
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static PLACE: LazyCell<Place> =
        LazyCell::new(|| Place::new(Allowance { per_byte: 1_200, constant: 64 << 20, at_most: usize::MAX }, &[]));
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        place.check("a.parquet", bytes, interactions);
        place.check("text_feat.parquet", bytes, vectors);
    });
});
