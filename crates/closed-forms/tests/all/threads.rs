//! The same bits on any number of threads, of every method by both solvers.

use anchorrec_closed_forms::{Content, Fitter, KnnSettings, Setting, Solver, Taken};
use anchorrec_testkit::random;

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let (users, items) = (200u32, 300u32);
    let rng = &mut random::generator(1);
    let of = |count: usize, bound: u32, rng: &mut _| random::indices(count, bound as usize, rng);
    let taken = Taken::new(users as usize, items as usize, of(2500, users, rng).into_iter().zip(of(2500, items, rng)));
    let features = random::matrix(items as usize, 20, rng).mapv(|x| x as f32);
    let features = vec![("text".to_owned(), Content::new(features.view()).unwrap())];
    for solver in [Solver::Exact { most_items: 1000 }, Solver::Neighbours(30)] {
        let fitter = Fitter { taken: taken.clone(), features: features.clone(), solver };
        for setting in [
            Setting::ItemKnn(KnnSettings { neighbours: 20, shrinkage: 10.0 }),
            Setting::Ease { lambda: 20.0 },
            Setting::L3ae { lambda: 20.0, features: "text".to_owned(), lambda_f: 1.0, rho: 1.5 },
        ] {
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| fitter.fit(&setting).unwrap().scores(&[3, 77, 290]))
            };
            let one = on(1);
            assert!(one.iter().any(|&score| score != 0.0));
            assert_eq!(on(3), one, "{setting} by {solver:?}");
        }
    }
}
