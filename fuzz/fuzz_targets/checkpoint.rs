//! Checkpoints: the input as a whole file, and as the header of a file that is otherwise right, seal included.

#![no_main]

use anchorrec_encoders::Params;
use anchorrec_fuzz::Place;
use anchorrec_testkit::hostile::Allowance;
use anchorrec_trainer::adam::Adam;
use anchorrec_trainer::checkpoint;
use anchorrec_files::tensors::TensorsError;
use libfuzzer_sys::fuzz_target;
use ndarray::array;
use sha2::{Digest, Sha256};
use std::cell::LazyCell;
use std::path::Path;

thread_local! {
    static PLACE: LazyCell<Place> =
        LazyCell::new(|| Place::new(Allowance { per_byte: 13, constant: 2 << 20, at_most: usize::MAX }, &[]));
}

fn read(path: &Path) -> Result<(), TensorsError> {
    let mut params = Params::new();
    params.add("z.weight", array![[1.5f32, -2.0], [0.0, 3.25]]);
    params.add_vector("a.bias", array![[7.0f32]]);
    let mut adam = Adam::new(&params);
    checkpoint::about(path)?;
    checkpoint::read(path, &mut params, &mut adam).map(drop)
}

/// Five numbers under this header, and the seal.
fn sealed(header: &[u8]) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend([0; 5 * 4]);
    let seal = Sha256::digest(&file);
    file.extend(seal);
    file
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        place.check("c.safetensors", bytes, read);
        place.check("c.safetensors", &sealed(bytes), read);
    });
});
