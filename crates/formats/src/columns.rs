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
pub const USER: &[&str] = &[
    "userid",
    "user",
    "uid",
    "reviewerid",
    "customerid",
    "visitorid",
    "useridx",
    "userindex",
    "memberid",
    "accountid",
    "clientid",
    "buyerid",
    "playerid",
    "personid",
    "profileid",
    "custid",
    "userpseudoid",
    "msno",
    "steamid",
    "authorsteamid",
    "reviewprofilename",
    "customer",
];
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
    "itemidx",
    "itemindex",
    "artistid",
    "recipeid",
    "animeid",
    "gameid",
    "appid",
    "beerid",
    "beerbeerid",
    "clickarticleid",
    "isbn",
    "sku",
    "stockcode",
    "productcode",
    "contentid",
    "photoid",
    "poiid",
    "venueid",
    "locationid",
    "hotelid",
    "restaurantid",
    "jobid",
    "courseid",
    "postid",
    "documentid",
    "docid",
    "product",
];
/// Names that mean times, the likeliest first.
pub const TIME: &[&str] = &[
    "time",
    "timestamp",
    "ts",
    "unixreviewtime",
    "datetime",
    "eventtime",
    "eventtimestamp",
    "timestampms",
    "timems",
    "unixtime",
    "unixtimestamp",
    "createdat",
    "creationtime",
    "playedat",
    "listenedat",
    "watchedat",
    "viewedat",
    "clickedat",
    "ratedat",
    "reviewedat",
    "purchasedat",
    "orderedat",
    "occurredat",
    "visittimestamp",
    "visittime",
    "clicktimestamp",
    "clicktime",
    "ratingtimestamp",
    "reviewtimestamp",
    "timestampcreated",
    "interactiontime",
    "interactiontimestamp",
    "timeinteraction",
    "reviewunixtime",
    "checkintime",
    "localtime",
    "utctime",
    // Days, and what is a day as often as not.
    "date",
    "tdat",
    "eventdate",
    "reviewdate",
    "ratingdate",
    "orderdate",
    "purchasedate",
    "transactiondate",
    "invoicedate",
    "submitteddate",
    "submitted",
    "dateadded",
];
/// Names that mean ratings, the likeliest first.
pub const RATING: &[&str] = &["rating", "stars", "overall", "bookrating", "reviewoverall", "userrating", "reviewscore"];

/// Names of columns that say which rows are training, validation and test.
pub const PART: &[&str] = &["xlabel", "split"];
/// Names of columns of zeros and ones that say which rows are positive.
pub const LABEL: &[&str] = &["label", "isclick", "click", "clicked", "isclicked", "islike", "like", "liked", "isliked"];

/// The name under which pandas hands over an index without a name: the places that rows had before a filter, which nobody calls a column.
pub(crate) const PANDAS_INDEX: &str = "__index_level_0__";

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
    let needed = |what: &str, said: &Option<String>, known: &[&str], option: &str| {
        place(header, said, known, option)?.ok_or_else(|| {
            // As people write them, not as they are compared.
            let some = known[..3].join(", ");
            format!("a column of {what} ({some} and so on, or another name by {option} NAME)")
        })
    };
    Ok(Places {
        user: needed("users", &names.user, USER, "--user-column")?,
        item: needed("items", &names.item, ITEM, "--item-column")?,
        time: place(header, &names.time, TIME, "--time-column")?,
        rating: place(header, &names.rating, RATING, "--rating-column")?,
        part: place(header, &names.part, PART, "--split-column")?,
        label: place(header, &None, LABEL, "--positive COLUMN=VALUE")?,
    })
}

/// The column of a name that was said, else of the likeliest known name. `option` says names.
pub(crate) fn place(
    header: &[String],
    said: &Option<String>,
    known: &[&str],
    option: &str,
) -> Result<Option<usize>, String> {
    let only = |mut places: Vec<usize>, name: &str, way: String| match places.len() {
        0 | 1 => Ok(places.pop()),
        count => Err(format!("one column named {name} instead of {count}{way}")),
    };
    if let Some(said) = said {
        let places = (0..header.len()).filter(|&place| header[place] == *said).collect();
        // Two columns of one name are not told apart by it.
        return match only(places, &format!("{said:?}"), String::new())? {
            None => Err(format!("the column {said:?} of {option}")),
            found => Ok(found),
        };
    }
    let plain: Vec<String> = header.iter().map(|name| plain(name)).collect();
    for name in known {
        let places = (0..header.len()).filter(|&place| plain[place] == *name).collect();
        let found = only(places, name, format!(" ({option} says which one)"))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The names of columns as they are shown: one without a name by its place.
pub(crate) fn shown(header: &[String]) -> Vec<String> {
    let name = |(place, name): (usize, &String)| match name.trim().is_empty() {
        true => format!("column {}, without a name", place + 1),
        false => name.clone(),
    };
    header.iter().enumerate().map(name).collect()
}

pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The names of a header without their types, where every one has a type of RecBole's.
pub(crate) fn untyped(header: &[String]) -> Option<Vec<String>> {
    let name = |column: &String| {
        let (name, kind) = column.rsplit_once(':')?;
        let is_typed = !name.is_empty() && ["token", "float", "token_seq", "float_seq"].contains(&kind);
        is_typed.then(|| name.to_owned())
    };
    header.iter().map(name).collect()
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
        let find_plain = |names: &[&str]| find(&header(names), &ColumnNames::default());
        let said = find_plain(&["user", "User", "item"]).unwrap_err();
        assert_eq!(said, "one column named user instead of 2 (--user-column says which one)");
        let said = find_plain(&["id", "item"]).unwrap_err();
        assert_eq!(said, "a column of users (userid, user, uid and so on, or another name by --user-column NAME)");
        assert!(find_plain(&["user", "id"]).unwrap_err().contains("--item-column NAME"));
        // One name twice tells nothing apart.
        let said = ColumnNames { user: Some("id".into()), ..ColumnNames::default() };
        assert_eq!(find(&header(&["id", "id", "item"]), &said).unwrap_err(), "one column named \"id\" instead of 2");
    }

    #[test]
    fn times_are_known_by_the_names_that_public_data_sets_use() {
        for name in [
            "played_at",
            "ts",
            "event_time",
            "unixReviewTime",
            "created_at",
            "visit_timestamp",
            "time_ms",
            "InvoiceDate",
            "listened_at",
            "click_timestamp",
            "date_added",
        ] {
            assert_eq!(
                find(&header(&["user", "item", name]), &ColumnNames::default()).unwrap().time,
                Some(2),
                "{name}"
            );
        }
        for name in ["playtime", "watch_time", "duration", "updated", "time_spent", "lifetime"] {
            assert_eq!(find(&header(&["user", "item", name]), &ColumnNames::default()).unwrap().time, None, "{name}");
        }
    }

    #[test]
    fn a_column_without_a_name_is_shown_by_its_place() {
        assert_eq!(
            shown(&header(&["", "user", " "])),
            ["column 1, without a name", "user", "column 3, without a name"]
        );
    }
}
