//! Where the raw files of a category can be had.
//!
//! The addresses are those under which the authors of the data publish it; nothing was ever fetched from here, and neither sizes nor hashes are
//! known. Manifests repeat them so that a data set's folder says where it comes from, and a test keeps the two the same.

use anchorrec_data::manifest::RawFile;

/// The trees of files, the first one first.
const TREES: [&str; 2] =
    ["https://snap.stanford.edu/data/amazon/productGraph", "https://mcauleylab.ucsd.edu/public_datasets/data/amazon"];
const LICENCE: &str = "terms not checked: see the McAuley lab's page of the 2014 Amazon data, and cite it";
const UNKNOWN: &str =
    "never fetched from here: the address is the one its authors publish, size and hash are not known";

/// Returns the sources of a category, as it is in the names of the files.
///
/// ```
/// let sources = anchorrec_prepare::amazon::sources_of("Toys_and_Games");
/// assert_eq!(sources[0].file, "ratings_Toys_and_Games.csv");
/// assert!(sources[1].mirrors[1].ends_with("/categoryFiles/meta_Toys_and_Games.json.gz"));
/// ```
pub fn sources_of(category: &str) -> Vec<RawFile> {
    let source = |file: String, folder: &str, trees: &[&str], optional: bool, what: &str| RawFile {
        mirrors: trees.iter().map(|tree| format!("{tree}/{folder}/{file}")).collect(),
        file,
        licence: LICENCE.to_owned(),
        optional,
        note: format!("{what}; {UNKNOWN}"),
        ..RawFile::default()
    };
    let files = "categoryFiles";
    vec![
        source(format!("ratings_{category}.csv"), files, &TREES, false, "user, item, rating, time"),
        source(
            format!("meta_{category}.json.gz"),
            files,
            &TREES,
            true,
            "titles, brands, categories and descriptions, for text features",
        ),
        // No second place is known for the images.
        source(
            format!("image_features_{category}.b"),
            "image_features/categoryFiles",
            &TREES[..1],
            true,
            "4096 numbers for each item's image, several gigabytes",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::category_of;
    use super::sources_of;
    use anchorrec_data::Manifest;
    use std::path::Path;

    #[test]
    fn the_manifests_of_this_tree_name_these_sources() {
        for name in ["amazon-sports", "amazon-baby", "amazon-office", "amazon-video-games"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets").join(name).join("manifest.toml");
            let manifest = Manifest::load(&path).unwrap();
            assert_eq!(manifest.sources, sources_of(category_of(name).unwrap()), "{name}");
        }
    }
}
