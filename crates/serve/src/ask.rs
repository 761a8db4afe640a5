//! What clients ask for, as JSON bodies and query strings have it. Ids are those of the data set's files.

use crate::object::Object;
use crate::query::Query;
use crate::refusal::Refusal;
use serde::Deserialize;

/// A list for one user.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecommendAsk {
    /// The user's id. Beside `items` a name that is only repeated in the answer.
    pub user: Option<String>,
    /// The items of a user whom the model does not know.
    pub items: Option<Vec<String>>,
    /// Items in the list; 20 where nothing is said.
    pub top: Option<usize>,
    /// Which of the user's own items are left out; those of its training rows where nothing is said.
    pub exclude: Option<ExcludeAsk>,
    /// Recommend only these items.
    pub allow: Option<Vec<String>>,
    /// Never recommend these items.
    pub deny: Option<Vec<String>>,
    /// What a user gets of whom the model knows nothing, in place of an error.
    pub fallback: Option<Fallback>,
    /// Go on without those of `items` that the data set does not know, and name them in the answer.
    pub skip_unknown: bool,
    /// Say which items of the history make each score.
    pub why: bool,
    /// Say where the images of the items are.
    pub images: bool,
}

/// Which of a user's own items are left out of its list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExcludeAsk {
    /// The items of its training rows; a new user's own.
    #[default]
    Train,
    /// The items of all its rows, training, validation and test; a new user's own.
    All,
    /// None.
    None,
}

/// What a user gets of whom the model knows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fallback {
    /// The items that most users took.
    Popular,
}

/// Several lists at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchAsk {
    /// One request for each list.
    pub requests: Vec<Object<RecommendAsk>>,
}

/// Items like some items.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimilarAsk {
    /// The items to compare with, a list for each.
    pub items: Vec<String>,
    /// The space to compare in; `final` where nothing is said.
    #[serde(default)]
    pub space: Option<String>,
    /// Items in each list; 10 where nothing is said.
    #[serde(default)]
    pub top: Option<usize>,
    /// Say where the images of the items are.
    #[serde(default)]
    pub images: bool,
}

impl RecommendAsk {
    /// The parameters of the query string.
    const PARAMETERS: &[&str] =
        &["user", "item", "top", "exclude", "allow", "deny", "fallback", "skip_unknown", "why", "images"];

    /// Reads a query string.
    ///
    /// # Errors
    /// When a parameter is not known, given twice, or of another type.
    pub fn of_query(query: Option<&str>) -> Result<Self, Refusal> {
        let query = Query::read(query, Self::PARAMETERS)?;
        let flag = |name| Ok(query.value(name, "true or false")?.unwrap_or_default());
        Ok(RecommendAsk {
            user: query.one("user")?,
            items: query.all("item"),
            top: query.value("top", "a number")?,
            exclude: query.value("exclude", "train, all or none")?,
            allow: query.all("allow"),
            deny: query.all("deny"),
            fallback: query.value("fallback", "popular")?,
            skip_unknown: flag("skip_unknown")?,
            why: flag("why")?,
            images: flag("images")?,
        })
    }
}

impl SimilarAsk {
    /// Reads a query string.
    ///
    /// # Errors
    /// When a parameter is not known, given twice, or of another type, or there is no item.
    pub fn of_query(query: Option<&str>) -> Result<Self, Refusal> {
        let query = Query::read(query, &["item", "space", "top", "images"])?;
        let item = query.one("item")?.ok_or_else(|| Refusal::bad("expected an item id: /similar?item=ID"))?;
        Ok(SimilarAsk {
            items: vec![item],
            space: query.one("space")?,
            top: query.value("top", "a number")?,
            images: query.value("images", "true or false")?.unwrap_or_default(),
        })
    }
}
