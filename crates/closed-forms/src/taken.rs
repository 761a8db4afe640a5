//! `R` `[U, I]`, binary: who took what in training. All that the closed forms but the content of [`l3ae`](crate::l3ae) learn from.

/// Who took what, by user and by item; in both the lists ascend.
///
/// ```
/// use anchorrec_closed_forms::Taken;
/// let taken = Taken::new(2, 3, [(1, 2), (0, 0), (1, 0), (1, 2)]); // a repeated pair counts once
/// assert_eq!((taken.by_user(0), taken.by_user(1)), (&[0][..], &[0, 2][..]));
/// assert_eq!((taken.by_item(0), taken.by_item(1)), (&[0, 1][..], &[][..]));
/// ```
#[derive(Clone, Debug)]
pub struct Taken {
    users: Lists,
    items: Lists,
}

/// Lists one behind the other: list `n` is `entries[offsets[n]..offsets[n + 1]]`.
#[derive(Clone, Debug)]
struct Lists {
    offsets: Vec<usize>,
    entries: Vec<u32>,
}

impl Lists {
    fn new(count: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut offsets = vec![0; count + 1];
        pairs.clone().for_each(|(list, _)| offsets[list as usize + 1] += 1);
        (0..count).for_each(|list| offsets[list + 1] += offsets[list]);
        let (mut next, mut entries) = (offsets.clone(), vec![0; offsets[count]]);
        for (list, entry) in pairs {
            let place = &mut next[list as usize];
            entries[*place] = entry;
            *place += 1;
        }
        Lists { offsets, entries }
    }

    fn of(&self, list: usize) -> &[u32] {
        &self.entries[self.offsets[list]..self.offsets[list + 1]]
    }
}

impl Taken {
    /// Keeps the `(user, item)` pairs; a repeated pair counts once.
    ///
    /// # Panics
    /// When a pair is outside `users x items`.
    pub fn new(users: usize, items: usize, pairs: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut pairs: Vec<(u32, u32)> = pairs.into_iter().collect();
        pairs.sort_unstable();
        pairs.dedup();
        let outside = pairs.iter().find(|&&(user, item)| user as usize >= users || item as usize >= items);
        assert!(outside.is_none(), "taken: the pair {outside:?} is outside {users} x {items}");
        Taken {
            users: Lists::new(users, pairs.iter().copied()),
            items: Lists::new(items, pairs.iter().map(|&(user, item)| (item, user))),
        }
    }

    /// Returns the number of users `U`.
    pub fn users(&self) -> usize {
        self.users.offsets.len() - 1
    }

    /// Returns the number of items `I`.
    pub fn items(&self) -> usize {
        self.items.offsets.len() - 1
    }

    /// Returns the items that a user took, ascending.
    ///
    /// # Panics
    /// When there is no such user.
    pub fn by_user(&self, user: u32) -> &[u32] {
        self.users.of(user as usize)
    }

    /// Returns the users who took an item, ascending.
    ///
    /// # Panics
    /// When there is no such item.
    pub fn by_item(&self, item: u32) -> &[u32] {
        self.items.of(item as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "the pair Some((0, 3)) is outside 1 x 3")]
    fn a_pair_outside_is_the_callers_mistake() {
        Taken::new(1, 3, [(0, 3)]);
    }
}
