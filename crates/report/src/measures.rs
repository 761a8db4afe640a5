//! Every measure that a page shows: what a heading calls it, and what it says.
//!
//! Tables of comparisons are made of the groups below, and the glossary at the end of a page of the same entries, so no heading is without an
//! explanation. A measure that is unknown here is in a table of its own under its bare name.

/// A measure of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// The measure's name in the record.
    pub key: &'static str,
    /// The measure's heading: what is measured, and below it of what.
    pub heading: &'static str,
}

/// Measures that are in one table.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What the measures of the group are about.
    pub title: &'static str,
    /// The terms of the glossary that explain them.
    pub terms: &'static [&'static str],
    /// The measures; no more than a laptop has room for.
    pub measures: &'static [Measure],
}

const fn measure(key: &'static str, heading: &'static str) -> Measure {
    Measure { key, heading }
}

/// The measures of a comparison, the first group for those who read one table only.
pub const GROUPS: &[Group] = &[
    Group {
        title: "Neighbours that the final space shares with other spaces",
        terms: &["Neighbours in common"],
        measures: &[
            measure("overlap final-raw_mm", "Fused features"),
            measure("overlap final-raw_text", "Text features"),
            measure("overlap final-raw_vision", "Image features"),
            measure("overlap final-id", "ID space"),
            measure("overlap final-mm", "Fused space"),
        ],
    },
    Group {
        title: "Neighbours that the other spaces share",
        terms: &["Neighbours in common"],
        measures: &[
            measure("overlap mm-raw_mm", "Fused space\nfused features"),
            measure("overlap text-raw_text", "Text space\ntext features"),
            measure("overlap vision-raw_vision", "Image space\nimage features"),
            measure("overlap id-mm", "ID space\nfused space"),
            measure("overlap id-raw_mm", "ID space\nfused features"),
        ],
    },
    Group {
        title: "Distance between an item's positions in two spaces",
        terms: &["Distance ratio"],
        measures: &[
            measure("spread id-mm", "ID and fused"),
            measure("spread id-text", "ID and text"),
            measure("spread id-vision", "ID and image"),
            measure("spread mm-text", "Fused and text"),
        ],
    },
    Group {
        title: "Likeness of two spaces as a whole",
        terms: &["Linear CKA"],
        measures: &[
            measure("cka id-mm", "ID and fused"),
            measure("cka id-text", "ID and text"),
            measure("cka id-vision", "ID and image"),
            measure("cka mm-text", "Fused and text"),
        ],
    },
    Group {
        title: "Directions that a space uses",
        terms: &["Effective rank"],
        measures: &[
            measure("effective rank final", "Final space"),
            measure("effective rank id", "ID space"),
            measure("effective rank mm", "Fused space"),
            measure("effective rank text", "Text space"),
        ],
    },
    Group {
        title: "How evenly positions are spread",
        terms: &["Uniformity", "Alignment"],
        measures: &[
            measure("uniformity final", "Uniformity\nfinal space"),
            measure("uniformity id", "Uniformity\nID space"),
            measure("uniformity mm", "Uniformity\nfused space"),
            measure("uniformity text", "Uniformity\ntext space"),
            measure("alignment", "Alignment\nusers and items"),
        ],
    },
    Group {
        title: "The three nearest neighbours: likeness of their texts and images",
        terms: &["Neighbour's content"],
        measures: &[
            measure("neighbour 1 text cosine", "Text\nfirst"),
            measure("neighbour 2 text cosine", "Text\nsecond"),
            measure("neighbour 3 text cosine", "Text\nthird"),
            measure("neighbour 1 vision cosine", "Image\nfirst"),
            measure("neighbour 2 vision cosine", "Image\nsecond"),
            measure("neighbour 3 vision cosine", "Image\nthird"),
        ],
    },
    Group {
        title: "The three nearest neighbours: how popular they are",
        terms: &["Neighbour's popularity"],
        measures: &[
            measure("neighbour 1 2-hop", "First"),
            measure("neighbour 2 2-hop", "Second"),
            measure("neighbour 3 2-hop", "Third"),
        ],
    },
    Group {
        title: "What is recommended",
        terms: &["Coverage", "Gini coefficient", "Popularity ratio"],
        measures: &[
            measure("coverage", "Coverage"),
            measure("gini", "Gini coefficient"),
            measure("popularity lift", "Popularity ratio"),
        ],
    },
];

