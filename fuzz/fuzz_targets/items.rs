//! `items.jsonl`: titles.

#![no_main]

use anchorrec_data::Dataset;
use anchorrec_fuzz::Place;
use anchorrec_testkit::hostile::Allowance;
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static PLACE: LazyCell<Place> = LazyCell::new(|| {
        Place::new(Allowance { per_byte: 9, constant: 1 << 20, at_most: usize::MAX }, &[("a.inter", b"userID\titemID\tx_label\n0\t0\t0\n1\t1\t0\n0\t1\t1\n")])
    });
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| place.check("items.jsonl", bytes, |_| Dataset::load(place.dir()).map(drop)));
});
