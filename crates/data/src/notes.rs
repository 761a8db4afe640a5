//! What is unusual about a data set, in the names that it has for people.

use crate::{DataError, Dataset, Modality, Sampler, Split, few, grouped};

impl Dataset {
    /// Returns what a user is called outside; its number where the data set has no names.
    pub fn user_name(&self, user: u32) -> String {
        let name = self.user_ids.as_ref().and_then(|names| names.get(user as usize));
        name.cloned().unwrap_or_else(|| user.to_string())
    }

    /// Returns what an item is called outside; its number where the data set has no name for it.
    pub fn item_name(&self, item: u32) -> String {
        let name = self.item_ids.as_ref().and_then(|names| names.get(item as usize)?.clone());
        name.unwrap_or_else(|| item.to_string())
    }

    /// Makes the sampler of training triples.
    ///
    /// # Errors
    /// When there is no negative for a user, who is named.
    pub fn sampler(&self, seed: u64) -> Result<Sampler, DataError> {
        Sampler::new(&self.interactions, seed).map_err(|error| match error {
            DataError::NoNegative { user, items, .. } => {
                DataError::NoNegative { user, name: Some(self.user_name(user)), items }
            }
            other => other,
        })
    }

    /// Returns one line for each of the [findings](crate::findings), with the first names; nothing for what is as usual.
    pub fn notes(&self) -> Vec<String> {
        let found = &self.findings;
        let mut notes = Vec::new();
        let mut note = |count: usize, text: &dyn Fn() -> String| {
            if count > 0 {
                notes.push(format!("{} {}", grouped(count), text()));
            }
        };
        let Untrained { users, items } = self.untrained();
        let of_users = |users: &[u32]| few(users.iter().map(|&user| self.user_name(user)), users.len());
        let of_items = |items: &[u32]| few(items.iter().map(|&item| self.item_name(item)), items.len());
        let (valid, test) = (found.dropped_valid, found.dropped_test);
        note(found.users_without_train, &|| {
            format!(
                "users have no training row: {valid} validation and {test} test rows left out ({})",
                of_users(&users)
            )
        });
        note(found.items_without_train, &|| {
            format!("items have no training row: they stay candidates of the ranking ({})", of_items(&items))
        });
        for modality in Modality::ALL {
            let Some(matrix) = self.features.of(modality) else { continue };
            let zero = |item: &u32| matrix.row(*item as usize).iter().all(|&x| x == 0.0);
            let zeros: Vec<u32> = (0..matrix.nrows() as u32).filter(zero).collect();
            note(zeros.len(), &|| {
                format!(
                    "rows of {} are all zero: those items are similar to nothing but themselves ({})",
                    modality.file_name(),
                    of_items(&zeros)
                )
            });
        }
        note(found.items_without_external_id, &|| {
            "items are not in i_id_mapping.csv: they are shown by number".to_owned()
        });
        note(found.items_without_title, &|| {
            let without = |names: &Vec<Option<String>>| -> Vec<u32> {
                (0..names.len() as u32).filter(|&item| names[item as usize].is_none()).collect()
            };
            format!(
                "items have no title in items.jsonl ({})",
                of_items(&self.titles.as_ref().map(without).unwrap_or_default())
            )
        });
        for modality in &found.absent {
            notes.push(format!("there is no {}: no {modality} features", modality.file_name()));
        }
        notes
    }

    /// Finds the users and items that are never trained.
    pub fn untrained(&self) -> Untrained {
        let record = &self.interactions;
        let (mut users, mut items) = (vec![false; record.users], vec![false; record.items]);
        for pair in record.pairs(Split::Train) {
            users[pair.user as usize] = true;
            items[pair.item as usize] = true;
        }
        let without = |trained: &[bool]| (0..trained.len() as u32).filter(|&n| !trained[n as usize]).collect();
        Untrained { users: without(&users), items: without(&items) }
    }
}

/// Users and items without a training row, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Untrained {
    /// The users.
    pub users: Vec<u32>,
    /// The items.
    pub items: Vec<u32>,
}

#[cfg(test)]
mod tests {
    use crate::{Dataset, write_npy_f32};
    use std::fs;

    #[test]
    fn notes_speak_of_what_was_found_only_and_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        put("a.inter", "userID\titemID\tx_label\n0\t0\t0\n1\t1\t2\n0\t1\t0\n2\t1\t1\n0\t2\t2\n");
        put("u_id_mapping.csv", "user_id\tuserID\nAnn\t0\nBob\t1\nCyd\t2\n");
        put("i_id_mapping.csv", "item_id\titemID\nhat\t0\npin\t1\n");
        write_npy_f32(&dir.path().join("text_feat.npy"), ndarray::arr2(&[[1.0f32], [0.0], [2.0]]).view()).unwrap();
        let notes = Dataset::load(dir.path()).unwrap().notes();
        let want = [
            "2 users have no training row: 1 validation and 1 test rows left out (Bob, Cyd)",
            "1 items have no training row: they stay candidates of the ranking (2)",
            "1 rows of text_feat.npy are all zero: those items are similar to nothing but themselves (pin)",
            "1 items are not in i_id_mapping.csv: they are shown by number",
            "there is no mm_feat.npy: no mm features",
            "there is no image_feat.npy: no vision features",
        ];
        assert_eq!(notes, want);
        put("a.inter", "userID\titemID\tx_label\n0\t0\t0\n1\t1\t0\n2\t2\t0\n");
        let rest = &want[2..];
        assert_eq!(Dataset::load(dir.path()).unwrap().notes(), rest);
    }

    #[test]
    fn a_user_without_a_negative_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.inter"), "userID\titemID\tx_label\n0\t0\t0\n1\t0\t0\n1\t1\t0\n").unwrap();
        let message = || Dataset::load(dir.path()).unwrap().sampler(1).err().unwrap().to_string();
        assert!(message().starts_with("user 1 has all 2 items"), "{}", message());
        fs::write(dir.path().join("u_id_mapping.csv"), "user_id\tuserID\nAnn\t0\nBob\t1\n").unwrap();
        assert!(message().starts_with("user Bob has all 2 items"), "{}", message());
    }
}
