//! A run that begins with the weights of another one, trained on other data: yesterday's model on today's shop.
//!
//! Users and items are found again by their external ids. A [table](RowsOf) takes the rows of those that both know; a layer is taken whole. What
//! the earlier run does not know keeps what a run without it begins with: numbers drawn by the model's own keyed initialisation, or the item's
//! features. So does a row of features where the features of its item have changed since, and a layer whose shape has (features of another width).
//!
//! Adam starts from scratch, without moments, and the learning rate begins with that of the first epoch: the objective moves with the data, and moments of rows that come and go
//! would have to be made up. Tables that a model keeps beside its weights are made from them when the first epoch begins.

use crate::error::TrainError;
use crate::identity::Identity;
use crate::origin::StartOrigin;
pub use crate::warm_start_error::WarmStartError;
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_data::{Dataset, Features, Modality, Split};
use anchorrec_encoders::{Parameter, Params, RowsOf};
use anchorrec_files::tensors::{OwnedTensor, SealedFile};
use anchorrec_files::{few, grouped, with_causes};
use anchorrec_records::origin::{Known, TakenWeights};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Weights to begin with, and who of today is who of yesterday.
pub struct WarmStart {
    path: PathBuf,
    origin: StartOrigin,
    users: Matches,
    items: Matches,
    /// For each modality and item of today: whether its features are others than yesterday. Empty where a modality is not on both sides with one width.
    changed: [Vec<bool>; 3],
    features: Arc<Features>,
    /// Validation and test rows of today that the weights were trained on.
    seen: [usize; 2],
}

/// Where the weights are from.
pub struct Earlier<'a> {
    /// What the run of the weights is made of.
    pub identity: &'a Identity,
    /// The file of the weights.
    pub weights: &'a Path,
    /// The SHA-256 of the file.
    pub sha256: &'a str,
    /// The data set that they were trained on.
    pub dataset: &'a Dataset,
}

/// The rows of today, by those of yesterday.
struct Matches {
    kind: &'static str,
    /// For each row of today, the row of yesterday.
    from: Vec<Option<u32>>,
    /// Rows of yesterday.
    there: usize,
    known: Known,
    by_number: bool,
    /// Ids that occur twice on one side; they are not looked for.
    twice: Vec<String>,
}

/// What happens to a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// The rows of users and items that are known.
    Rows,
    /// The whole weight.
    Whole,
    /// The weight begins as without the earlier run.
    Anew,
}

impl WarmStart {
    /// Finds the users and items of `dataset` among those that the earlier run was trained on.
    ///
    /// # Errors
    /// When it trained another model than `model`, one side lacks external ids, or nobody is known.
    pub fn new(earlier: &Earlier, dataset: &Dataset, model: &str) -> Result<Self, WarmStartError> {
        let there = earlier.identity.model();
        if there != model {
            return Err(WarmStartError::OtherModel { there: there.to_owned(), here: model.to_owned() });
        }
        let users = Matches::new("user", earlier.dataset, dataset)?;
        let items = Matches::new("item", earlier.dataset, dataset)?;
        if users.known.kept == 0 && items.known.kept == 0 {
            let some = |kind| [earlier.dataset, dataset].map(|data| few_names(kind, data));
            let [[a, b], [c, d]] = ["user", "item"].map(some);
            let (there, here) = (earlier.dataset.dir.clone(), dataset.dir.clone());
            return Err(WarmStartError::NobodyKnown { there, here, examples: Box::new([a, b, c, d]) });
        }
        let changed = Modality::ALL.map(|modality| {
            match [earlier.dataset, dataset].map(|data| data.features.of(modality)) {
                [Some(old), Some(new)] if old.ncols() == new.ncols() => items
                    .from
                    .iter()
                    .zip(new.rows())
                    .map(|(from, new)| {
                        // By their bits: a number that is none is like itself.
                        from.is_some_and(|old_row| {
                            !old.row(old_row as usize).iter().map(|x| x.to_bits()).eq(new.iter().map(|x| x.to_bits()))
                        })
                    })
                    .collect(),
                _ => Vec::new(),
            }
        });
        let trained = earlier.dataset.interactions.by_user(Split::Train);
        let seen = [Split::Valid, Split::Test].map(|split| {
            let was = |user: u32, item: u32| Some(trained.has(users.from[user as usize]?, items.from[item as usize]?));
            dataset.interactions.pairs(split).iter().filter(|pair| was(pair.user, pair.item) == Some(true)).count()
        });
        Ok(WarmStart {
            path: earlier.weights.to_owned(),
            origin: StartOrigin { run: earlier.identity.fingerprint(), weights: earlier.sha256.to_owned() },
            users,
            items,
            changed,
            features: dataset.features.clone(),
            seen,
        })
    }

    /// Returns what is in the identity of the run.
    pub fn origin(&self) -> &StartOrigin {
        &self.origin
    }

    /// Returns how many users are kept, new and gone.
    pub fn users(&self) -> &Known {
        &self.users.known
    }

    /// Returns how many items are kept, new and gone.
    pub fn items(&self) -> &Known {
        &self.items.known
    }

