//! What is unusual about a data set but not wrong: counted, written into reports, shown as [notes](crate::Dataset::notes).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of item features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// Features of image and text fused: the anchor.
    Mm,
    /// Text features.
    Text,
    /// Image features.
    Vision,
}

impl Modality {
    /// All kinds, in the order in which they are always listed.
    pub const ALL: [Modality; 3] = [Modality::Mm, Modality::Text, Modality::Vision];

    /// Returns the name of the file in a data set's folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Modality::Mm => "mm_feat.npy",
            Modality::Text => "text_feat.npy",
            Modality::Vision => "image_feat.npy",
        }
    }

    /// Returns the name of the file in a data set's folder that lists the items without features of this kind.
    pub fn missing_file(self) -> &'static str {
        match self {
            Modality::Mm => "missing_mm.csv",
            Modality::Text => "missing_text.csv",
            Modality::Vision => "missing_image.csv",
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

/// Counts of feature rows that are all zero, by kind of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZeroRows {
    /// Rows of zeros in `mm_feat.npy`.
    pub mm: usize,
    /// Rows of zeros in `text_feat.npy`.
    pub text: usize,
    /// Rows of zeros in `image_feat.npy`.
    pub vision: usize,
}

/// Counts of what is unusual about a data set.
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
    /// Users that no row and no mapping mentions. 0 in files of earlier versions.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub phantom_users: usize,
    /// Items that no row, no mapping and no title mentions, and whose features are all zero or absent. 0 in files of earlier versions.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub phantom_items: usize,
    /// Kinds of features that have no file.
    pub absent: Vec<Modality>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}
