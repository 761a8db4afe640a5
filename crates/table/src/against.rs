//! Paired tests of every row against the reference of its table, from what every user got.
//!
//! The runs are in the folder for runs, on the machine that computed them. Where they are not, the tests that another machine has made stay, as long as the
//! reference still has the weights that they are about.

use crate::command::Places;
use crate::error::TableError;
use crate::lists;
use crate::read::json;
use crate::results::Results;
use anchorrec_records::report::RunRecord;
use anchorrec_records::table::{AgainstReference, ClosedFormRows, ModelResults, ModelRow, PUBLISHED, TUNED};
use anchorrec_records::{Report, UserResults};
use anchorrec_trainer::comparison::compare_users;
use anchorrec_trainer::run_folder;
use std::collections::BTreeMap;
use std::path::Path;

/// Brings the tests of a data set up to date with the runs that are here.
///
/// # Errors
/// When a file cannot be written.
pub fn test(places: &Places, dataset: &str, reference: &str, results: &mut Results) -> Result<(), TableError> {
    let Some(of_reference) = results.model(dataset, reference).cloned() else { return Ok(()) };
    let references = [(PUBLISHED, &of_reference.published), (TUNED, &of_reference.tuned)];
    let references: Vec<Reference> = references
        .into_iter()
        .filter_map(|(kind, row)| Reference::new(places, reference, kind, row.as_ref()?))
        .collect();
    let models: Vec<ModelResults> = results.models(dataset).cloned().collect();
    for mut model in models {
        if of_model(places, &references, &mut model) {
            results.keep(model)?;
        }
    }
    let Some(mut rows) = results.closed_forms(dataset).cloned() else { return Ok(()) };
    if of_closed_forms(places, &references, &mut rows) {
        results.keep_closed_forms(rows)?;
    }
    Ok(())
}

/// Tests the rows of a model. Returns whether something changed.
fn of_model(places: &Places, references: &[Reference], model: &mut ModelResults) -> bool {
    let mut changed = false;
    for reference in references {
        let row = if reference.kind == TUNED { &mut model.tuned } else { &mut model.published };
        let Some(row) = row else { continue };
        if model.name != reference.name {
            let run = places.out.join(&row.run);
            let users = || users(&run, row);
            if let Some(found) = reference.again(row.against.as_ref(), users) {
                row.against = found;
                changed = true;
            }
        }
        let Some((fusion, fused)) = row.fusion.as_ref().zip(row.fused.as_mut()) else { continue };
        let run = places.out.join(&row.run);
        let users = || Some(lists::of_fusion(&run, fusion)?.into_iter().map(|lists| lists.users).collect());
        changed |= reference.put(&mut fused.against, users);
    }
    changed
}

/// Tests the methods without training, against the runs of the reference under any settings. Returns whether something changed.
fn of_closed_forms(places: &Places, references: &[Reference], rows: &mut ClosedFormRows) -> bool {
    let mut changed = false;
    for place in 0..rows.methods.len() {
        let method = rows.methods[place].clone();
        let Some(mut row) = rows.lists.remove(&method.method) else { continue };
        for reference in references {
            let users = || Some(vec![lists::of_method(places, rows, &method)?.users]);
            changed |= reference.put(&mut row.against, users);
        }
        rows.lists.insert(method.method, row);
    }
    changed
}

/// The runs that rows are tested against.
struct Reference<'a> {
    name: &'a str,
    kind: &'static str,
    weights: Vec<String>,
    /// What every user got; nothing where the runs are not here.
    users: Option<Vec<UserResults>>,
}

impl<'a> Reference<'a> {
    fn new(places: &Places, name: &'a str, kind: &'static str, row: &ModelRow) -> Option<Self> {
        let users = users(&places.out.join(&row.run), row);
        Some(Reference { name, kind, weights: row.weights(), users })
    }

    /// The tests of a row, where they are to be made again; tests against other weights are none of this table.
    fn again(
        &self,
        was: Option<&AgainstReference>,
        users: impl FnOnce() -> Option<Vec<UserResults>>,
    ) -> Option<Option<AgainstReference>> {
        if was.is_some_and(|was| was.weights == self.weights) {
            return None;
        }
        let found = users().and_then(|users| self.against(&users));
        (found.is_some() || was.is_some()).then_some(found)
    }

    /// [`again`](Self::again) for one of several tests. Returns whether something changed.
    fn put(
        &self,
        against: &mut BTreeMap<String, AgainstReference>,
        users: impl FnOnce() -> Option<Vec<UserResults>>,
    ) -> bool {
        let Some(found) = self.again(against.get(self.kind), users) else { return false };
        match found {
            Some(found) => _ = against.insert(self.kind.to_owned(), found),
            None => _ = against.remove(self.kind),
        }
        true
    }

    /// Tests the runs of as many seeds as the reference has, or of none, over users; nothing where the runs are not here or the users are others.
    fn against(&self, users: &[UserResults]) -> Option<AgainstReference> {
        let of_reference = self.users.as_ref()?;
        let same_seeds = users.len() == of_reference.len() || users.len() == 1;
        let same_users = || users.iter().chain(of_reference).all(|of| of.users == users[0].users);
        if !same_seeds || !same_users() {
            return None;
        }
        let (tests, shared) = compare_users(users, of_reference);
        Some(AgainstReference {
            reference: self.name.to_owned(),
            weights: self.weights.clone(),
            tests,
            shared_recommendations: Some(shared),
        })
    }
}

/// What every user got from the runs of a row, where they are here and are still those.
fn users(run: &Path, row: &ModelRow) -> Option<Vec<UserResults>> {
    let report: Report = json(&run.join("report.json"))?;
    let weights = |run: &RunRecord| run.checkpoint_sha256.clone();
    if report.runs.iter().map(weights).collect::<Vec<_>>() != row.weights() {
        return None;
    }
    // A search may train its first point there meanwhile: it is neither disturbed nor waited for.
    report.runs.iter().map(|of_seed| run_folder::users(run, of_seed)).collect()
}
