//! With the portable kernels every product is the plain loop, to the last bit. A test binary of its own: the switch is for the process.

use anchorrec_kernels::product::product_plain;
use anchorrec_kernels::rows::Rows;
use anchorrec_kernels::table::{times_transposed, transposed_times};
use anchorrec_kernels::{Packed, add_product, portable, product};
use ndarray::{Array2, s};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

#[test]
fn every_product_is_the_plain_loop() {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let mut matrix = |rows, cols| Array2::from_shape_simple_fn((rows, cols), || rng.random::<f32>() - 0.5);
    let (x, thin, left) = (matrix(300, 160), matrix(64, 160), matrix(300, 64));
    let of_rows = product_plain(x.view(), thin.t());
    let fused = product(&x, &thin.t()) != of_rows;
    // Packed before the switch, multiplied after it: two blocks of rows, and columns that fill no panel.
    let (deep, wide) = (matrix(300, 70), matrix(300, 90));
    let (before, left_before) = (Packed::new(wide.view()), Packed::new(deep.view()));

    portable::choose();
    let after = [Packed::new(wide.view()), before];
    let left_after = [Packed::new(deep.view()), left_before];
    let want = product_plain(deep.t(), wide.view());
    for right in &after {
        assert_eq!(right.product(deep.t()), want);
        for left in &left_after {
            let mut tile = Array2::zeros((96, 64));
            right.add_transposed_product(left, 0..96, 32..96, tile.view_mut());
            assert_eq!(tile.slice(s![..70, ..58]), want.slice(s![.., 32..]));
        }
    }
    assert_eq!(product(&x, &thin.t()), of_rows);
    assert_eq!(times_transposed(x.view(), Rows::All, thin.view()), of_rows);
    assert_eq!(Packed::new(thin.t()).product(x.view()), of_rows);
    assert_eq!(transposed_times(left.view(), x.view(), Rows::All), product_plain(left.t(), x.view()));
    let mut tile = Array2::zeros((64, 64));
    let packed = Packed::new(thin.t());
    packed.add_transposed_product(&packed, 0..64, 0..64, tile.view_mut());
    assert_eq!(tile, product_plain(thin.view(), thin.t()));
    let mut added = left.clone();
    add_product(added.view_mut(), -0.5, &x, &thin.t());
    assert_eq!(added, &left + &(&of_rows * -0.5));

    if cfg!(target_arch = "x86_64") && std::arch::is_x86_feature_detected!("fma") {
        assert!(fused, "the fast product rounds otherwise here, so the switch was seen to switch");
    }
}
