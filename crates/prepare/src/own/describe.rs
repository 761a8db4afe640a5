//! What a folder holds and what training on it would take.
//!
//! **Parameters** of AnchorRec at its default width `D = 64`, for features of the widths `F_m` (frozen or not, they are counted):
//!
//! ```text
//! P = (U + I) D + Σ_m (I F_m + F_m D + D + D² + D)                            embeddings; feature tables and gates
//!   + [with mm] 6 (D² + D) + Σ_{text, vision} (F_m D + D + D² + D)            projection heads and decoder
//! ```
//!
//! **Memory.** Weights and Adam's two moments are `12 P` bytes. At the peak, graphs and raw features included, 1.63 GiB were measured on
//! Amazon Sports (`P` = 100,459,328): the estimate is `64 MiB + 1.57 GiB · P / 100,459,328`.
//!
//! **Time.** On two cores an epoch of 107 batches of 2048 took 22 s on Amazon Sports, and one of 6 took 0.48 s on its twin with 5.7
//! million parameters, validation included: the estimate is `batches · (0.072 s + 0.133 s · P / 100,459,328)`. Another machine, another
//! batch size or another model takes another time.

use super::pairs::{distinct, index, split};
use super::{Foreign, Layout, Own, SplitRule};
use anchorrec_data::{Dataset, Modality, Pair, Split};
use serde::Serialize;
use std::path::PathBuf;

/// Examples that are named in full.
const SHOWN: usize = 5;
/// Parameters at which memory and time were measured.
const MEASURED: f64 = 100_459_328.0;
/// The default batch.
const BATCH: usize = 2048;
/// The default seed, for the split that is only tried.
const SEED: u64 = 999;

/// Everything that is told about a folder.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// The layout.
    pub layout: Layout,
    /// The file of interactions.
    pub path: PathBuf,
    /// Users.
    pub users: usize,
    /// Items with an interaction; of a ready set all.
    pub items: usize,
    /// Rows that are right.
    pub rows: usize,
    /// Different pairs.
    pub pairs: usize,
    /// Rows of a pair that came before.
    pub repeats: usize,
    /// The first of them, with places.
    pub first_repeats: Vec<String>,
    /// Pairs divided by users times items.
    pub density: f64,
    /// The earliest and the latest time.
    pub times: Option<(i64, i64)>,
    /// Training, validation, test pairs: of the folder, or of the default split.
    pub splits: [usize; 3],
    /// Whether the folder says so itself.
    pub is_split: bool,
    /// Pairs per user.
    pub user_degrees: Quantiles,
    /// Pairs per item.
    pub item_degrees: Quantiles,
    /// Users without a training pair.
    pub users_without_train: usize,
    /// Items without a training pair.
    pub items_without_train: usize,
    /// Features.
    pub features: Vec<FeatureDescription>,
    /// Kinds of features that are not there.
    pub absent: Vec<Modality>,
    /// What training would take.
    pub cost: Cost,
    /// Wrong rows.
    pub wrong: usize,
    /// The first of them, a line each.
    pub problems: Vec<String>,
    /// What is unusual.
    pub notes: Vec<String>,
}

/// How many pairs users or items have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Quantiles {
    /// The fewest.
    pub min: usize,
    /// At most one in twenty has fewer.
    pub five_percent: usize,
    /// The median.
    pub half: usize,
    /// At most one in twenty has more.
    pub ninety_five_percent: usize,
    /// The most.
    pub max: usize,
}

impl Quantiles {
    /// Nearest ranks: the quantile `q` of `n` values is the one at `⌈q n⌉`, counted from 1.
    pub fn of(mut degrees: Vec<usize>) -> Self {
        degrees.sort_unstable();
        let at = |percent: usize| {
            let rank = (degrees.len() * percent).div_ceil(100).max(1);
            degrees.get(rank - 1).copied().unwrap_or(0)
        };
        Quantiles { min: at(0), five_percent: at(5), half: at(50), ninety_five_percent: at(95), max: at(100) }
    }
}

