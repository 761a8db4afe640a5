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
//! Amazon Sports (`P` = 100,459,328) and 61 MiB on Amazon Office (`P` = 2,120,768): the estimate is `24 MiB + 1.61 GiB · P / 100,459,328`.
//!
//! **Time.** On two cores with AVX-512 an epoch of 107 batches of 2048 took 22 s on Amazon Sports, and one of 6 took 0.48 s on its twin with 5.7
//! million parameters, validation included: the estimate is `batches · (0.072 s + 0.133 s · P / 100,459,328)`, and 1.7 times as much on a processor
//! without AVX-512: on two such cores, features 640 wide in all, an epoch took 20 s on Amazon Sports and 5.7 s on Amazon Baby, where the
//! formula alone says 9.9 s and 4.7 s. More cores, another batch size or another model take another time; expect a factor of two.

use super::features::judge;
use super::folder::{Foreign, Own};
use crate::Events;
use crate::anchor::FALLBACK_WIDTH;
use crate::index::renumber;
use crate::repeats;
use crate::split::{Rule, split};
use anchorrec_data::note::{Kind, either};
use anchorrec_data::{DataError, Dataset, Modality, Split, grouped};
use anchorrec_files::few::SHOWN;
use anchorrec_formats::{Layout, Note, file_error};
use serde::Serialize;
use std::collections::HashSet;
use std::path::PathBuf;

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
    /// The first repeats, with their places.
    pub first_repeats: Vec<String>,
    /// Pairs divided by users times items.
    pub density: f64,
    /// The earliest and the latest time, in seconds.
    pub times: Option<(i64, i64)>,
    /// Rows with a rating.
    pub rated: usize,
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
    /// The first users and items without one, by their external ids.
    pub first_without_train: [Vec<String>; 2],
    /// Features.
    pub features: Vec<FeatureDescription>,
    /// Kinds of features that are not there.
    pub absent: Vec<Modality>,
    /// What fused features would be made of, at most so wide; `None` where they are there, or there is nothing to make them of.
    pub anchor_width: Option<usize>,
    /// What training would take.
    pub cost: Cost,
    /// Wrong rows.
    pub wrong: usize,
    /// The first of them, a line each.
    pub problems: Vec<String>,
    /// What is unusual.
    pub notes: Vec<Note>,
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
    /// Computes quantiles by nearest ranks: the quantile `q` of `n` values is the one at `⌈q n⌉`, counted from 1.
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
    /// The kind of features.
    pub modality: Modality,
    /// The file.
    pub path: PathBuf,
    /// Numbers per item.
    pub width: usize,
    /// Rows of the file.
    pub rows: usize,
    /// Items without a row.
    pub missing: usize,
    /// The first items without a row.
    pub first_missing: Vec<String>,
    /// Rows of items without an interaction.
    pub unknown: usize,
    /// The first items without an interaction.
    pub first_unknown: Vec<String>,
}

/// What training would take, by the formulas of the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Parameters of the model.
    pub parameters: u64,
    /// Weights and moments.
    pub state_bytes: u64,
    /// At the peak.
    pub peak_bytes: u64,
    /// Batches of an epoch.
    pub batches: usize,
    /// Seconds of an epoch on two cores of this machine's kind.
    pub epoch_seconds: f64,
    /// Whether that kind has AVX-512.
    pub avx512: bool,
}

impl Cost {
    /// Estimates the cost for `[mm, text, vision]` features of the given widths, on this machine.
    pub fn of(users: usize, items: usize, train: usize, widths: [Option<usize>; 3]) -> Self {
        Cost::on(avx512(), users, items, train, widths)
    }

    fn on(avx512: bool, users: usize, items: usize, train: usize, widths: [Option<usize>; 3]) -> Self {
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
            peak_bytes: ((24.0 + 1.61 * 1024.0 * share) * mebi) as u64,
            batches,
            epoch_seconds: batches as f64 * (0.072 + 0.133 * share) * if avx512 { 1.0 } else { 1.7 },
            avx512,
        }
    }
}

