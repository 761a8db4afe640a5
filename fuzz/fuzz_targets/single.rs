//! A folder of a file for each item: one vector as JSON, as text.

#![no_main]

use anchorrec_fuzz::{Place, vectors};
use anchorrec_testkit::hostile::Allowance;
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;
use std::fs;

thread_local! {
    static PLACE: LazyCell<Place> =
        LazyCell::new(|| Place::new(Allowance { per_byte: 256, constant: 1 << 20, at_most: usize::MAX }, &[]));
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        for name in ["a.json", "a.txt"] {
            place.check(name, bytes, |_| vectors(place.dir()));
            let _ = fs::remove_file(place.dir().join(name));
        }
    });
});
