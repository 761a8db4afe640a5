//! MIND's impressions: `behaviors.tsv`.

#![no_main]

use anchorrec_fuzz::{Place, interactions};
use anchorrec_testkit::hostile::Allowance;
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static PLACE: LazyCell<Place> = LazyCell::new(|| {
        Place::new(Allowance { per_byte: 100, constant: 4 << 20, at_most: usize::MAX }, &[])
    });
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        place.check("behaviors.tsv", bytes, interactions);
    });
});
