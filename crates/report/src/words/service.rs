//! Sentences that say which users are served and with which items: shares and ratios as they are.
//! No test is behind a difference between groups, so no sentence calls one group better.

use crate::figures::groups::range;
use crate::number::{fixed, metric, percent};
use crate::spaces::{Spaces, mean};
use anchorrec_records::analysis::{Analysis, CatalogueRecord, ItemGroupRecord, UserGroupRecord};

/// Writes about the catalogue, then about users and items with few and with many interactions.
pub fn sentences(spaces: &Spaces) -> Vec<String> {
    let mut out: Vec<String> = catalogue(spaces).into_iter().collect();
    out.extend(users(spaces.shown()));
    out.extend(items(spaces.shown()));
    out
}

fn catalogue(spaces: &Spaces) -> Option<String> {
    let of = |figure: fn(&CatalogueRecord) -> f64| {
        mean(spaces.analyses().iter().map(|analysis| figure(&analysis.catalogue)))
    };
    let (coverage, gini, lift) = (of(|c| c.coverage)?, of(|c| c.gini)?, of(|c| c.popularity_lift)?);
    Some(format!(
        "{} of the items stand in somebody's first {}; the Gini coefficient of how often items are shown is {}. What is shown is {} times as popular \
         as what users take (popularity ratio).",
        percent(coverage),
        spaces.k(),
        fixed(gini, 2),
        fixed(lift, 2)
    ))
}

fn users(shown: &Analysis) -> Option<String> {
    let recall = |group: &UserGroupRecord| group.test.get("recall@20").copied();
    let (few, many) = ends(&shown.user_groups, |group| recall(group).is_some())?;
    Some(format!(
        "Test Recall@20 is {} for users with {} training pairs and {} for those with {} (seed {}).",
        metric(recall(few)?),
        range(few.from, few.to),
        metric(recall(many)?),
        range(many.from, many.to),
        shown.seed
    ))
}

fn items(shown: &Analysis) -> Option<String> {
    let share = |group: &ItemGroupRecord| group.hits as f64 / group.positives as f64;
    let (few, many) = ends(&shown.item_groups, |group| group.positives > 0)?;
    Some(format!(
        "Of test pairs whose item has {} training pairs, {} are found among the first {}; of those whose item has {}, {} (seed {}).",
        range(few.from, few.to),
        percent(share(few)),
        shown.k,
        range(many.from, many.to),
        percent(share(many)),
        shown.seed
    ))
}

/// The first and the last group that count, if they are two.
fn ends<T>(groups: &[T], counts: impl Fn(&T) -> bool) -> Option<(&T, &T)> {
    let counted: Vec<&T> = groups.iter().filter(|group| counts(group)).collect();
    match counted[..] {
        [few, .., many] => Some((few, many)),
        _ => None,
    }
}