/// What every term of a page means, in the order in which a page uses them.
pub const GLOSSARY: &[(&str, &str)] = &[
    (
        "Recall@K",
        "Of the items that a user took in the test part, the share that stands among the first K of its list. The mean over users, from 0 to 1; higher is better.",
    ),
    (
        "NDCG@K",
        "As Recall@K, but an item counts more the higher it stands: 1 / log2(place + 1), divided by what the best possible list would have. From 0 to 1; \
         higher is better.",
    ),
    (
        "Validation and test",
        "Two parts of the interactions that no model is trained on. Validation chooses the epoch and the settings; test is looked at afterwards, once.",
    ),
    (
        "Selected by test",
        "What a choice of the epoch by looking at the test part would have shown. Published tables often do this. The number is too good.",
    ),
    (
        "± sd",
        "The standard deviation over seeds: how much the number changes when the same model is trained again with other random draws. Absent for one seed.",
    ),
    (
        "95 % interval",
        "A range that holds the true value in 95 of 100 cases, by Student's t. Behind a metric it covers the choice of seeds; behind a difference, the choice of \
         users.",
    ),
    (
        "p, paired t test",
        "How often a difference this large between the two models would come from the choice of users alone, if there were none. Each user is compared with \
         itself. Below 0.05 the difference counts.",
    ),
    (
        "p, Wilcoxon",
        "The same question asked by the signed-rank test, which looks at the order of the users' differences and not at their sizes.",
    ),
    (
        "Holm's correction",
        "Whoever asks often finds something by chance. The correction raises each p so that all comparisons of the table together err in at most one of twenty \
         cases.",
    ),
    (
        "Same lists",
        "Of the first 20 items that a user is shown, the share that the reference shows as well. The mean over users and seeds.",
    ),
    (
        "Kendall's τ",
        "Whether two numbers put the variants in the same order: 1 for the same order, −1 for the opposite one. Its p is exact for few variants.",
    ),
    (
        "Spaces",
        "Places in which a model puts each item. The final space is the one that scores; the ID space comes from interactions alone; the text, image and fused \
         spaces are made of the features; projections (p_) are where spaces are aligned; the features (raw_) are what the data set brought.",
    ),
    (
        "Neighbours in common",
        "Of an item's nearest items by cosine in one space, the share that is nearest in the other space as well. The mean over items.",
    ),
    (
        "Linear CKA",
        "How alike two spaces are as a whole, whatever their rotation and scale: 0 for nothing in common, 1 for the same space.",
    ),
    (
        "Distance ratio",
        "The distance between an item's positions in two spaces over the distance between positions of different items. Below 1 the two positions belong \
         together; above 1 the spaces stand apart.",
    ),
    (
        "Effective rank",
        "How many equal directions would be as spread out as the space: exp of the entropy of the shares of its squared singular values. Low means collapse.",
    ),
    ("Singular values", "How far the positions of a space reach along each of its directions, the largest first."),
    (
        "Uniformity",
        "How evenly directions are spread over the sphere: ln of the mean of exp(−2 · squared distance). The lower, the more evenly.",
    ),
    (
        "Alignment",
        "The mean squared distance between the directions of a user and of an item it was trained on. Lower is nearer.",
    ),
    (
        "Neighbour's content",
        "The cosine between the text (or image) features of an item and those of its first, second or third neighbour in the final space, mean over items.",
    ),
    (
        "Neighbour's popularity",
        "With how many other items a neighbour was bought by the same user: large numbers are popular items. The mean over items.",
    ),
    ("Coverage", "The share of all items that stand in at least one user's list."),
    (
        "Gini coefficient",
        "How unevenly items are shown: 0 when all are shown as often, near 1 when a few items fill all lists.",
    ),
    (
        "Popularity ratio",
        "The mean popularity of what is shown over that of what users take. Above 1 the model shows more popular items than users choose.",
    ),
    (
        "Objective and terms",
        "What training makes small: a weighted sum of terms. Figures show each term before its weight. What a term is, its model says above its curve.",
    ),
    (
        "PCA and t-SNE",
        "Two ways to draw positions of many dimensions on paper. PCA keeps the two directions of largest spread; t-SNE keeps neighbours near and distorts all \
         else.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A figure without a heading would be under its bare name; a heading of no figure would stand nowhere.
    #[test]
    fn every_figure_of_an_analysis_has_a_heading_and_every_heading_is_a_figure() {
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        let keys = GROUPS.iter().flat_map(|group| group.measures).map(|measure| measure.key.to_owned());
        assert_eq!(sorted(keys.collect()), sorted(anchorrec_records::figures::names()));
    }

    #[test]
    fn every_group_is_explained_and_fits_a_laptop() {
        let mut keys = Vec::new();
        for group in GROUPS {
            assert!(group.measures.len() <= 6, "{}", group.title);
            for term in group.terms {
                assert!(GLOSSARY.iter().any(|(name, _)| name == term), "{term}");
            }
            keys.extend(group.measures.iter().map(|measure| measure.key));
        }
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count, "a measure stands in two tables");
    }
}
