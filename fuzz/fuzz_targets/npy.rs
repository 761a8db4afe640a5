//! `.npy`: feature matrices.

#![no_main]

use anchorrec_data::read_npy_f32;
use anchorrec_fuzz::Place;
use anchorrec_testkit::hostile::Allowance;
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static PLACE: LazyCell<Place> =
        LazyCell::new(|| Place::new(Allowance { per_byte: 5, constant: 2 << 20, at_most: usize::MAX }, &[]));
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| place.check("x.npy", bytes, |path| read_npy_f32(path).map(drop)));
});
