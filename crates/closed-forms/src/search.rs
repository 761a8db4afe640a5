//! Settings chosen on validation: every setting of a grid is computed and judged, the first of the best stays.
//!
//! | method | grid |
//! |---|---|
//! | item kNN | `k` 20, 50, 100, 200, 500 · shrinkage 0, 10, 100, 1000; beyond the end of either as long as that is better, up to [`MOST_WIDER`] times |
//! | EASE | `λ` 50, 100, 200, 400, 800, 1600, 3000 |
//! | L3AE | the same `λ`; at each of them `λ_F` 0.1, 1, 10, 100 on each feature table with `ρ` = 1; then `ρ` 0, 0.5, 1.5, 3 on the best of these |
//!
//! `ρ` = 0 is EASE. The judge is the caller's: this crate knows neither validation pairs nor a metric. Nothing of test may enter it.
//!
//! A search over a large catalogue takes hours. A judge that keeps what it was told ([`Judge::keep`]) and knows it again ([`Judge::known`]) lets a search that was
//! interrupted continue: a setting that it knows is not computed, and where it knows all settings of a `λ`, nothing of that `λ` is.

use crate::error::Unsolvable;
use crate::fitter::{Fitter, Solver, sparse_bytes};
use crate::{
    Content, ContentKernel, FoldIn, KnnSettings, L3ae, Method, NeighbourLists, Pull, RegularisedInverse, Setting, ease,
    on_neighbours,
};
use std::time::Instant;

/// `k` of item kNN.
pub const NEIGHBOURS: [usize; 5] = [20, 50, 100, 200, 500];
/// Shrinkage of item kNN.
pub const SHRINKAGES: [f64; 4] = [0.0, 10.0, 100.0, 1000.0];
/// How often the grid of item kNN is made wider at most, where its best setting is at an end.
pub const MOST_WIDER: usize = 8;
/// `λ` of EASE and L3AE.
pub const LAMBDAS: [f64; 7] = [50.0, 100.0, 200.0, 400.0, 800.0, 1600.0, 3000.0];
/// `λ_F` of L3AE.
pub const CONTENT_LAMBDAS: [f64; 4] = [0.1, 1.0, 10.0, 100.0];
/// `ρ` of L3AE at which `λ_F` and the features are chosen.
pub const FIRST_RHO: f64 = 1.0;
/// The other `ρ` of L3AE.
pub const OTHER_RHOS: [f64; 4] = [0.0, 0.5, 1.5, 3.0];

/// Judges scores by the caller's measure.
pub trait Judge {
    /// The whole judgement.
    type Judgement;
    /// Why there is none.
    type Error: From<Unsolvable>;

    /// Judges, and says how good the scores are: a larger number is better.
    ///
    /// # Errors
    /// When they cannot be judged.
    fn judge(&mut self, setting: &Setting, scores: &dyn FoldIn) -> Result<(f64, Self::Judgement), Self::Error>;

    /// Hears what a setting that was just judged has cost.
    fn keep(&mut self, _setting: &Setting, _judged: &Self::Judgement, _cost: Spent) {}

    /// Returns what an earlier search found of a setting, if anything: how good it is, the judgement, what it cost.
    fn known(&mut self, _setting: &Setting) -> Option<(f64, Self::Judgement, Spent)> {
        None
    }
}

/// What computing and judging a setting has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Seconds to compute the setting alone, its share of what others use too included.
    pub seconds: f64,
    /// Seconds that computing and judging it added to the search.
    pub in_search: f64,
    /// [`RegularisedInverse::residual`], where there is an inverse.
    pub residual: Option<f64>,
}

/// A method at its best setting.
#[derive(Clone, Debug)]
pub struct Choice<J> {
    /// The setting.
    pub setting: Setting,
    /// What the judge said of that setting.
    pub judged: J,
    /// How many settings were tried.
    pub tried: usize,
    /// Seconds to compute the chosen setting alone.
    pub seconds: f64,
    /// Seconds of all settings with their judgements.
    pub search_seconds: f64,
    /// Bytes that the matrices of the chosen setting hold at their peak, by their shapes.
    pub bytes: f64,
    /// [`RegularisedInverse::residual`] at the chosen setting, where there is an inverse.
    pub residual: Option<f64>,
}

