//! Names of data sets and the categories they come from.

/// As they are in the names of the public files of 2014.
const CATEGORIES: &[&str] = &[
    "Amazon_Instant_Video",
    "Apps_for_Android",
    "Automotive",
    "Baby",
    "Beauty",
    "Books",
    "CDs_and_Vinyl",
    "Cell_Phones_and_Accessories",
    "Clothing_Shoes_and_Jewelry",
    "Digital_Music",
    "Electronics",
    "Grocery_and_Gourmet_Food",
    "Health_and_Personal_Care",
    "Home_and_Kitchen",
    "Kindle_Store",
    "Movies_and_TV",
    "Musical_Instruments",
    "Office_Products",
    "Patio_Lawn_and_Garden",
    "Pet_Supplies",
    "Sports_and_Outdoors",
    "Tools_and_Home_Improvement",
    "Toys_and_Games",
    "Video_Games",
];

/// Short names.
const SHORT: &[(&str, &str)] =
    &[("sports", "Sports_and_Outdoors"), ("office", "Office_Products"), ("clothing", "Clothing_Shoes_and_Jewelry")];

/// Returns the category of a data set: `amazon-sports`, `amazon-video-games`, `amazon-electronics`; `None` for a name of none.
///
/// ```
/// use anchorrec_prepare::amazon::category_of;
/// assert_eq!(category_of("amazon-sports"), Some("Sports_and_Outdoors"));
/// assert_eq!(category_of("amazon-toys-and-games"), Some("Toys_and_Games"));
/// assert_eq!(category_of("amazon-shoes"), None);
/// ```
pub fn category_of(name: &str) -> Option<&'static str> {
    let short = name.strip_prefix("amazon-")?;
    let alias = SHORT.iter().find(|(alias, _)| *alias == short).map(|(_, category)| *category);
    let same = |category: &&&str| category.to_lowercase().replace('_', "-") == short;
    alias.or_else(|| CATEGORIES.iter().find(same).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_a_name_and_short_names_lead_to_categories() {
        for category in CATEGORIES {
            let name = format!("amazon-{}", category.to_lowercase().replace('_', "-"));
            assert_eq!(category_of(&name), Some(*category));
        }
        assert!(SHORT.iter().all(|(_, category)| CATEGORIES.contains(category)));
        assert_eq!([category_of("sports"), category_of("amazon-"), category_of("amazon-Baby")], [None; 3]);
    }
}
