//! What is unusual about a data set but not wrong: counted, written into reports, shown as notes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of item features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// Fused image and text: the anchor.
    Mm,
    /// Text.
    Text,
    /// Images.
    Vision,
}

impl Modality {
    /// In the order everything is listed.
    pub const ALL: [Modality; 3] = [Modality::Mm, Modality::Text, Modality::Vision];

    /// The file in a data set's folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Modality::Mm => "mm_feat.npy",
            Modality::Text => "text_feat.npy",
            Modality::Vision => "image_feat.npy",
        }
    }
}

impl fmt::Display for Modality {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Modality::Mm => "mm",
            Modality::Text => "text",
            Modality::Vision => "vision",
        })
    }
}

/// Rows of zeros, by kind of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZeroRows {
    /// In `mm_feat.npy`.
    pub mm: usize,
    /// In `text_feat.npy`.
    pub text: usize,
    /// In `image_feat.npy`.
    pub vision: usize,
}

/// The counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Users that are never trained; ids that no row mentions are among them.
    pub users_without_train: usize,
    /// Validation pairs of such users, left out.
    pub dropped_valid: usize,
    /// Test pairs of such users, left out.
    pub dropped_test: usize,
    /// Items that are never trained; they stay candidates of the ranking.
    pub items_without_train: usize,
    /// Items that `i_id_mapping.csv` does not mention (0 without the file).
    pub items_without_external_id: usize,
    /// Items that have no title in `items.jsonl` (0 without the file).
    pub items_without_title: usize,
    /// Items whose features are all zero: similar to nothing but themselves.
    pub zero_rows: ZeroRows,
    /// Kinds of features that have no file.
    pub absent: Vec<Modality>,
}

impl Findings {
    /// One line for each finding, nothing for what is as usual.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut note = |count: usize, text: String| {
            if count > 0 {
                notes.push(text);
            }
        };
        let users = self.users_without_train;
        let (valid, test) = (self.dropped_valid, self.dropped_test);
        note(users, format!("{users} users have no training row: {valid} validation and {test} test rows left out"));
        let items = self.items_without_train;
        note(items, format!("{items} items have no training row: they stay candidates of the ranking"));
        let zeros = [self.zero_rows.mm, self.zero_rows.text, self.zero_rows.vision];
        for (modality, rows) in Modality::ALL.into_iter().zip(zeros) {
            let file = modality.file_name();
            note(
                rows,
                format!("{rows} rows of {file} are all zero: those items are similar to nothing but themselves"),
            );
        }
        for modality in &self.absent {
            note(1, format!("there is no {}: no {modality} features", modality.file_name()));
        }
        let count = self.items_without_external_id;
        note(count, format!("{count} items are not in i_id_mapping.csv: they are shown by number"));
        let count = self.items_without_title;
        note(count, format!("{count} items have no title in items.jsonl"));
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_speak_of_what_was_found_only() {
        assert_eq!(Findings::default().notes(), Vec::<String>::new());
        let findings = Findings {
            users_without_train: 3,
            dropped_test: 4,
            zero_rows: ZeroRows { vision: 2, ..Default::default() },
            absent: vec![Modality::Mm],
            ..Default::default()
        };
        let want = [
            "3 users have no training row: 0 validation and 4 test rows left out",
            "2 rows of image_feat.npy are all zero: those items are similar to nothing but themselves",
            "there is no mm_feat.npy: no mm features",
        ];
        assert_eq!(findings.notes(), want);
    }
}
