//! LightGCN's lists: `train.txt`.

#![no_main]

use anchorrec_fuzz::{Place, lists};
use anchorrec_testkit::hostile::Allowance;
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static PLACE: LazyCell<Place> = LazyCell::new(|| {
        Place::new(Allowance { per_byte: 200, constant: 4 << 20, at_most: usize::MAX }, &[("test.txt", b"0 9\n")])
    });
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        place.check("train.txt", bytes, lists);
    });
});