/// The features of one kind.
#[derive(Clone, Debug, Serialize)]
pub struct FeatureDescription {
    /// Which.
    pub modality: Modality,
    /// The file.
    pub path: PathBuf,
    /// Numbers per item.
    pub width: usize,
    /// Rows of the file.
    pub rows: usize,
    /// Items without a row.
    pub missing: usize,
    /// The first of them.
    pub first_missing: Vec<String>,
    /// Rows of items without an interaction.
    pub unknown: usize,
    /// The first of them.
    pub first_unknown: Vec<String>,
}

/// What training would take, by the formulas of the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// `P`.
    pub parameters: u64,
    /// Weights and moments.
    pub state_bytes: u64,
    /// At the peak.
    pub peak_bytes: u64,
    /// Batches of an epoch.
    pub batches: usize,
    /// Seconds of an epoch on two cores.
    pub epoch_seconds: f64,
}

impl Cost {
    /// For `[mm, text, vision]` features of the given widths.
    pub fn of(users: usize, items: usize, train: usize, widths: [Option<usize>; 3]) -> Self {
        let (users, items, d) = (users as u64, items as u64, 64u64);
        let linear = |inputs: u64| inputs * d + d;
        let widths = widths.map(|width| width.map(|width| width as u64));
        let mut parameters = (users + items) * d;
        parameters += widths.iter().flatten().map(|&f| items * f + linear(f) + linear(d)).sum::<u64>();
        if widths[0].is_some() {
            parameters += 6 * linear(d);
            parameters += widths[1..].iter().flatten().map(|&f| linear(f) + linear(d)).sum::<u64>();
        }
        let (mebi, share) = (f64::from(1 << 20), parameters as f64 / MEASURED);
        let batches = train.div_ceil(BATCH);
        Cost {
            parameters,
            state_bytes: 12 * parameters,
            peak_bytes: ((64.0 + 1.57 * 1024.0 * share) * mebi) as u64,
            batches,
            epoch_seconds: batches as f64 * (0.072 + 0.133 * share),
        }
    }
}

/// Describes a folder that was read.
pub fn describe(own: &Own) -> Description {
    match own {
        Own::Ready(dataset) => ready(dataset),
        Own::Foreign(foreign) => self::foreign(foreign),
    }
}

fn ready(dataset: &Dataset) -> Description {
    let record = &dataset.interactions;
    let pairs: Vec<Pair> = record.train.iter().chain(&record.valid).chain(&record.test).copied().collect();
    let splits = [record.train.len(), record.valid.len(), record.test.len()];
    let mut description = of_pairs(&pairs, splits, record.users, record.items, |modality| {
        dataset.features.of(modality).map(|matrix| matrix.ncols())
    });
    description.layout = Layout::Ready;
    description.path = dataset.dir.join(format!("{}.inter", dataset.name));
    description.is_split = true;
    description.users_without_train = dataset.findings.users_without_train;
    description.items_without_train = dataset.findings.items_without_train;
    description.notes = dataset.findings.notes();
    for modality in Modality::ALL {
        let Some(matrix) = dataset.features.of(modality) else { continue };
        description.features.push(FeatureDescription {
            modality,
            path: dataset.dir.join(modality.file_name()),
            width: matrix.ncols(),
            rows: matrix.nrows(),
            missing: 0,
            first_missing: Vec::new(),
            unknown: 0,
            first_unknown: Vec::new(),
        });
    }
    description
}

