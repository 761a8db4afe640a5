//! Configuration: the whole input as TOML, and each of its lines as a `--set` assignment.

#![no_main]

use anchorrec_fuzz::Place;
use anchorrec_testkit::hostile::Allowance;
use anchorrec_models::MODELS;
use anchorrec_trainer::{ConfigError, ConfigLayers};
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static PLACE: LazyCell<Place> =
        LazyCell::new(|| Place::new(Allowance { per_byte: 870, constant: 1 << 20, at_most: 15 << 20 }, &[]));
}

fn check(put: impl FnOnce(&mut ConfigLayers) -> Result<(), ConfigError>) -> Result<(), ConfigError> {
    let mut layers = ConfigLayers::new(MODELS);
    put(&mut layers)?;
    layers.finish()?.check()?;
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        place.check_text("configuration", bytes, |text| check(|layers| layers.put_toml("x.toml", text)));
        for line in bytes.split(|byte| *byte == b'\n') {
            place.check_text("--set", line, |text| check(|layers| layers.set(text)));
        }
    });
});