/// Chooses the setting of each method that is asked for, in the order of [`Method::ALL`].
///
/// # Errors
/// When a method cannot be computed, or its scores not judged.
///
/// # Panics
/// When L3AE is asked for without a feature table.
///
/// ```
/// use anchorrec_closed_forms::search::{Judge, choose};
/// use anchorrec_closed_forms::{FoldIn, Method, Setting, Solver, Fitter, Taken, Unsolvable};
///
/// /// How far item 1 is above item 2 for a user with item 0.
/// struct Lead;
/// impl Judge for Lead {
///     type Judgement = ();
///     type Error = Unsolvable;
///     fn judge(&mut self, _: &Setting, scores: &dyn FoldIn) -> Result<(f64, ()), Unsolvable> {
///         let scores = scores.scores(&[0]);
///         Ok((scores[1] - scores[2], ()))
///     }
/// }
///
/// let taken = Taken::new(2, 3, [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]);
/// let fitter = Fitter { taken, features: vec![], solver: Solver::Exact { most_items: 20_000 } };
/// let chosen = choose(&fitter, &[Method::Ease], &mut Lead)?;
/// // 2 / (2 + λ) against 1 / (1 + λ), nearly: the least λ sets them farthest apart.
/// assert_eq!((chosen[0].setting.to_string(), chosen[0].tried), ("λ 50".to_owned(), 7));
/// # Ok::<(), Unsolvable>(())
/// ```
pub fn choose<J: Judge>(
    fitter: &Fitter,
    methods: &[Method],
    judge: &mut J,
) -> Result<Vec<Choice<J::Judgement>>, J::Error> {
    let search = |method| methods.contains(&method).then(Search::new);
    let mut popularity = search(Method::Popularity);
    if let Some(search) = &mut popularity {
        let cost = Cost { bytes: 8.0 * fitter.taken.items() as f64, ..Cost::default() };
        search.offer(judge, Setting::Popularity, cost, || fitter.fit(&Setting::Popularity))?;
    }
    let mut item_knn = search(Method::ItemKnn);
    if let Some(search) = &mut item_knn {
        over_neighbours(fitter, search, judge)?;
    }
    let (mut ease, mut l3ae) = (search(Method::Ease), search(Method::L3ae));
    if ease.is_some() || l3ae.is_some() {
        over_lambdas(fitter, ease.as_mut(), l3ae.as_mut(), judge)?;
    }
    Ok([popularity, item_knn, ease, l3ae].into_iter().flatten().filter_map(Search::done).collect())
}

/// Item kNN on its grid, and from its best setting on beyond the ends: twice the neighbours, ten times the shrinkage.
fn over_neighbours<J: Judge>(
    fitter: &Fitter,
    search: &mut Search<J::Judgement>,
    judge: &mut J,
) -> Result<(), J::Error> {
    let items = fitter.taken.items();
    let mut highest: Option<f64> = None;
    let mut offer = |settings: KnnSettings| -> Result<bool, J::Error> {
        let setting = Setting::ItemKnn(settings);
        let cost = Cost { bytes: sparse_bytes(settings.neighbours, items), ..Cost::default() };
        let value = search.offer(judge, setting.clone(), cost, || fitter.fit(&setting))?;
        let better = highest.is_none_or(|highest| value > highest);
        if better {
            highest = Some(value);
        }
        Ok(better)
    };
    let mut at = KnnSettings { neighbours: NEIGHBOURS[0], shrinkage: SHRINKAGES[0] };
    for (neighbours, shrinkage) in NEIGHBOURS.into_iter().flat_map(|k| SHRINKAGES.map(|s| (k, s))) {
        let settings = KnnSettings { neighbours, shrinkage };
        if offer(settings)? {
            at = settings;
        }
    }
    for _ in 0..MOST_WIDER {
        let KnnSettings { neighbours, shrinkage } = at;
        // All neighbours are all that there are.
        let more = (neighbours >= NEIGHBOURS[NEIGHBOURS.len() - 1] && neighbours < items).then_some(2 * neighbours);
        let stronger = (shrinkage >= SHRINKAGES[SHRINKAGES.len() - 1]).then_some(10.0 * shrinkage);
        let wider = more.map(|neighbours| KnnSettings { neighbours, ..at });
        let wider = wider.into_iter().chain(stronger.map(|shrinkage| KnnSettings { shrinkage, ..at }));
        let mut moved = false;
        for settings in wider.collect::<Vec<_>>() {
            if offer(settings)? {
                (at, moved) = (settings, true);
            }
        }
        if !moved {
            break;
        }
    }
    Ok(())
}