fn foreign(foreign: &Foreign) -> Description {
    let source = &foreign.source;
    let events = &source.events;
    let (users, items) = (events.users.len(), events.items.len());
    let unique = distinct(&events.rows);
    let indexed = index(&events.rows, &unique.kept, users, items);
    // What the default split would leave to train on.
    let splits = split(SplitRule::Random, users, &indexed.pairs, &[], SEED);
    let count = |wanted| splits.iter().filter(|&&split| split == wanted).count();
    let counts = [Split::Train, Split::Valid, Split::Test].map(count);
    let features = &foreign.features;
    let width = |modality| features.iter().find(|f| f.modality == modality).map(|f| f.rows.ncols());
    let mut description = of_pairs(&indexed.pairs, counts, users, items, width);
    let mut trained = vec![false; items];
    let training = indexed.pairs.iter().zip(&splits).filter(|(_, split)| **split == Split::Train);
    training.for_each(|(pair, _)| trained[pair.item as usize] = true);

    description.layout = source.layout;
    description.path = source.path.clone();
    description.rows = events.rows.len();
    description.repeats = unique.repeats.len();
    let repeat = |&(first, again): &(usize, usize)| {
        let row = events.rows[again];
        let (user, item) = (events.users.name(row.user), events.items.name(row.item));
        // Which of the two stays is a question of time; a reader looks for the second one.
        let (earlier, later) = (source.places[first.min(again)], source.places[first.max(again)]);
        let word = if source.layout == Layout::Parquet { "row" } else { "line" };
        let place = source.place(later);
        format!("{}{place}: user {user} and item {item} are already on {word} {earlier}", source.path.display())
    };
    description.first_repeats = unique.repeats.iter().take(SHOWN).map(repeat).collect();
    let times = || events.rows.iter().filter_map(|row| row.time).map(|time| time.seconds());
    description.times = times().min().zip(times().max());
    description.items_without_train = trained.iter().filter(|trained| !**trained).count();
    description.wrong = source.wrong;
    description.problems = source.problems.iter().map(ToString::to_string).collect();
    description.notes = source.notes();
    for of_items in features {
        let coverage = of_items.coverage((0..items as u32).map(|item| events.items.name(item)));
        let missing: Vec<u32> = (0..items as u32).filter(|&item| coverage.row[item as usize].is_none()).collect();
        description.features.push(FeatureDescription {
            modality: of_items.modality,
            path: of_items.path.clone(),
            width: of_items.rows.ncols(),
            rows: of_items.rows.nrows(),
            missing: missing.len(),
            first_missing: missing.iter().take(SHOWN).map(|&item| events.items.name(item).to_owned()).collect(),
            unknown: coverage.unknown.len(),
            first_unknown: coverage.unknown.iter().take(SHOWN).map(|&row| of_items.ids[row].clone()).collect(),
        });
    }
    description
}

/// What pairs alone say.
fn of_pairs(
    pairs: &[Pair],
    splits: [usize; 3],
    users: usize,
    items: usize,
    width: impl Fn(Modality) -> Option<usize>,
) -> Description {
    let (mut by_user, mut by_item) = (vec![0; users], vec![0; items]);
    for pair in pairs {
        by_user[pair.user as usize] += 1;
        by_item[pair.item as usize] += 1;
    }
    Description {
        layout: Layout::Table,
        path: PathBuf::new(),
        users,
        items,
        rows: pairs.len(),
        pairs: pairs.len(),
        repeats: 0,
        first_repeats: Vec::new(),
        density: pairs.len() as f64 / (users as f64 * items as f64).max(1.0),
        times: None,
        splits,
        is_split: false,
        user_degrees: Quantiles::of(by_user),
        item_degrees: Quantiles::of(by_item),
        users_without_train: 0,
        items_without_train: 0,
        features: Vec::new(),
        absent: Modality::ALL.into_iter().filter(|&modality| width(modality).is_none()).collect(),
        cost: Cost::of(users, items, splits[0], Modality::ALL.map(width)),
        wrong: 0,
        problems: Vec::new(),
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_amazon_sports_is_what_was_measured() {
        let cost = Cost::of(35_598, 18_357, 218_409, [Some(768), Some(384), Some(4096)]);
        assert_eq!(cost.parameters, 100_459_328);
        assert_eq!(cost.batches, 107);
        let gibi = cost.peak_bytes as f64 / f64::from(1 << 30);
        assert!((gibi - 1.63).abs() < 0.02, "{gibi}");
        assert!((cost.epoch_seconds - 22.0).abs() < 0.5, "{}", cost.epoch_seconds);
    }

    #[test]
    fn quantiles_are_nearest_ranks() {
        let want = Quantiles { min: 1, five_percent: 5, half: 50, ninety_five_percent: 95, max: 100 };
        assert_eq!(Quantiles::of((1..=100).rev().collect()), want);
        assert_eq!(Quantiles::of(Vec::new()), Quantiles::default());
    }
}