    /// Returns how many known items have other features than before, by modality.
    pub fn changed(&self) -> BTreeMap<String, usize> {
        let counts = Modality::ALL
            .into_iter()
            .zip(&self.changed)
            .map(|(modality, changed)| (modality.to_string(), count(changed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Returns how many validation and test rows the weights were trained on.
    pub fn seen(&self) -> [usize; 2] {
        self.seen
    }

    /// Says in two lines how many users and items are known, new and gone, with one of each.
    pub fn summary(&self) -> [String; 2] {
        [&self.users, &self.items].map(|Matches { kind, known: Known { kept, new, gone, examples }, .. }| {
            let some = |count: usize, what: &str, example: &Option<String>| match example {
                Some(example) => format!("{} {what} (such as {})", grouped(count), few([example], 1)),
                None => format!("{} {what}", grouped(count)),
            };
            let [kept, new, gone] = [
                some(*kept, "kept", &examples.kept),
                some(*new, "new", &examples.new),
                some(*gone, "gone", &examples.gone),
            ];
            format!("warm start: of the {kind}s {kept}, {new}, {gone}")
        })
    }

    /// Says what a reader must know before trusting the numbers.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        for Matches { kind, by_number, twice, .. } in [&self.users, &self.items] {
            if *by_number {
                let line = format!(
                    "warm start: {kind}s have no external ids on either side, so their numbers were taken for ids: expected the same number for the same {kind}"
                );
                notes.push(Note::new(Kind::Guessed, "warm-start-numbers-for-ids", 0u64, line));
            }
            if !twice.is_empty() {
                let line = format!(
                    "external ids of {kind}s stand twice in one of the two folders; warm start took these {kind}s as new"
                );
                notes.push(Note::new(Kind::Dropped, "warm-start-ids-twice", twice.len(), line).with(twice));
            }
        }
        for (modality, changed) in self.changed() {
            let text = format!(
                "warm start: known items have other {modality} features than before and begin with the new ones"
            );
            notes.push(Note::new(Kind::Odd, "warm-start-other-features", changed, text));
        }
        let splits = [("validation", "warm-start-saw-validation"), ("test", "warm-start-saw-test")];
        for ((split, code), seen) in splits.into_iter().zip(self.seen) {
            let text = format!(
                "{split} {} among the rows that the earlier run was trained on, which flatters the {split} metrics: split by time, or start from a run whose data ends before",
                either(seen, "row is", "rows are")
            );
            if seen > 0 {
                notes.push(Note::new(Kind::Odd, code, seen, text));
            }
        }
        notes
    }

    /// Says which weights a model takes and which start from scratch, by the headers of both.
    ///
    /// # Errors
    /// When the weights cannot be read, or a table has another width or another number of rows.
    pub fn taken(&self, params: &Params<f32>) -> Result<TakenWeights, TrainError> {
        let file = SealedFile::open(&self.path).map_err(|problem| self.unusable(with_causes(&problem)))?;
        let there: HashMap<&str, &[usize]> = file.shapes().collect();
        let mut taken = TakenWeights::default();
        for parameter in params.iter() {
            let fate =
                there.get(parameter.name.as_str()).map_or(Ok(Fate::Anew), |shape| self.fate(parameter, shape))?;
            let list = if fate == Fate::Anew { &mut taken.anew } else { &mut taken.kept };
            list.push(parameter.name.clone());
        }
        taken.gone = file.shapes().map(|(name, _)| name.to_owned()).filter(|name| params.id(name).is_none()).collect();
        Ok(taken)
    }

    /// Puts what is known into fresh weights.
    ///
    /// # Errors
    /// As [`taken`](Self::taken); `params` may then hold a part of it and must not be used.
    pub fn put_into(&self, params: &mut Params<f32>) -> Result<(), TrainError> {
        let unusable = |problem| self.unusable(with_causes(&problem));
        let mut file = SealedFile::open(&self.path).map_err(unusable)?;
        while let Some(OwnedTensor { name, shape, values }) = file.read_next().map_err(unusable)? {
            let Some(parameter) = params.iter_mut().find(|parameter| parameter.name == name) else { continue };
            match self.fate(parameter, &shape)? {
                Fate::Anew => {}
                Fate::Whole => {
                    parameter.value.as_slice_mut().expect("parameters are row-major").copy_from_slice(&values)
                }
                Fate::Rows => {
                    let matches = if parameter.rows == RowsOf::Users { &self.users } else { &self.items };
                    let changed = self.changed_of(parameter);
                    let width = parameter.value.ncols();
                    for (row, from) in matches.from.iter().enumerate() {
                        let Some(from) = from.map(|from| from as usize) else { continue };
                        if !changed.get(row).is_some_and(|changed| *changed) {
                            let values = &values[from * width..(from + 1) * width];
                            parameter.value.row_mut(row).iter_mut().zip(values).for_each(|(x, value)| *x = *value);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn fate(&self, parameter: &Parameter<f32>, shape: &[usize]) -> Result<Fate, WarmStartError> {
        let (rows, cols) = parameter.value.dim();
        let same = if parameter.vector { shape == [cols] } else { shape == [rows, cols] };
        let there = match parameter.rows {
            RowsOf::Layer => return Ok(if same { Fate::Whole } else { Fate::Anew }),
            RowsOf::Users => self.users.there,
            RowsOf::Items | RowsOf::Features => self.items.there,
        };
        let parameter_name = || parameter.name.clone();
        match *shape {
            [found, _] if found != there => {
                Err(WarmStartError::OtherRows { parameter: parameter_name(), expected: there, found })
            }
            [_, width] if width == cols => Ok(Fate::Rows),
            // Features of another width begin as they are now, as the layer on them does.
            [..] if parameter.rows == RowsOf::Features => Ok(Fate::Anew),
            [.., width] => Err(WarmStartError::OtherWidth { parameter: parameter_name(), there: width, here: cols }),
            [] => Err(WarmStartError::OtherWidth { parameter: parameter_name(), there: 0, here: cols }),
        }
    }

    /// Which items have other features than before, of those that a fresh table holds; of any kind where it holds none as they are.
    fn changed_of(&self, parameter: &Parameter<f32>) -> Vec<bool> {
        if parameter.rows != RowsOf::Features {
            return Vec::new();
        }
        let of = Modality::ALL.into_iter().position(|modality| self.features.of(modality) == Some(&parameter.value));
        match of {
            Some(modality) => self.changed[modality].clone(),
            None => {
                let any = |item| self.changed.iter().any(|changed| changed.get(item).is_some_and(|changed| *changed));
                (0..self.items.from.len()).map(any).collect()
            }
        }
    }

    fn unusable(&self, problem: String) -> TrainError {
        TrainError::Weights { path: self.path.clone(), problem }
    }
}

impl Matches {
    fn new(kind: &'static str, there: &Dataset, here: &Dataset) -> Result<Self, WarmStartError> {
        let (old, new) = (names(kind, there), names(kind, here));
        if old.external != new.external {
            let [named, unnamed] =
                if old.external { [there, here] } else { [here, there] }.map(|data| data.dir.clone());
            let file = if kind == "user" { "u_id_mapping.csv" } else { "i_id_mapping.csv" };
            return Err(WarmStartError::NamedOnOneSide { kind, named, unnamed, file });
        }
        let mut twice = Vec::new();
        let [old_rows, new_rows] = [&old, &new].map(|names| by_name(names, &mut twice));
        let mut from = vec![None; new.of.len()];
        let mut known = Known::default();
        for (name, row) in new.of.iter().zip(0..).filter_map(|(name, row)| Some((name.as_ref()?, row))) {
            let found = new_rows[name.as_str()].and(old_rows.get(name.as_str()).copied().flatten());
            from[row as usize] = found;
            let (count, example) = match found {
                Some(_) => (&mut known.kept, &mut known.examples.kept),
                None => (&mut known.new, &mut known.examples.new),
            };
            *count += 1;
            example.get_or_insert_with(|| name.clone());
        }
        for name in old.of.iter().flatten() {
            if !new_rows.get(name.as_str()).is_some_and(Option::is_some) || old_rows[name.as_str()].is_none() {
                known.gone += 1;
                known.examples.gone.get_or_insert_with(|| name.clone());
            }
        }
        twice.sort_unstable();
        twice.dedup();
        Ok(Matches { kind, from, there: old.of.len(), known, by_number: !new.external, twice })
    }
}

/// What users or items are called, by their numbers; nothing where nobody is behind a number, or where an item has no id among items that have.
struct Names {
    of: Vec<Option<String>>,
    external: bool,
}

fn names(kind: &str, data: &Dataset) -> Names {
    let (count, nobody, external) = match kind {
        "user" => (data.interactions.users, &data.phantoms.users, data.user_ids.is_some()),
        _ => (data.interactions.items, &data.phantoms.items, data.item_ids.is_some()),
    };
    let name = |number: u32| match (kind, &data.user_ids, &data.item_ids) {
        ("user", Some(ids), _) => Some(ids[number as usize].clone()),
        ("item", _, Some(ids)) => ids[number as usize].clone(),
        _ => Some(number.to_string()),
    };
    let somebody = |number: u32| nobody.binary_search(&number).is_err();
    Names { of: (0..count as u32).map(|number| somebody(number).then(|| name(number)).flatten()).collect(), external }
}

/// Rows by name; nothing where a name occurs twice.
fn by_name<'a>(names: &'a Names, twice: &mut Vec<String>) -> HashMap<&'a str, Option<u32>> {
    let mut rows = HashMap::new();
    for (name, row) in names.of.iter().zip(0..).filter_map(|(name, row)| Some((name.as_deref()?, row))) {
        if rows.insert(name, Some(row)).is_some() {
            rows.insert(name, None);
            twice.push(name.to_owned());
        }
    }
    rows
}

fn few_names(kind: &str, data: &Dataset) -> String {
    let names = names(kind, data).of;
    few(names.iter().flatten(), names.iter().flatten().count())
}

fn count(flags: &[bool]) -> usize {
    flags.iter().filter(|flag| **flag).count()
}