fn avx512() -> bool {
    #[cfg(target_arch = "x86_64")]
    let has = std::arch::is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    let has = false;
    has
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
    let pairs = record.train.iter().chain(&record.valid).chain(&record.test).map(|pair| (pair.user, pair.item));
    let splits = [record.train.len(), record.valid.len(), record.test.len()];
    let widths = Modality::ALL.map(|modality| dataset.features.of(modality).map(|matrix| matrix.ncols()));
    let mut description = of_pairs(pairs, splits, record.users, record.items, widths);
    description.layout = Layout::Ready;
    description.path = dataset.dir.join(format!("{}.inter", dataset.name));
    description.is_split = true;
    description.users_without_train = dataset.findings.users_without_train;
    description.items_without_train = dataset.findings.items_without_train;
    let untrained = dataset.untrained();
    description.first_without_train = [
        untrained.users.iter().take(SHOWN).map(|&user| dataset.user_name(user)).collect(),
        untrained.items.iter().take(SHOWN).map(|&item| dataset.item_name(item)).collect(),
    ];
    description.notes = dataset.notes();
    description.problems.extend(dataset.sampler(SEED).err().map(|error| error.to_string()));
    description.wrong = description.problems.len();
    for modality in Modality::ALL {
        let Some(matrix) = dataset.features.of(modality) else { continue };
        if matrix.iter().all(|&x| x == 0.0) {
            let found = format!("nothing but zeros in the rows of all {} items", grouped(matrix.nrows()));
            let error = file_error(&dataset.dir.join(modality.file_name()), "numbers in which items differ", found);
            description.problems.push(error.to_string());
            description.wrong += 1;
        }
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
    let mut repeated: Vec<repeats::Repeat> = repeats::find(&events.rows).collect();
    repeated.sort_unstable_by_key(|repeat| repeat.row);
    let mut kept = Events { rows: events.rows.clone(), parts: events.parts.clone(), ..Events::default() };
    let repeats = repeats::drop_repeats(&mut kept);
    let Events { mut rows, parts, .. } = kept;
    // What preparing by default would leave to train on.
    let old = renumber(&mut rows);
    let (users, items) = (old.users.len(), old.items.len());
    let is_split = !parts.is_empty() && parts.len() == rows.len();
    let rule = if is_split { Rule::Given } else { Rule::Random { seed: SEED } };
    let splits = split(&rows, &parts, users, rule);
    let features = &foreign.features;
    let mut widths =
        Modality::ALL.map(|modality| features.iter().find(|f| f.modality == modality).map(|f| f.rows.ncols()));
    let anchor_width = match widths {
        [None, text, vision] if text.or(vision).is_some() => {
            let joined = text.unwrap_or(0) + vision.unwrap_or(0);
            // The rows less their mean span one dimension less than there are.
            Some(joined.min(FALLBACK_WIDTH).min(items.saturating_sub(1)).max(1))
        }
        _ => None,
    };
    widths[0] = widths[0].or(anchor_width);
    let mut description = of_pairs(rows.iter().map(|row| row.pair()), splits.sizes(), users, items, widths);
    description.anchor_width = anchor_width;
    if anchor_width.is_some() {
        description.absent.insert(0, Modality::Mm);
    }
    let (mut trained, mut of_user) = (vec![false; items], vec![0; users]);
    let training = rows.iter().zip(&splits.of_rows).filter(|(_, split)| **split == Some(Split::Train));
    training.for_each(|(row, _)| {
        trained[row.item as usize] = true;
        of_user[row.user as usize] += 1;
    });
    let untrained = (0..items).filter(|&item| !trained[item]);
    description.items_without_train = untrained.clone().count();
    description.first_without_train[1] =
        untrained.take(SHOWN).map(|item| events.items.name(old.items[item]).to_owned()).collect();

    description.is_split = is_split;
    description.layout = source.layout;
    description.path = source.path.clone();
    description.rows = events.rows.len();
    description.repeats = repeated.len();
    let repeat = |repeat: &repeats::Repeat| {
        let row = events.rows[repeat.row];
        let (user, item) = (events.users.name(row.user), events.items.name(row.item));
        // Which of the two stays is a question of time; a reader looks for the second one.
        let (earlier, later) = (repeat.stays.min(repeat.row), repeat.stays.max(repeat.row));
        format!("{}: user {user} and item {item} are already at {}", source.at(later), source.at(earlier))
    };
    description.first_repeats = repeated.iter().take(SHOWN).map(repeat).collect();
    let times = || events.rows.iter().filter_map(|row| row.time).map(|time| time.seconds());
    description.times = times().min().zip(times().max());
    description.rated = events.rows.iter().filter(|row| row.rating.is_some()).count();
    description.wrong = source.wrong;
    description.problems = source.problem_lines();
    description.notes = source.notes();
    description.notes.extend(repeats.notes(&events.users, &events.items));
    description.notes.extend(unjudged(splits.sizes()));
    let candidates = items - description.items_without_train;
    let full: Vec<u32> = (0..users as u32).filter(|&user| of_user[user as usize] == candidates).collect();
    if full.len() == users && source.wrong == 0 {
        description.problems.push(DataError::NoNegative { items: candidates }.to_string());
        description.wrong += 1;
    } else if !full.is_empty() {
        let text = either(full.len(), "user has every item of training", "users have every item of training");
        let text = format!("{text}, so no negative can be drawn: left out of sampling, kept in the graph");
        let names = full.iter().map(|&user| events.users.name(old.users[user as usize]));
        description.notes.push(Note::new(Kind::Dropped, "users-with-every-item", full.len(), text).with(names));
    }
    description.notes.extend(foreign.notes.iter().cloned());
    let names: Vec<&str> = (0..items as u32).map(|item| events.items.name(item)).collect();
    for of_items in features {
        let coverage = match judge(of_items, &names, &|_| false, foreign.allow_missing, false) {
            Ok((coverage, notes)) => {
                description.notes.extend(notes);
                coverage
            }
            Err(error) => {
                description.problems.push(error.to_string());
                description.wrong += 1;
                of_items.coverage(names.iter().copied())
            }
        };
        let missing: Vec<usize> = (0..items).filter(|&item| coverage.row[item].is_none()).collect();
        description.features.push(FeatureDescription {
            modality: of_items.modality,
            path: of_items.path.clone(),
            width: of_items.rows.ncols(),
            rows: of_items.rows.nrows(),
            missing: missing.len(),
            first_missing: missing.iter().take(SHOWN).map(|&item| names[item].to_owned()).collect(),
            unknown: coverage.unknown.len(),
            first_unknown: coverage.unknown.iter().take(SHOWN).map(|&row| of_items.ids[row].clone()).collect(),
        });
    }
    if let Some(texts) = &foreign.texts {
        let with: HashSet<&str> = texts.ids.iter().map(String::as_str).collect();
        let count = names.iter().filter(|name| with.contains(*name)).count();
        let text = format!(
            "of {items} items have a text in the column {:?} of {}: prepare --text-model DIR makes text features of them",
            texts.column,
            texts.path.display()
        );
        description.notes.push(Note::new(Kind::Missing, "texts-not-encoded", count, text));
        if count == 0 {
            let expected = format!("texts of the items of the data in the column {:?}", texts.column);
            description.problems.push(file_error(&texts.path, expected, "none of them").to_string());
            description.wrong += 1;
        }
    }
    description
}

/// What cannot be measured with splits of these sizes.
fn unjudged([_, valid, test]: [usize; 3]) -> Vec<Note> {
    let missing = |code: &str, text: &str| Note::new(Kind::Missing, code, 0u64, text);
    let valid = (valid == 0).then(|| missing("no-validation", "there are no validation rows: no epoch can be chosen"));
    let test = (test == 0).then(|| missing("no-test", "there are no test rows: nothing is measured on test"));
    valid.into_iter().chain(test).collect()
}

/// What pairs alone say; `widths` are those of `[mm, text, vision]` features.
fn of_pairs(
    pairs: impl Iterator<Item = (u32, u32)>,
    splits: [usize; 3],
    users: usize,
    items: usize,
    widths: [Option<usize>; 3],
) -> Description {
    let (mut by_user, mut by_item) = (vec![0; users], vec![0; items]);
    let mut count = 0;
    for (user, item) in pairs {
        by_user[user as usize] += 1;
        by_item[item as usize] += 1;
        count += 1;
    }
    Description {
        layout: Layout::Table,
        path: PathBuf::new(),
        users,
        items,
        rows: count,
        pairs: count,
        repeats: 0,
        first_repeats: Vec::new(),
        density: count as f64 / (users as f64 * items as f64).max(1.0),
        times: None,
        rated: 0,
        splits,
        is_split: false,
        user_degrees: Quantiles::of(by_user),
        item_degrees: Quantiles::of(by_item),
        users_without_train: 0,
        items_without_train: 0,
        first_without_train: Default::default(),
        features: Vec::new(),
        absent: Modality::ALL.into_iter().zip(widths).filter(|(_, w)| w.is_none()).map(|(m, _)| m).collect(),
        anchor_width: None,
        cost: Cost::of(users, items, splits[0], widths),
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
        let cost = Cost::on(true, 35_598, 18_357, 218_409, [Some(768), Some(384), Some(4096)]);
        assert_eq!(cost.parameters, 100_459_328);
        assert_eq!(cost.batches, 107);
        let gibi = cost.peak_bytes as f64 / f64::from(1 << 30);
        assert!((gibi - 1.63).abs() < 0.02, "{gibi}");
        let office = Cost::of(4_905, 2_420, 40_877, [Some(256), Some(384), None]);
        assert_eq!(office.parameters, 2_120_768);
        let mebi = office.peak_bytes as f64 / f64::from(1 << 20);
        assert!((mebi - 61.0).abs() < 6.1, "{mebi}");
        assert!((cost.epoch_seconds - 22.0).abs() < 0.5, "{}", cost.epoch_seconds);
    }

    #[test]
    fn an_epoch_without_avx512_is_within_a_factor_of_two_of_what_was_measured() {
        let narrow = [Some(256), Some(128), Some(256)];
        for (users, items, train, measured) in [(35_598, 18_357, 218_409, 20.0), (19_445, 7_050, 118_551, 5.7)] {
            let seconds = Cost::on(false, users, items, train, narrow).epoch_seconds;
            assert!(seconds < 2.0 * measured && measured < 2.0 * seconds, "{seconds} for {measured}");
        }
    }

    #[test]
    fn quantiles_are_nearest_ranks() {
        let want = Quantiles { min: 1, five_percent: 5, half: 50, ninety_five_percent: 95, max: 100 };
        assert_eq!(Quantiles::of((1..=100).rev().collect()), want);
        assert_eq!(Quantiles::of(Vec::new()), Quantiles::default());
    }
}
