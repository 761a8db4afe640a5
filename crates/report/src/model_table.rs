//! The page of a table of models as Markdown: for each data set accuracy with intervals over seeds, what a choice on test would have printed, paired tests, groups,
//! what is recommended, item spaces, costs, and what is missing.
//!
//! Everything comes from the records of the table ([`anchorrec_records::table`]): the same records give the same bytes. Tests are corrected by Holm for all rows of a
//! data set that are compared with the reference under settings of the same kind, Recall@20 and NDCG@20 each.

mod accuracy;
mod markdown;
mod rows;
mod spaces;
mod tests_over_users;

pub use rows::{DatasetOfTable, ModelTable};

use crate::number::listed;
use anchorrec_data::Provenance;
use std::fmt::Write;

/// Writes the page.
///
/// ```
/// use anchorrec_report::model_table::{ModelTable, page};
///
/// let table = ModelTable { missing: vec!["small: everything".to_owned()], ..ModelTable::default() };
/// assert!(page(&table).contains("- small: everything\n"));
/// ```
pub fn page(table: &ModelTable) -> String {
    let mut out = "# Results\n\nEach row is a model on a data set. Every choice (epoch, settings, weights of a fusion) is made on validation.\n".to_owned();
    let _ = writeln!(
        out,
        "`{}` computes what is missing and writes this page from the files in `docs/results/`.\n",
        table.command
    );
    table.protocol.iter().for_each(|line| writeln!(out, "- {line}").expect("a text takes what is written"));
    if !table.missing.is_empty() {
        let _ = writeln!(
            out,
            "\n## What is missing\n\nThe command above continues; it can be interrupted at any moment.\n"
        );
        table.missing.iter().for_each(|line| writeln!(out, "- {line}").expect("a text takes what is written"));
    }
    table.datasets.iter().for_each(|dataset| out += &of_dataset(dataset));
    out
}

fn of_dataset(dataset: &DatasetOfTable) -> String {
    let data = dataset.models.first().map(|of| &of.data).or(dataset.closed_forms.map(|rows| &rows.data));
    let Some(data) = data else { return String::new() };
    let source = match data.source {
        Provenance::Real => "real data",
        Provenance::Derived => "real interactions, some features rebuilt",
        Provenance::Synthetic => "a synthetic twin: **no result**",
        Provenance::Unknown => "data of unknown origin",
    };
    let mut out = format!(
        "\n## {}\n\n{} users, {} items, {} training pairs, {} for validation, {} for test ({source}).\n",
        dataset.name, data.users, data.items, data.train, data.valid, data.test
    );
    let refused: Vec<String> =
        dataset.models.iter().filter_map(|of| Some(format!("{} ({})", of.title, of.refused.as_ref()?))).collect();
    if !refused.is_empty() {
        let _ = writeln!(out, "\nLeft out: {}.", listed(&refused));
    }
    out += &accuracy::results(dataset);
    out += &accuracy::chosen_on_test(dataset);
    out += &tests_over_users::against_the_reference(dataset);
    out += &accuracy::every_cut_off(dataset);
    out += &accuracy::groups(dataset);
    out += &spaces::recommended(dataset);
    out += &spaces::overlaps(dataset);
    out += &accuracy::costs(dataset);
    out += &accuracy::chosen_settings(dataset);
    out
}