/// EASE and L3AE at each `λ`, which share its inverse.
fn over_lambdas<J: Judge>(
    fitter: &Fitter,
    mut ease_search: Option<&mut Search<J::Judgement>>,
    mut l3ae_search: Option<&mut Search<J::Judgement>>,
    judge: &mut J,
) -> Result<(), J::Error> {
    let (tables, table_seconds) = match l3ae_search {
        Some(_) => timed(|| tables(fitter))?,
        None => (Vec::new(), 0.0),
    };
    let (lists, list_seconds) = timed(|| Ok::<_, Unsolvable>(fitter.lists(None)))?;
    if let Some(search) = &mut ease_search {
        search.seconds += list_seconds;
    }
    if let Some(search) = &mut l3ae_search {
        search.seconds += table_seconds + list_seconds;
    }
    for lambda in LAMBDAS {
        if all_known(fitter, lambda, ease_search.as_deref_mut(), l3ae_search.as_deref_mut(), judge) {
            continue;
        }
        let (inverse, seconds) = timed(|| match fitter.solver {
            Solver::Exact { most_items } => RegularisedInverse::new(&fitter.taken, lambda, most_items).map(Some),
            Solver::Neighbours(_) => Ok(None),
        })?;
        let residual = inverse.as_ref().map(|inverse| inverse.residual(&fitter.taken));
        let cost = Cost { seconds: seconds + list_seconds, residual, bytes: fitter.bytes(0) };
        if let Some(search) = &mut ease_search {
            search.seconds += seconds;
            let compute = || -> Result<Box<dyn FoldIn>, Unsolvable> {
                Ok(match (&inverse, &lists) {
                    (Some(inverse), _) => Box::new(ease(inverse)),
                    (None, Some(lists)) => Box::new(on_neighbours(&fitter.taken, lists, lambda, None)?),
                    (None, None) => unreachable!("a solver has an inverse or lists"),
                })
            };
            search.offer(judge, Setting::Ease { lambda }, cost, compute)?;
        }
        if let Some(search) = &mut l3ae_search {
            search.seconds += seconds;
            let cost = Cost { seconds: cost.seconds + table_seconds, ..cost };
            sweep(fitter, &tables, inverse.as_ref(), lambda, cost, search, judge)?;
        }
    }
    Ok(())
}

/// Takes over all settings of a `λ` where the judge knows them; else takes over none.
fn all_known<J: Judge>(
    fitter: &Fitter,
    lambda: f64,
    ease_search: Option<&mut Search<J::Judgement>>,
    l3ae_search: Option<&mut Search<J::Judgement>>,
    judge: &mut J,
) -> bool {
    let mut of_ease = Vec::new();
    if ease_search.is_some() {
        let setting = Setting::Ease { lambda };
        let Some(known) = judge.known(&setting) else { return false };
        of_ease.push((setting, fitter.bytes(0), known));
    }
    let mut of_l3ae = Vec::new();
    if l3ae_search.is_some() {
        let at = |table: usize, kernel: usize, rho: f64| {
            let (name, content) = &fitter.features[table];
            let setting = Setting::L3ae { lambda, features: name.clone(), lambda_f: CONTENT_LAMBDAS[kernel], rho };
            let known = judge.known(&setting).ok_or(())?;
            let value = known.0;
            of_l3ae.push((setting, fitter.bytes(content.rows.ncols()), known));
            Ok::<f64, ()>(value)
        };
        if best_first(fitter.features.len(), at).is_err() {
            return false;
        }
    }
    for (search, known) in [(ease_search, of_ease), (l3ae_search, of_l3ae)] {
        let Some(search) = search else { continue };
        for (setting, bytes, known) in known {
            search.take(setting, bytes, known);
        }
    }
    true
}

