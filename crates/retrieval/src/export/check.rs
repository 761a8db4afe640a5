//! What a store returned, beside the model's own lists.

use std::collections::HashSet;

/// How the lists of a store compare with the model's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// Users whose lists were compared.
    pub users: usize,
    /// How many of the model's own items came back.
    pub found: usize,
    /// How many items the model's own lists have.
    pub wanted: usize,
    /// Places in `users` whose first item is another.
    pub wrong_first: Vec<usize>,
    /// Places in `users` whose list holds an item that the model's has not.
    pub other_items: Vec<usize>,
    /// How many lists hold nothing but the model's items, in another order.
    pub other_order: usize,
    /// How many lists are shorter than the model's.
    pub short: usize,
}

impl Checked {
    /// Returns the share of the model's own items that came back, with four digits, rounded down: it is `1.0000` only where all of them did.
    ///
    /// ```
    /// use anchorrec_retrieval::export::check;
    ///
    /// let own: Vec<Vec<u32>> = (0..399).map(|user| (0..100).map(|n| 100 * user + n).collect()).collect();
    /// let mut returned = own.clone();
    /// assert_eq!(check(&returned, &own, 100).came_back(), "1.0000");
    /// returned[7][49] = 5;
    /// assert_eq!(check(&returned, &own, 100).came_back(), "0.9999");
    /// ```
    pub fn came_back(&self) -> String {
        // Without an item of the model nothing is missing.
        let parts = if self.wanted == 0 { 10_000 } else { self.found as u128 * 10_000 / self.wanted as u128 };
        format!("{}.{:04}", parts / 10_000, parts % 10_000)
    }
}

/// Compares each list that came back with as many of the model's items, both best first; both may be cut at `top`. A list that is not the model's own is
/// counted at least once: it holds another item, or the same ones in another order, or is shorter.
///
/// # Panics
/// When there are not as many lists of one as of the other.
///
/// ```
/// use anchorrec_retrieval::export::check;
///
/// let checked = check(&[vec![1, 2], vec![4, 9]], &[vec![1, 2], vec![3, 4]], 2);
/// assert_eq!((checked.found, checked.wanted, checked.wrong_first, checked.other_items), (3, 4, vec![1], vec![1]));
/// ```
pub fn check(returned: &[Vec<u32>], exact: &[Vec<u32>], top: usize) -> Checked {
    assert_eq!(returned.len(), exact.len(), "a list for each user");
    let mut checked = Checked {
        users: exact.len(),
        found: 0,
        wanted: 0,
        wrong_first: Vec::new(),
        other_items: Vec::new(),
        other_order: 0,
        short: 0,
    };
    for (place, (returned, exact)) in returned.iter().zip(exact).enumerate() {
        let (returned, exact) = (&returned[..returned.len().min(top)], &exact[..exact.len().min(top)]);
        let there: HashSet<u32> = returned.iter().copied().collect();
        let own: Vec<u32> = exact.iter().copied().filter(|item| there.contains(item)).collect();
        checked.found += own.len();
        checked.wanted += exact.len();
        checked.short += usize::from(returned.len() < exact.len());
        if own.len() < returned.len() {
            checked.other_items.push(place);
        } else {
            checked.other_order += usize::from(own != returned);
        }
        if returned.first() != exact.first() {
            checked.wrong_first.push(place);
        }
    }
    checked
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is done to one list of very many, some line is not that of lists that are all right.
    #[test]
    fn no_wrong_list_is_hidden_among_many_right_ones() {
        let own: Vec<Vec<u32>> = (0..300).map(|user| (0..100).map(|n| 100 * user + n).collect()).collect();
        let lines = |returned: &[Vec<u32>]| {
            let Checked { wrong_first, other_items, other_order, short, .. } = check(returned, &own, 100);
            (wrong_first.len(), other_items.len(), other_order, short)
        };
        assert_eq!((lines(&own), check(&own, &own, 100).came_back().as_str()), ((0, 0, 0, 0), "1.0000"));
        let changed = |change: &dyn Fn(&mut Vec<u32>)| {
            let mut returned = own.clone();
            change(&mut returned[123]);
            (lines(&returned), check(&returned, &own, 100).came_back())
        };
        let almost = "0.9999".to_owned();
        for place in 0..100 {
            let first = usize::from(place == 0);
            let other = changed(&|list| list[place] = 7);
            assert_eq!(other, ((first, 1, 0, 0), almost.clone()), "another item at {place}");
            let gap = changed(&|list| {
                list.remove(place);
            });
            assert_eq!(gap, ((first, 0, 0, 1), almost.clone()), "without the item at {place}");
            if place > 0 {
                let turned = changed(&|list| list.swap(place, place - 1));
                assert_eq!(turned, ((usize::from(place == 1), 0, 1, 0), "1.0000".to_owned()), "{place} turned round");
            }
        }
        // More than the model has left: of five items one more came back.
        let more = check(&[vec![1, 2, 3, 4, 5, 9]], &[vec![1, 2, 3, 4, 5]], 6);
        assert_eq!((more.other_items, more.other_order, more.short, more.found), (vec![0], 0, 0, 5));
        // Shorter and turned round is both.
        let both = check(&[vec![3, 2]], &[vec![1, 2, 3]], 3);
        assert_eq!((both.other_items.len(), both.other_order, both.short), (0, 1, 1));
        assert_eq!(check(&[vec![]], &[vec![]], 1).came_back(), "1.0000");
    }
}
