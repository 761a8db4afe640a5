//! Small data sets and settings for models that nobody names.

use anchorrec_conformance::setting_paths::leaf;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, FeatureTables, Model, Recommender, SettingError, TrainingSet};
use anchorrec_testkit::random;
use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use toml::{Table, Value};

/// Triples of the batches.
pub const BATCH_SIZE: usize = 8;

/// Training pairs and features. The last user and the last item are in no pair.
pub struct Data<F> {
    pub users: usize,
    pub items: usize,
    pairs: Vec<(u32, u32)>,
    /// Fused, text, vision.
    tables: [Option<Array2<F>>; 3],
}

impl<F: Real> Data<F> {
    /// Draws a data set; `there` says which features it has: fused, text, vision.
    pub fn new(users: usize, items: usize, widths: [usize; 3], there: [bool; 3], seed: u64) -> Self {
        let rng = &mut random::generator(seed);
        let (active_users, active_items) = ((users - 1).max(1), (items - 1).max(1));
        let mut pairs: Vec<(u32, u32)> = (0..active_users as u32)
            .flat_map(|user| random::indices(4, active_items, rng).into_iter().map(move |item| (user, item)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        let tables = [0, 1, 2].map(|m| {
            let table = random::matrix(items, widths[m], rng).mapv(|x| F::of(x + 0.2));
            there[m].then_some(table)
        });
        Data { users, items, pairs, tables }
    }

    /// Makes one item's features zero, and two items twins.
    pub fn with_odd_rows(mut self) -> Self {
        for table in self.tables.iter_mut().flatten() {
            table.row_mut(0).fill(F::zero());
            if table.nrows() > 3 {
                let twin = table.row(2).to_owned();
                table.row_mut(3).assign(&twin);
            }
        }
        self
    }

    /// Makes a whole table of features zero: 0 fused, 1 text, 2 vision.
    pub fn with_zeros(mut self, table: usize) -> Self {
        if let Some(table) = &mut self.tables[table] {
            table.fill(F::zero());
        }
        self
    }

    pub fn set(&self) -> TrainingSet<'_, F> {
        let [mm, text, vision] = self.tables.each_ref().map(Option::as_ref);
        TrainingSet {
            users: self.users,
            items: self.items,
            pairs: &self.pairs,
            features: FeatureTables { mm, text, vision },
        }
    }

    /// Builds a model, as a process that starts does it.
    pub fn build(
        &self,
        model: &dyn Model<F>,
        settings: &Table,
        seed: u64,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        let set = self.set();
        model.prepare(settings, &set).fresh(&set, BATCH_SIZE, &mut ChaCha8Rng::seed_from_u64(seed))
    }

    /// Builds a model; nothing where it says itself that it lacks features.
    ///
    /// # Panics
    /// When it refuses without having said that.
    pub fn build_unless_lacking(
        &self,
        model: &dyn Model<F>,
        settings: &Table,
        seed: u64,
    ) -> Option<Box<dyn Recommender<F>>> {
        match self.build(model, settings, seed) {
            Ok(built) => {
                let present = self.set().features.present();
                assert!(!model.refuses(present), "{} says that it refuses {present:?} and does not", model.name());
                Some(built)
            }
            Err(refused) => {
                let present = self.set().features.present();
                assert!(model.refuses(present), "{} refuses {present:?} and does not say so: {refused}", model.name());
                assert!(model.lacking(present).is_some(), "{} refuses {present:?} and does not say why", model.name());
                None
            }
        }
    }
}

/// Users, positives and negatives, repeats likely.
pub struct Triples([Vec<u32>; 3]);

impl Triples {
    pub fn new(count: usize, users: usize, items: usize, seed: u64) -> Self {
        let rng = &mut random::generator(seed);
        Triples([users, items, items].map(|bound| random::indices(count, bound, rng)))
    }

    pub fn batch(&self, seed: u64) -> Batch<'_> {
        Batch { users: &self.0[0], positives: &self.0[1], negatives: &self.0[2], seed, index: 0 }
    }
}

/// Sets `path=value`, as a person writes it, in a table of one model's settings.
pub fn assign(settings: &mut Table, model: &str, assignment: &str) {
    let (path, text) = assignment.split_once('=').unwrap_or_else(|| panic!("{assignment}: expected path=value"));
    let path = path.strip_prefix(&format!("{model}.")).unwrap_or_else(|| panic!("{assignment} is not {model}'s"));
    let value = match format!("v = {text}").parse::<Table>() {
        Ok(mut table) => table.remove("v").expect("the key that was written"),
        Err(_) => Value::String(text.to_owned()),
    };
    *leaf(settings, &path.split('.').collect::<Vec<_>>()) = value;
}
