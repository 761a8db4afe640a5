//! The same bits on every processor.
//!
//! The fast kernels multiply and add in one rounding where the processor can (AVX2 and AVX-512 alike), and the `gemm` crate cuts sums
//! by the sizes of the processor's caches: two machines may differ in the last digits of a product. With this switch every product is a plain
//! loop, each sum in the order of its index with a rounding after each operation: slower by an order of magnitude, and
//! the same wherever IEEE 754 is. All else in the numeric crates is the same everywhere as it is.
//!
//! What remains is the C library's `exp`, `ln` and `pow` in `f64` (losses, learning rate): correctly rounded in nearly all cases,
//! but not by promise.

use std::sync::atomic::{AtomicBool, Ordering};

static CHOSEN: AtomicBool = AtomicBool::new(false);

/// Takes plain loops from here on, for the whole process. Meant for the start of a program.
pub fn choose() {
    CHOSEN.store(true, Ordering::Relaxed);
}

/// Returns whether plain loops were chosen.
pub fn is_chosen() -> bool {
    CHOSEN.load(Ordering::Relaxed)
}