/// The order of L3AE's settings at one `λ`: all kernels at the first `ρ`, then the other `ρ` with the first of the best. `at` says how good a setting is, by the
/// places of its table and of its kernel, and its `ρ`.
fn best_first<E>(tables: usize, mut at: impl FnMut(usize, usize, f64) -> Result<f64, E>) -> Result<(), E> {
    let mut best: Option<(f64, usize, usize)> = None;
    for (table, kernel) in (0..tables).flat_map(|table| (0..CONTENT_LAMBDAS.len()).map(move |k| (table, k))) {
        let value = at(table, kernel, FIRST_RHO)?;
        if best.is_none_or(|(highest, ..)| value > highest) {
            best = Some((value, table, kernel));
        }
    }
    let (_, table, kernel) = best.expect("choose: L3AE needs a feature table");
    OTHER_RHOS.into_iter().try_for_each(|rho| at(table, kernel, rho).map(drop))
}

/// L3AE at one `λ`: the best kernel at the first `ρ`, then the other `ρ` with that kernel.
fn sweep<J: Judge>(
    fitter: &Fitter,
    tables: &[Table],
    inverse: Option<&RegularisedInverse>,
    lambda: f64,
    cost: Cost,
    search: &mut Search<J::Judgement>,
    judge: &mut J,
) -> Result<(), J::Error> {
    let (solvers, seconds) = timed(|| {
        let solver = |inverse| tables.iter().map(|table| L3ae::new(inverse, table.content)).collect::<Vec<_>>();
        Ok::<_, Unsolvable>(inverse.map(solver))
    })?;
    search.seconds += seconds;
    let at = |table: usize, kernel: usize, rho: f64| {
        let Table { name, content, kernels, lists } = &tables[table];
        let kernel = &kernels[kernel];
        let compute = || -> Result<Box<dyn FoldIn>, Unsolvable> {
            Ok(match (&solvers, lists) {
                (Some(solvers), _) => Box::new(solvers[table].weights(kernel, rho)?),
                (None, Some(lists)) => {
                    Box::new(on_neighbours(&fitter.taken, lists, lambda, Some(Pull { content, kernel, rho }))?)
                }
                (None, None) => unreachable!("a solver has an inverse or lists"),
            })
        };
        let setting = Setting::L3ae { lambda, features: name.to_string(), lambda_f: kernel.lambda, rho };
        let bytes = fitter.bytes(content.rows.ncols());
        search.offer(judge, setting, Cost { seconds: cost.seconds + seconds, bytes, ..cost }, compute)
    };
    best_first(tables.len(), at)
}

/// A feature table with all that does not depend on `λ`.
struct Table<'a> {
    name: &'a str,
    content: &'a Content,
    kernels: Vec<ContentKernel>,
    lists: Option<NeighbourLists>,
}

fn tables(fitter: &Fitter) -> Result<Vec<Table<'_>>, Unsolvable> {
    let mut tables = Vec::new();
    for (name, content) in &fitter.features {
        let kernels = CONTENT_LAMBDAS.into_iter().map(|lambda| content.kernel(lambda)).collect::<Result<_, _>>()?;
        tables.push(Table { name, content, kernels, lists: fitter.lists(Some(content)) });
    }
    Ok(tables)
}

/// What a setting costs beside its own weights: shares of others included.
#[derive(Clone, Copy, Default)]
struct Cost {
    seconds: f64,
    bytes: f64,
    residual: Option<f64>,
}

/// The settings of one method, as they are tried.
struct Search<J> {
    best: Option<(f64, Choice<J>)>,
    tried: usize,
    seconds: f64,
}

impl<T> Search<T> {
    fn new() -> Self {
        Search { best: None, tried: 0, seconds: 0.0 }
    }

    /// Computes one setting and has it judged; keeps it if it is better than all before. Returns how good it is.
    fn offer<J: Judge<Judgement = T>>(
        &mut self,
        judge: &mut J,
        setting: Setting,
        cost: Cost,
        compute: impl FnOnce() -> Result<Box<dyn FoldIn>, Unsolvable>,
    ) -> Result<f64, J::Error> {
        let Cost { seconds: share, bytes, residual } = cost;
        if let Some(known) = judge.known(&setting) {
            return Ok(self.take(setting, bytes, known));
        }
        let (scores, seconds) = timed(compute)?;
        let ((value, judged), judging) = timed(|| judge.judge(&setting, &*scores))?;
        let spent = Spent { seconds: share + seconds, in_search: seconds + judging, residual };
        judge.keep(&setting, &judged, spent);
        Ok(self.take(setting, bytes, (value, judged, spent)))
    }

