//! What a store returned, beside the model's own lists.

use std::collections::HashSet;

/// How the lists of a store compare with the model's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// Users whose lists were compared.
    pub users: usize,
    /// The share of the model's own items that came back.
    pub came_back: f64,
    /// Places in `users` whose first item is another.
    pub wrong_first: Vec<usize>,
    /// How many lists hold the same items in another order.
    pub other_order: usize,
    /// How many lists are shorter than the model's.
    pub short: usize,
}

/// Compares each list that came back with as many of the model's items, both best first; both may be cut at `top`.
///
/// ```
/// use anchorrec_retrieval::export::check;
///
/// let checked = check(&[vec![1, 2], vec![4, 9]], &[vec![1, 2], vec![3, 4]], 2);
/// assert_eq!((checked.came_back, checked.wrong_first), (3.0 / 4.0, vec![1]));
/// ```
pub fn check(returned: &[Vec<u32>], exact: &[Vec<u32>], top: usize) -> Checked {
    assert_eq!(returned.len(), exact.len(), "a list for each user");
    let (mut found, mut wanted) = (0, 0);
    let mut checked = Checked { users: exact.len(), came_back: 1.0, wrong_first: Vec::new(), other_order: 0, short: 0 };
    for (place, (returned, exact)) in returned.iter().zip(exact).enumerate() {
        let (returned, exact) = (&returned[..returned.len().min(top)], &exact[..exact.len().min(top)]);
        let there: HashSet<u32> = returned.iter().copied().collect();
        let hits = exact.iter().filter(|item| there.contains(item)).count();
        found += hits;
        wanted += exact.len();
        checked.short += usize::from(returned.len() < exact.len());
        checked.other_order += usize::from(hits == exact.len() && returned != exact);
        if returned.first() != exact.first() {
            checked.wrong_first.push(place);
        }
    }
    checked.came_back = if wanted == 0 { 1.0 } else { found as f64 / wanted as f64 };
    checked
}
