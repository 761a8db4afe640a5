//! What the numbers of a data set say.

use super::super::accuracy::RECALL;
use super::super::cells::ends;
use super::super::rows::{DatasetOfTable, Kind, Line, Of};
use crate::number::{counted, difference, metric};

/// Marks a value of published settings in a table where tuned ones are expected.
pub(super) fn starred(line: &Line, text: String) -> String {
    match (line.of, line.kind) {
        (Of::Model(_) | Of::Fusion(_), Kind::Published) if text.contains(" ± ") => text.replacen(" ± ", " * ± ", 1),
        (Of::Model(_) | Of::Fusion(_), Kind::Published) => format!("{text} *"),
        _ => text,
    }
}

fn recall(line: &Line) -> Option<f64> {
    line.test.get(RECALL).map(|value| value.mean)
}

/// The first of the best.
fn best<'a, 'b>(lines: impl Iterator<Item = &'b Line<'a>>) -> Option<(&'b Line<'a>, f64)>
where
    'a: 'b,
{
    let values = lines.filter_map(|line| Some((line, recall(line)?)));
    values.reduce(|best, other| if other.1 > best.1 { other } else { best })
}

fn is_method(line: &Line) -> bool {
    matches!(line.of, Of::Method(_))
}

/// Says who leads on a data set, and how far the best method without training is behind or ahead.
pub(super) fn leader(dataset: &DatasetOfTable) -> Option<String> {
    let lines = dataset.lines();
    let method = best(lines.iter().filter(|line| is_method(line)));
    let Some((line, value)) = best(lines.iter().filter(|line| !is_method(line))) else {
        let (method, value) = method?;
        return Some(format!(
            "On {} no model is trained yet; of the methods without training {} leads with a test Recall@20 of {}.",
            dataset.name,
            method.name,
            metric(value)
        ));
    };
    let sure = match ends(&line.test, RECALL, line.seeds) {
        Some((low, high)) => {
            format!("mean of {} seeds, 95\u{a0}% interval {} to {}", line.seeds, metric(low), metric(high))
        }
        None => counted(line.seeds, "seed", "seeds"),
    };
    let trained = format!("{} with {} settings", line.name, line.kind.word());
    let (name, recall) = (&dataset.name, metric(value));
    Some(match method {
        Some((method, other)) if other > value => format!(
            "On {name} a method without training leads, {}, with a test Recall@20 of {}; the best trained row, {trained}, has {recall} ({}; {sure}).",
            method.name,
            metric(other),
            difference(value - other)
        ),
        Some((method, other)) => format!(
            "On {name} {trained} leads with a test Recall@20 of {recall} ({sure}); the best method without training, {}, has {} ({}).",
            method.name,
            metric(other),
            difference(other - value)
        ),
        None => format!("On {name} {trained} leads with a test Recall@20 of {recall} ({sure})."),
    })
}

/// Says what is known of a data set beyond the leader: runs at the cap, what a choice on test adds, what has no space.
pub(super) fn counts(dataset: &DatasetOfTable) -> Vec<(String, String)> {
    let models = dataset.models();
    let runs: usize = models.iter().map(|(_, row)| row.seeds.len()).sum();
    let at_cap: usize = models.iter().map(|(_, row)| row.at_cap()).sum();
    let mut facts = vec![("rows with results".to_owned(), dataset.lines().len().to_string())];
    if runs > 0 {
        facts.push(("runs that the cap ended, of all runs".to_owned(), format!("{at_cap} of {runs}")));
    }
    let gains: Vec<f64> =
        models.iter().filter_map(|(line, row)| Some(row.selected_by_test.test.get(RECALL)? - recall(line)?)).collect();
    if !gains.is_empty() {
        let mean = gains.iter().sum::<f64>() / gains.len() as f64;
        facts.push(("what a choice of seed and epoch on test adds, mean over rows".to_owned(), difference(mean)));
    }
    facts
}