    /// Keeps a setting that was judged if it is better than all before. Returns how good it is.
    fn take(&mut self, setting: Setting, bytes: f64, (value, judged, spent): (f64, T, Spent)) -> f64 {
        let Spent { seconds, in_search, residual } = spent;
        self.tried += 1;
        self.seconds += in_search;
        if self.best.as_ref().is_none_or(|(highest, _)| value > *highest) {
            self.best =
                Some((value, Choice { setting, judged, tried: 0, seconds, search_seconds: 0.0, bytes, residual }));
        }
        value
    }

    fn done(self) -> Option<Choice<T>> {
        let (_, choice) = self.best?;
        Some(Choice { tried: self.tried, search_seconds: self.seconds, ..choice })
    }
}

fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E> {
    let started = Instant::now();
    let done = work()?;
    Ok((done, started.elapsed().as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MOST_ITEMS, Taken};
    use anchorrec_testkit::random;

    /// Judges by a function of the scores for a user with item 0.
    struct By(fn(&[f64]) -> f64, Vec<Vec<f64>>);

    impl Judge for By {
        type Judgement = usize;
        type Error = Unsolvable;

        fn judge(&mut self, _: &Setting, scores: &dyn FoldIn) -> Result<(f64, usize), Unsolvable> {
            self.1.push(scores.scores(&[0]));
            Ok((self.0(&self.1[self.1.len() - 1]), self.1.len() - 1))
        }
    }

    fn fitter(solver: Solver) -> Fitter {
        let pairs = (0..60u32).flat_map(|u| (0..14u32).filter(move |i| (u * 7 + i * 5) % 11 < 3).map(move |i| (u, i)));
        let table = |seed| random::matrix(15, 4, &mut random::generator(seed)).mapv(|x| x as f32);
        let features = ["text", "vision"].into_iter().zip([1, 2]);
        let features = features.map(|(name, seed)| (name.to_owned(), Content::new(table(seed).view()).unwrap()));
        Fitter { taken: Taken::new(60, 15, pairs), features: features.collect(), solver }
    }

    #[test]
    fn the_first_of_the_best_is_kept_and_can_be_computed_again() {
        for solver in [Solver::Exact { most_items: MOST_ITEMS }, Solver::Neighbours(6)] {
            let fitter = fitter(solver);
            let mut judge = By(|scores| scores[3] - scores[4], Vec::new());
            let chosen = choose(&fitter, &Method::ALL, &mut judge).unwrap();
            let methods: Vec<Method> = chosen.iter().map(|choice| choice.setting.method()).collect();
            assert_eq!(methods, Method::ALL);
            let tried: Vec<usize> = chosen.iter().map(|choice| choice.tried).collect();
            // The difference goes to 0 from below as shrinkage grows: item kNN goes on beyond its grid as often as it may.
            assert_eq!(tried, [1, 5 * 4 + MOST_WIDER, 7, 7 * (2 * 4 + 4)]);
            assert_eq!(judge.1.len(), tried.iter().sum::<usize>());
            for choice in &chosen {
                let again = fitter.fit(&choice.setting).unwrap().scores(&[0]);
                assert_eq!(again, judge.1[choice.judged], "{solver:?}, {}", choice.setting);
                assert!(choice.seconds <= choice.search_seconds && choice.bytes > 0.0);
                let exact = matches!(solver, Solver::Exact { .. });
                let inverse = matches!(choice.setting.method(), Method::Ease | Method::L3ae);
                assert_eq!(choice.residual.is_some(), exact && inverse);
            }
            let values = || judge.1[1..1 + tried[1]].iter().map(|scores| scores[3] - scores[4]);
            let best = values().fold(f64::MIN, f64::max);
            assert_eq!(chosen[1].judged, 1 + values().position(|value| value == best).unwrap(), "item kNN");
        }
    }

    #[test]
    fn item_knn_goes_on_beyond_the_ends_of_its_grid_as_long_as_that_is_better() {
        let fitter = fitter(Solver::Exact { most_items: MOST_ITEMS });
        let best = |by: fn(&[f64]) -> f64| {
            let choice = choose(&fitter, &[Method::ItemKnn], &mut By(by, Vec::new())).unwrap().remove(0);
            (choice.setting.to_string(), choice.tried)
        };
        // Sums fall as shrinkage grows, for ever: it ends after so many steps. More neighbours than items are no more.
        let (setting, tried) = best(|scores| -scores.iter().sum::<f64>());
        assert_eq!((setting.as_str(), tried), ("k 20, shrinkage 100000000000", 20 + MOST_WIDER));
        // Some 20 counts of one item over s: nearest to 0.002 by far at s = 10,000, which is inside of what was tried.
        let (setting, tried) = best(|scores| -(scores.iter().sum::<f64>().ln() - 0.002f64.ln()).abs());
        assert!(setting.ends_with("shrinkage 10000") && tried == 22, "{setting}, {tried}");
    }

    /// A judge that remembers, and computes so many settings before it is interrupted.
    struct Remembers {
        by: By,
        memory: Vec<(Setting, f64, Spent)>,
        left: usize,
    }

    impl Judge for Remembers {
        type Judgement = usize;
        type Error = Unsolvable;

        fn judge(&mut self, setting: &Setting, scores: &dyn FoldIn) -> Result<(f64, usize), Unsolvable> {
            // Any error ends a search.
            self.left = self.left.checked_sub(1).ok_or(Unsolvable::TooManyItems { items: 0, most: 0 })?;
            let (value, judged) = self.by.judge(setting, scores)?;
            self.memory.push((setting.clone(), value, Spent::default()));
            Ok((value, judged))
        }

        fn keep(&mut self, setting: &Setting, _: &usize, spent: Spent) {
            let last = self.memory.last_mut().expect("judged before");
            assert_eq!(&last.0, setting);
            last.2 = spent;
        }

        fn known(&mut self, setting: &Setting) -> Option<(f64, usize, Spent)> {
            let place = self.memory.iter().position(|(known, ..)| known == setting)?;
            let (_, value, spent) = &self.memory[place];
            Some((*value, place, *spent))
        }
    }

    #[test]
    fn a_search_that_was_interrupted_goes_on_where_it_was_and_chooses_the_same() {
        for solver in [Solver::Exact { most_items: MOST_ITEMS }, Solver::Neighbours(6)] {
            let fitter = fitter(solver);
            let by = |scores: &[f64]| scores[3] - scores[4];
            let whole = choose(&fitter, &Method::ALL, &mut By(by, Vec::new())).unwrap();
            let mut judge = Remembers { by: By(by, Vec::new()), memory: Vec::new(), left: 0 };
            // In the middle of item kNN, of a λ, and between two.
            let all: usize = whole.iter().map(|choice| choice.tried).sum();
            for sitting in [10, 25, 1, 13, 13, 26, all] {
                judge.left = sitting;
                let before = judge.memory.len();
                match choose(&fitter, &Method::ALL, &mut judge) {
                    Err(_) => assert_eq!(judge.memory.len(), before + sitting),
                    Ok(chosen) => {
                        assert_eq!((judge.memory.len(), judge.by.1.len()), (all, all), "each setting once");
                        for (whole, cut) in whole.iter().zip(&chosen) {
                            let of = |choice: &Choice<usize>| {
                                let Choice { setting, judged, tried, bytes, residual, .. } = choice.clone();
                                (setting, judged, tried, bytes, residual)
                            };
                            assert_eq!(of(whole), of(cut), "{solver:?}");
                            assert!(cut.seconds > 0.0 && cut.search_seconds > 0.0);
                        }
                    }
                }
            }
            assert_eq!(judge.memory.len(), all);
            // Nothing is left to compute: nothing is.
            judge.left = 0;
            assert_eq!(choose(&fitter, &Method::ALL, &mut judge).unwrap().len(), Method::ALL.len());
        }
    }

    #[test]
    fn ties_keep_the_first_setting_and_methods_that_nobody_asks_for_are_not_computed() {
        let fitter = fitter(Solver::Exact { most_items: 3 });
        let mut judge = By(|_| 1.0, Vec::new());
        let chosen = choose(&fitter, &[Method::ItemKnn], &mut judge).unwrap();
        assert_eq!((chosen.len(), chosen[0].setting.to_string().as_str()), (1, "k 20, shrinkage 0"));
        let error = choose(&fitter, &[Method::Ease], &mut judge).unwrap_err();
        assert_eq!(error, Unsolvable::TooManyItems { items: 15, most: 3 });
    }
}
