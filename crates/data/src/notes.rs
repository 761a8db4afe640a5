//! What is unusual about a data set, in the names that it has for people.

use crate::note::{Kind, Note, either};
use crate::{DataError, Dataset, Findings, Modality, Sampler, Split};
use anchorrec_files::grouped;

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
    /// When there is no negative for any user.
    pub fn sampler(&self, seed: u64) -> Result<Sampler, DataError> {
        Sampler::new(&self.interactions, seed)
    }

    /// Checks that the [sampler](Self::sampler) of training triples can be made, without making it.
    ///
    /// # Errors
    /// As `sampler`.
    pub fn check_sampler(&self) -> Result<(), DataError> {
        let (users, items) = self.with_every_item();
        // No pair comes twice: such users have all pairs, or there are others.
        if users.len() * items == self.interactions.train.len() {
            return Err(DataError::NoNegative { items });
        }
        Ok(())
    }

    /// Returns a note for each of the [findings](crate::findings), with the first names; nothing for what is as usual.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        for (names, code, one, many) in [
            (
                &self.unread,
                "features-not-read",
                "file looks like features and is not read: a ready data set has mm_feat.npy, text_feat.npy, image_feat.npy",
                "files look like features and are not read: a ready data set has mm_feat.npy, text_feat.npy, image_feat.npy",
            ),
            (
                &self.unread_tables,
                "tables-not-read",
                "table beside the interactions is not read",
                "tables beside the interactions are not read",
            ),
            (
                &self.unread_columns,
                "columns-not-read",
                "column of the interactions is not read: every row counts, whatever it says",
                "columns of the interactions are not read: every row counts, whatever they say",
            ),
        ] {
            if !names.is_empty() {
                let text = either(names.len(), one, many);
                notes.push(Note::new(Kind::Ignored, code, names.len(), text).with(names));
            }
        }
        for modality in Modality::ALL {
            notes.extend(self.all_equal(modality));
        }
        let mut note = |kind, code: &str, ids: &[u32], name: &dyn Fn(u32) -> String, one: &str, many: &str| {
            if !ids.is_empty() {
                let text = either(ids.len(), one, many);
                notes.push(Note::new(kind, code, ids.len(), text).with(ids.iter().map(|&id| name(id))));
            }
        };
        let (user_name, item_name) = (|user| self.user_name(user), |item| self.item_name(item));
        note(
            Kind::Odd,
            "phantom-users",
            &self.phantoms.users,
            &user_name,
            "user id has no row and no mapping: nobody is behind it, it gets no recommendations",
            "user ids have no row and no mapping: nobody is behind them, they get no recommendations",
        );
        note(
            Kind::Odd,
            "phantom-items",
            &self.phantoms.items,
            &item_name,
            "item id has no row, no features and no mapping (zeros are no features): nothing is behind it, it is never recommended",
            "item ids have no row, no features and no mapping (zeros are no features): nothing is behind them, they are never recommended",
        );
        let Untrained { mut users, mut items } = self.untrained();
        users.retain(|user| self.phantoms.users.binary_search(user).is_err());
        items.retain(|item| self.phantoms.items.binary_search(item).is_err());
        let left_out = self.left_out();
        note(
            Kind::Dropped,
            "users-without-training",
            &users,
            &user_name,
            &format!("user has no training row{left_out}"),
            &format!("users have no training row{left_out}"),
        );
        note(
            Kind::Missing,
            "items-without-training",
            &items,
            &item_name,
            "item has no training row: it stays a candidate of the ranking",
            "items have no training row: they stay candidates of the ranking",
        );
        note(
            Kind::Dropped,
            "users-with-every-item",
            &self.users_with_every_item(),
            &user_name,
            "user has every item that occurs in training, so no negative can be drawn: left out of sampling, kept in the graph",
            "users have every item that occurs in training, so no negative can be drawn: left out of sampling, kept in the graph",
        );
        for modality in Modality::ALL {
            let Some(matrix) = self.features.of(modality) else { continue };
            let zero = |item: &u32| matrix.row(*item as usize).iter().all(|&x| x == 0.0);
            // Of an id without anything else the zeros say what was said already.
            let is_item = |item: &u32| self.phantoms.items.binary_search(item).is_err();
            let zeros: Vec<u32> = (0..matrix.nrows() as u32).filter(zero).filter(is_item).collect();
            let file = modality.file_name();
            note(
                Kind::Odd,
                "features-all-zero",
                &zeros,
                &item_name,
                &format!("row of {file} is all zero: that item is similar to nothing but itself"),
                &format!("rows of {file} are all zero: those items are similar to nothing but themselves"),
            );
        }
        let without = |names: &Option<Vec<Option<String>>>| -> Vec<u32> {
            let names = names.as_deref().unwrap_or_default();
            (0..names.len() as u32).filter(|&item| names[item as usize].is_none()).collect()
        };
        let unnamed = without(&self.item_ids);
        note(
            Kind::Odd,
            "items-without-external-id",
            &unnamed,
            &item_name,
            "item is not in i_id_mapping.csv: it is shown by number",
            "items are not in i_id_mapping.csv: they are shown by number",
        );
        note(
            Kind::Missing,
            "items-without-title",
            &without(&self.titles),
            &item_name,
            "item has no title in items.jsonl",
            "items have no title in items.jsonl",
        );
        let mut missing = |code: &str, text: String| notes.push(Note::new(Kind::Missing, code, 0u64, text));
        for modality in &self.findings.absent {
            missing("features-absent", format!("there is no {}: no {modality} features", modality.file_name()));
        }
        if self.interactions.valid.is_empty() {
            let text = "there are no validation rows: no epoch can be chosen, so all epochs are trained without early stopping and the last \
                        one is kept";
            missing("no-validation", text.to_owned());
        }
        if self.interactions.test.is_empty() {
            missing("no-test", "there are no test rows: nothing is measured on test".to_owned());
        }
        notes
    }

    /// Says that the features of a kind are the same numbers for every item; zeros are said of each item.
    fn all_equal(&self, modality: Modality) -> Option<Note> {
        let matrix = self.features.of(modality)?;
        let items = (0..matrix.nrows()).filter(|item| self.phantoms.items.binary_search(&(*item as u32)).is_err());
        let mut rows = items.map(|item| matrix.row(item));
        let first = rows.next()?;
        let others = rows.clone().count();
        if others == 0 || first.iter().all(|&x| x == 0.0) || !rows.all(|row| row == first) {
            return None;
        }
        let text = format!(
            "rows of {} are the same numbers: all items are equally similar, these features tell none from another",
            modality.file_name()
        );
        Some(Note::new(Kind::Odd, "features-all-equal", others + 1, text))
    }

    /// Says which rows of users without a training row were left out; nothing where a preparation has done so before.
    fn left_out(&self) -> String {
        let of = |count: usize, split: &str| {
            (count > 0).then(|| format!("{} {split} {}", grouped(count), either(count, "row", "rows")))
        };
        let Findings { dropped_valid, dropped_test, .. } = self.findings;
        let rows: Vec<String> =
            [of(dropped_valid, "validation"), of(dropped_test, "test")].into_iter().flatten().collect();
        if rows.is_empty() { String::new() } else { format!(": {} left out", rows.join(" and ")) }
    }

    /// Finds the users who have every item that occurs in training.
    pub fn users_with_every_item(&self) -> Vec<u32> {
        self.with_every_item().0
    }

    /// The users who have every item that occurs in training, and how many items these are.
    fn with_every_item(&self) -> (Vec<u32>, usize) {
        let record = &self.interactions;
        let mut of_user = vec![0u32; record.users];
        let mut occurs = vec![false; record.items];
        for pair in record.pairs(Split::Train) {
            of_user[pair.user as usize] += 1;
            occurs[pair.item as usize] = true;
        }
        // No pair comes twice.
        let all = occurs.iter().filter(|occurs| **occurs).count();
        let users = (0..record.users as u32).filter(|&user| of_user[user as usize] as usize == all).collect();
        (users, all)
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
    use crate::{Dataset, Phantoms, write_npy_f32};
    use std::fs;

    fn notes(dataset: &Dataset) -> Vec<String> {
        dataset.notes().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn notes_speak_of_what_was_found_only_and_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        put("a.inter", "userID\titemID\tx_label\n0\t0\t0\n1\t1\t2\n0\t1\t0\n2\t1\t1\n0\t2\t2\n");
        put("u_id_mapping.csv", "user_id\tuserID\nAnn\t0\nBob\t1\nCyd\t2\n");
        put("i_id_mapping.csv", "item_id\titemID\nhat\t0\npin\t1\n");
        write_npy_f32(&dir.path().join("text_feat.npy"), ndarray::arr2(&[[1.0f32], [0.0], [2.0]]).view()).unwrap();
        let want = [
            "2 users have no training row: 1 validation row and 1 test row left out (Bob, Cyd)",
            "1 item has no training row: it stays a candidate of the ranking (2)",
            "1 user has every item that occurs in training, so no negative can be drawn: left out of sampling, kept in the graph (Ann)",
            "1 row of text_feat.npy is all zero: that item is similar to nothing but itself (pin)",
            "1 item is not in i_id_mapping.csv: it is shown by number (2)",
            "there is no mm_feat.npy: no mm features",
            "there is no image_feat.npy: no vision features",
            "there are no validation rows: no epoch can be chosen, so all epochs are trained without early stopping and the last one is kept",
        ];
        assert_eq!(notes(&Dataset::load(dir.path()).unwrap()), want);
        put("a.inter", "userID\titemID\tx_label\n0\t0\t0\n1\t1\t0\n2\t2\t0\n1\t0\t1\n1\t2\t2\n");
        assert_eq!(notes(&Dataset::load(dir.path()).unwrap()), want[3..7]);
        // What a preparation has left out is no row here any more, and nothing is said of it.
        put("a.inter", "userID\titemID\tx_label\n0\t0\t0\n0\t2\t2\n1\t1\t0\n");
        let left = notes(&Dataset::load(dir.path()).unwrap());
        assert!(left.contains(&"1 user has no training row (Cyd)".to_owned()), "{left:?}");
    }

    #[test]
    fn what_looks_like_features_and_is_not_read_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        put("a.inter", "userID\titemID\tx_label\n0\t0\t0\n1\t1\t1\n");
        write_npy_f32(&dir.path().join("text_feat.npy"), ndarray::Array2::ones((2, 1)).view()).unwrap();
        // What a preparation leaves behind, and what is about anything else.
        ["missing_text.csv", "items_text.jsonl", "notes.json", "README.md", "image.png"]
            .iter()
            .for_each(|name| put(name, ""));
        let said = || notes(&Dataset::load(dir.path()).unwrap());
        assert!(!said().iter().any(|note| note.contains("not read")), "{:?}", said());
        ["audio_feat.npy", "image_feat.txt", "emb.pt"].iter().for_each(|name| put(name, ""));
        fs::create_dir(dir.path().join("image_feat")).unwrap();
        let want = "4 files look like features and are not read: a ready data set has mm_feat.npy, text_feat.npy, image_feat.npy \
                    (audio_feat.npy, emb.pt, image_feat, image_feat.txt)";
        assert!(said().contains(&want.to_owned()), "{:?}", said());
        // What other layouts have beside interactions is no features, and is named too.
        ["a.user", "a.item", "a.kg", "item_list.txt"].iter().for_each(|name| put(name, ""));
        assert!(said().contains(&want.to_owned()), "{:?}", said());
        let want = "4 tables beside the interactions are not read (a.item, a.kg, a.user, item_list.txt)";
        assert!(said().contains(&want.to_owned()), "{:?}", said());
    }

    #[test]
    fn columns_that_are_not_read_are_named_and_a_label_of_zero_is_no_positive() {
        let dir = tempfile::tempdir().unwrap();
        let load = |columns: &str, more: [&str; 3]| {
            let [a, b, c] = more;
            let rows = format!("0\t0\t0{a}\n1\t1\t0{b}\n0\t1\t1{c}\n");
            fs::write(dir.path().join("a.inter"), format!("userID\titemID\tx_label{columns}\n{rows}")).unwrap();
            Dataset::load(dir.path()).map_err(|error| error.to_string())
        };
        let of = |dataset: Result<Dataset, String>| {
            let codes = ["columns-not-read"];
            let notes = dataset.unwrap().notes();
            notes
                .into_iter()
                .filter(|note| codes.contains(&note.code.as_str()))
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
        };
        // What a preparation writes is as usual.
        assert_eq!(of(load("\trating\ttimestamp", ["\t5.0\t1", "\t4.0\t2", "\t1.0\t3"])), [""; 0]);
        assert_eq!(
            of(load("\trating\tlabel\tdevice", ["\t1\t1\tx", "\t2\t1\tx", "\t3\t1\ty"])),
            ["2 columns of the interactions are not read: every row counts, whatever they say (label, device)"]
        );
        for (column, no) in [("label", "0"), ("is_click", "0.0"), ("Liked", "False"), ("isLike", "0")] {
            let said = load(&format!("\tdevice\t{column}"), ["\tx\t1", &format!("\tx\t{no}"), &format!("\ty\t{no}")]);
            let said = said.unwrap_err();
            assert!(said.contains(":3: ") && said.contains("found 2 of 3") && said.contains(column), "{said}");
            assert!(
                said.contains("leave those rows out") && said.contains(&format!("--positive {column}=1")),
                "{said}"
            );
        }
        // A column of another name may hold zeros.
        assert_eq!(of(load("\tdevice", ["\t0", "\t0", "\t1"])).len(), 1);
    }

    #[test]
    fn features_that_tell_no_item_from_another_are_said() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.inter"), "userID\titemID\tx_label\n0\t1\t0\n1\t2\t0\n").unwrap();
        let said = |rows: [[f32; 2]; 3]| {
            write_npy_f32(&dir.path().join("image_feat.npy"), ndarray::arr2(&rows).view()).unwrap();
            let notes = Dataset::load(dir.path()).unwrap().notes();
            notes.into_iter().find(|note| note.code == "features-all-equal").map(|note| note.to_string())
        };
        let want = "rows of image_feat.npy are the same numbers: all items are equally similar, these features tell none from another";
        assert_eq!(said([[1.0, 2.0]; 3]).unwrap(), format!("3 {want}"));
        assert_eq!(
            said([[0.0, 0.0], [1.0, 2.0], [1.0, 2.0]]).unwrap(),
            format!("2 {want}"),
            "no item is behind a row of zeros"
        );
        assert_eq!(said([[1.0, 2.0], [1.0, 2.0], [1.0, 2.5]]), None);
        assert_eq!(said([[0.0; 2]; 3]), None, "zeros are said of each item");
    }

    #[test]
    fn users_with_everything_are_named_all_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let rows = "0\t0\t0\n1\t0\t0\n1\t1\t0\n2\t1\t0\n2\t0\t0\n0\t1\t1\n";
        fs::write(dir.path().join("a.inter"), format!("userID\titemID\tx_label\n{rows}")).unwrap();
        let data = Dataset::load(dir.path()).unwrap();
        assert_eq!(data.users_with_every_item(), [1, 2]);
        assert!(notes(&data)[0].starts_with("2 users have every item"), "{:?}", notes(&data));
        assert_eq!(data.sampler(1).unwrap().epoch(0).batch(0, 9).users, [0]);
    }

    #[test]
    fn ids_that_nothing_mentions_are_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        // Ids from 1, and a gap at item 3.
        put("a.inter", "userID\titemID\tx_label\n1\t1\t0\n1\t2\t0\n2\t2\t0\n2\t4\t1\n2\t1\t2\n");
        let load = || Dataset::load(dir.path()).unwrap();
        assert_eq!(load().phantoms, Phantoms { users: vec![0], items: vec![0, 3] });
        let said = notes(&load());
        assert!(said[0].starts_with("1 user id has no row and no mapping") && said[0].ends_with("(0)"), "{said:?}");
        assert!(said[1].starts_with("2 item ids have no row") && said[1].ends_with("(0, 3)"), "{said:?}");
        // A title, a mapping or features make somebody of them.
        put("items.jsonl", "{\"itemID\": 3, \"title\": \"a\"}\n");
        assert_eq!(load().phantoms.items, [0]);
        write_npy_f32(&dir.path().join("text_feat.npy"), ndarray::Array2::ones((5, 1)).view()).unwrap();
        assert_eq!(load().phantoms, Phantoms { users: vec![0], items: vec![] });
        put("u_id_mapping.csv", "user_id\tuserID\nAnn\t0\nBob\t1\nCyd\t2\n");
        assert_eq!(load().phantoms, Phantoms::default());
        // Zeros in every file are what fills a place; a number in one of them makes somebody, and so does a row of the interactions.
        let mut padded = ndarray::Array2::from_shape_fn((5, 2), |(row, column)| (row * (column + 1)) as f32);
        padded.row_mut(1).fill(0.0);
        write_npy_f32(&dir.path().join("text_feat.npy"), padded.view()).unwrap();
        assert_eq!(load().phantoms.items, [0]);
        let said = notes(&load());
        assert!(said.iter().any(|note| note.starts_with("1 item id has no row") && note.ends_with("(0)")), "{said:?}");
        assert!(said.iter().any(|note| note.starts_with("1 row of text_feat.npy is all zero")), "{said:?}");
        padded[[0, 1]] = -1.0;
        write_npy_f32(&dir.path().join("image_feat.npy"), padded.view()).unwrap();
        assert_eq!(load().phantoms.items, [0u32; 0]);
        padded.row_mut(0).fill(0.0);
        write_npy_f32(&dir.path().join("image_feat.npy"), padded.view()).unwrap();
        assert_eq!(load().phantoms.items, [0]);
        put("i_id_mapping.csv", "item_id\titemID\npad\t0\n");
        assert_eq!(load().phantoms.items, [0u32; 0]);
    }
}
