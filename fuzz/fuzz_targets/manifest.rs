//! `manifest.toml` of a published data set.

#![no_main]

use anchorrec_data::Manifest;
use anchorrec_fuzz::Place;
use anchorrec_testkit::hostile::Allowance;
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static PLACE: LazyCell<Place> =
        LazyCell::new(|| Place::new(Allowance { per_byte: 870, constant: 1 << 20, at_most: 15 << 20 }, &[]));
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| place.check("manifest.toml", bytes, |path| Manifest::load(path).map(drop)));
});
