//! Which column holds users, items, times and ratings: by option, else by a common name.
//!
//! Names are compared without case and without signs: `User ID`, `user_id` and `userID` are one name.

/// Names of columns that the caller gives; the others are guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnNames {
    /// Users.
    pub user: Option<String>,
    /// Items.
    pub item: Option<String>,
    /// Times.
    pub time: Option<String>,
    /// Ratings.
    pub rating: Option<String>,
    /// Training, validation, test.
    pub part: Option<String>,
}

/// Names that mean users, the likeliest first.
pub const USER: &[&str] = &["userid", "user", "uid", "reviewerid", "customerid", "visitorid"];
/// Names that mean items, the likeliest first.
pub const ITEM: &[&str] = &[
    "itemid",
    "item",
    "iid",
    "productid",
    "parentasin",
    "asin",
    "movieid",
    "articleid",
    "videoid",
    "newsid",
    "trackid",
    "songid",
    "bookid",
    "businessid",
    "gmapid",
];
/// Names that mean times, the likeliest first.
pub const TIME: &[&str] = &["time", "timestamp", "ts", "unixreviewtime", "datetime", "date", "tdat", "eventtime"];
/// Names that mean ratings, the likeliest first.
pub const RATING: &[&str] = &["rating", "stars", "overall"];

/// Names of columns that say which rows are training, validation and test.
pub const PART: &[&str] = &["xlabel", "split"];
/// Names of columns of zeros and ones that say which rows are positive.
pub const LABEL: &[&str] = &["label", "isclick", "click", "clicked", "isclicked", "islike", "like", "liked", "isliked"];

/// Where the columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) user: usize,
    pub(crate) item: usize,
    pub(crate) time: Option<usize>,
    pub(crate) rating: Option<usize>,
    pub(crate) part: Option<usize>,
    pub(crate) label: Option<usize>,
}

impl Places {
    /// Every place that is read.
    pub(crate) fn all(&self) -> impl Iterator<Item = usize> {
        [Some(self.user), Some(self.item), self.time, self.rating, self.part, self.label].into_iter().flatten()
    }
}

/// Finds users, items and, if there are any, times and ratings; else says what is missing.
pub(crate) fn find(header: &[String], names: &ColumnNames) -> Result<Places, String> {
    let needed = |what: &str, said: &Option<String>, known: &[&str]| {
        place(header, said, known)?
            .ok_or_else(|| format!("a column of {what} ({} or named by an option)", known.join(", ")))
    };
    Ok(Places {
        user: needed("users", &names.user, USER)?,
        item: needed("items", &names.item, ITEM)?,
        time: place(header, &names.time, TIME)?,
        rating: place(header, &names.rating, RATING)?,
        part: place(header, &names.part, PART)?,
        label: place(header, &None, LABEL)?,
    })
}

/// The column of a name that was said, else of the likeliest known name.
pub(crate) fn place(header: &[String], said: &Option<String>, known: &[&str]) -> Result<Option<usize>, String> {
    if let Some(said) = said {
        let found = header.iter().position(|name| name == said);
        return found.map(Some).ok_or_else(|| format!("the column {said:?}"));
    }
    let plain: Vec<String> = header.iter().map(|name| plain(name)).collect();
    for name in known {
        let mut places = plain.iter().enumerate().filter(|(_, column)| column == name).map(|(place, _)| place);
        match (places.next(), places.next()) {
            (Some(_), Some(_)) => return Err(format!("one column named {name} (say which one by an option)")),
            (Some(place), None) => return Ok(Some(place)),
            _ => {}
        }
    }
    Ok(None)
}

pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_known_in_any_dress() {
        let cases = [
            (["rating", "user_id", "Item ID", "timestamp"], Some(0)),
            (["x", "userID", "itemID", "unixReviewTime"], None),
            (["Overall", "reviewerID", "asin", "Date"], Some(0)),
        ];
        for (names, rating) in cases {
            let places = find(&header(&names), &ColumnNames::default()).unwrap();
            assert_eq!(places, Places { user: 1, item: 2, time: Some(3), rating, part: None, label: None });
        }
    }

    #[test]
    fn what_is_said_wins_and_what_is_missing_is_named() {
        let said = ColumnNames { item: Some("thing".into()), ..ColumnNames::default() };
        let places = find(&header(&["user", "item", "thing"]), &said).unwrap();
        assert_eq!(places, Places { user: 0, item: 2, time: None, rating: None, part: None, label: None });
        assert!(find(&header(&["user", "item"]), &said).unwrap_err().contains("\"thing\""));
        // A name beside an id is a name.
        let both = find(&header(&["user", "item", "user_id", "Item-ID"]), &ColumnNames::default()).unwrap();
        assert_eq!((both.user, both.item), (2, 3));
        assert!(find(&header(&["user", "b"]), &ColumnNames::default()).unwrap_err().contains("items"));
        assert!(find(&header(&["user", "User", "item"]), &ColumnNames::default()).unwrap_err().contains("one column"));
    }
}
