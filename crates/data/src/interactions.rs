//! Who took what, in three splits.

use serde::{Deserialize, Serialize};

/// One interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// The user, from 0.
    pub user: u32,
    /// The item, from 0.
    pub item: u32,
}

/// The part of the data an interaction belongs to. The number is the `x_label` of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Training: what a model learns from.
    Train = 0,
    /// Validation: what settings and epochs are selected by.
    Valid = 1,
    /// Test: what is reported.
    Test = 2,
}

/// The interactions of a data set; in each split in the order of the file, no pair twice in all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interactions {
    /// The number of users `U`; their ids are below it.
    pub users: usize,
    /// The number of items `I`; their ids are below it.
    pub items: usize,
    /// Training pairs.
    pub train: Vec<Pair>,
    /// Validation pairs, of users with a training pair only.
    pub valid: Vec<Pair>,
    /// Test pairs, of users with a training pair only.
    pub test: Vec<Pair>,
}

impl Interactions {
    /// Returns the pairs of one split.
    pub fn pairs(&self, split: Split) -> &[Pair] {
        match split {
            Split::Train => &self.train,
            Split::Valid => &self.valid,
            Split::Test => &self.test,
        }
    }

    /// Returns the items of every user in one split, ascending.
    ///
    /// # Panics
    /// When a pair's user is not below `users`.
    pub fn by_user(&self, split: Split) -> ItemsByUser {
        ItemsByUser::new(self.users, self.pairs(split))
    }
}

/// Lists of items, one per user, in one block (CSR): the list of `u` is `items[offsets[u]..offsets[u + 1]]`.
///
/// ```
/// use anchorrec_data::{ItemsByUser, Pair};
/// let pairs = [(1, 7), (0, 3), (1, 2)].map(|(user, item)| Pair { user, item });
/// let lists = ItemsByUser::new(3, &pairs);
/// assert_eq!((lists.of(0), lists.of(1), lists.of(2)), (&[3][..], &[2, 7][..], &[][..]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemsByUser {
    offsets: Vec<usize>,
    items: Vec<u32>,
}

impl ItemsByUser {
    /// Sorts `pairs` into lists of ascending items, for users below `users`.
    ///
    /// # Panics
    /// When a pair's user is not below `users`.
    pub fn new(users: usize, pairs: &[Pair]) -> Self {
        let mut offsets = vec![0; users + 1];
        for pair in pairs {
            assert!((pair.user as usize) < users, "user {} of {users}", pair.user);
            offsets[pair.user as usize + 1] += 1;
        }
        for user in 0..users {
            offsets[user + 1] += offsets[user];
        }
        let mut next = offsets.clone();
        let mut items = vec![0; pairs.len()];
        for pair in pairs {
            let place = &mut next[pair.user as usize];
            items[*place] = pair.item;
            *place += 1;
        }
        for user in 0..users {
            items[offsets[user]..offsets[user + 1]].sort_unstable();
        }
        ItemsByUser { offsets, items }
    }

    /// Returns the number of users.
    pub fn users(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Returns the items of `user`, ascending.
    ///
    /// # Panics
    /// When there is no such user.
    pub fn of(&self, user: u32) -> &[u32] {
        let user = user as usize;
        assert!(user < self.users(), "user {user} of {}", self.users());
        &self.items[self.offsets[user]..self.offsets[user + 1]]
    }

    /// Returns the users that have an item, ascending.
    ///
    /// ```
    /// use anchorrec_data::{ItemsByUser, Pair};
    /// let pairs = [(2, 7), (0, 3)].map(|(user, item)| Pair { user, item });
    /// assert_eq!(ItemsByUser::new(3, &pairs).users_with_items(), [0, 2]);
    /// ```
    pub fn users_with_items(&self) -> Vec<u32> {
        (0..self.users() as u32).filter(|&user| !self.of(user).is_empty()).collect()
    }

    /// Returns whether `user` has `item`; a binary search.
    ///
    /// # Panics
    /// When there is no such user.
    pub fn has(&self, user: u32, item: u32) -> bool {
        self.of(user).binary_search(&item).is_ok()
    }

    /// Returns where the lists start: `users + 1` entries from 0 to the number of pairs.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// Returns all lists, one behind the other.
    pub fn items(&self) -> &[u32] {
        &self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_every_pair_of_their_split_once() {
        let pair = |(user, item)| Pair { user, item };
        let train: Vec<Pair> = [(2, 5), (0, 1), (2, 0), (2, 3), (0, 0)].map(pair).to_vec();
        let interactions = Interactions { users: 4, items: 6, train, valid: vec![pair((2, 1))], test: vec![] };
        let lists = interactions.by_user(Split::Train);
        let got: Vec<&[u32]> = (0..4).map(|u| lists.of(u)).collect();
        assert_eq!(got, [&[0, 1][..], &[], &[0, 3, 5], &[]]);
        assert_eq!((lists.offsets(), lists.items()), (&[0, 2, 2, 5, 5][..], &[0, 1, 0, 3, 5][..]));
        assert!(lists.has(2, 3) && !lists.has(2, 1) && !lists.has(3, 0));
        assert_eq!(interactions.by_user(Split::Valid).of(2), [1]);
        assert!(interactions.by_user(Split::Test).items().is_empty());
    }

    #[test]
    #[should_panic(expected = "user 4 of 4")]
    fn a_user_beyond_the_count_is_the_callers_mistake() {
        ItemsByUser::new(4, &[Pair { user: 4, item: 0 }]);
    }
}
