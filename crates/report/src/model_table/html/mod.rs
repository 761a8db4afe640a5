//! The page as HTML: the protocol and what is missing, then each data set with its figures and tables.
//!
//! | module | what |
//! |---|---|
//! | `head` | the whole table: who leads where, the protocol, what is missing |
//! | `dataset` | a data set: figures first, the numbers below them |
//! | `words` | what the numbers of a data set say, in a sentence or two |
//! | `table` | a table of the page |

mod dataset;
mod head;
mod table;
mod words;

use super::rows::{DatasetOfTable, ModelTable};
use crate::page::Page;
use crate::page::document::document;

/// Makes the page. A data set without a result has no figures: the list of what is missing names it.
///
/// ```
/// use anchorrec_report::model_table::{ModelTable, html};
///
/// let page = html(&ModelTable { missing: vec!["small: everything".to_owned()], ..ModelTable::default() });
/// assert!(page.figures.is_empty() && page.html.contains("<li>small: everything</li>"));
/// ```
pub fn html(table: &ModelTable) -> Page {
    let is_there = |dataset: &&DatasetOfTable| !dataset.lines().is_empty();
    let datasets: Vec<&DatasetOfTable> = table.datasets.iter().filter(is_there).collect();
    let mut subjects = vec![head::subject(table, &datasets)];
    subjects
        .extend(datasets.iter().enumerate().map(|(place, of)| dataset::subject(of, &format!("data-{}", place + 1))));
    let html = document(&subjects);
    Page { html, figures: subjects.into_iter().flat_map(|subject| subject.figures).collect() }
}
