//! Query strings, read strictly: what is not known, not text or given twice is refused, never skipped.

use crate::refusal::Refusal;
use anchorrec_files::Excerpt;
use percent_encoding::percent_decode_str;

/// The parameters of a query, in their order.
#[derive(Debug)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string; `known` are the parameters that the route has.
    ///
    /// # Errors
    /// When a parameter is not known, or is not UTF-8 under its percent signs.
    pub fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Refusal> {
        let parts = query.unwrap_or_default().split('&').filter(|part| !part.is_empty());
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            let decoded = percent_decode_str(&text).decode_utf8();
            decoded.map(|text| text.into_owned()).map_err(|_| {
                Refusal::bad(format!("the query holds {}, which is not UTF-8: encode ids as UTF-8", Excerpt::of(&text)))
            })
        };
        let pairs = parts.map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            match known.contains(&name.as_str()) {
                true => Ok((name, value)),
                false => Err(Refusal::bad(format!(
                    "the query has the parameter {}: expected one of {}",
                    Excerpt::of(&name),
                    known.join(", ")
                ))),
            }
        });
        pairs.collect::<Result<_, _>>().map(Query)
    }

    /// Returns all values of a parameter that may be repeated; nothing where it is not given.
    pub fn all(&self, name: &str) -> Option<Vec<String>> {
        let values: Vec<String> = self.0.iter().filter(|pair| pair.0 == name).map(|pair| pair.1.clone()).collect();
        (!values.is_empty()).then_some(values)
    }

    /// Returns the value of a parameter.
    ///
    /// # Errors
    /// When the parameter is given twice.
    pub fn one(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.all(name).unwrap_or_default().as_mut_slice() {
            [] => Ok(None),
            [value] => Ok(Some(std::mem::take(value))),
            _ => Err(Refusal::bad(format!("the query has the parameter {name} twice: give it once"))),
        }
    }

    /// Returns the value of a parameter as a type that JSON knows: `5`, `true`, or a word.
    ///
    /// # Errors
    /// When it is given twice or is no such value; `expected` says what would be.
    pub fn value<T: serde::de::DeserializeOwned>(&self, name: &str, expected: &str) -> Result<Option<T>, Refusal> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let word = serde_json::Value::String(text.clone());
        let value = serde_json::from_str(&text).or_else(|_| serde_json::from_value(word));
        value.map(Some).map_err(|_| Refusal::bad(format!("{name}: expected {expected}, found {}", Excerpt::of(&text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_or_refused() {
        let query = Query::read(
            Some("user=a%20b&deny=x&deny=y%26z&top=5&why=true&&user2"),
            &["user", "deny", "top", "why", "user2"],
        );
        let query = query.unwrap();
        assert_eq!(query.one("user").unwrap().unwrap(), "a b");
        assert_eq!(query.all("deny").unwrap(), ["x", "y&z"]);
        assert_eq!(query.value::<usize>("top", "a number").unwrap(), Some(5));
        assert_eq!(query.value::<bool>("why", "true or false").unwrap(), Some(true));
        assert_eq!(query.one("user2").unwrap().unwrap(), "");
        assert!(query.one("deny").unwrap_err().message.contains("twice"));
        let refused = query.value::<usize>("user", "a number").unwrap_err().message;
        assert_eq!(refused, "user: expected a number, found \"a b\"");
        for (text, part) in [("usr=1", "\"usr\": expected one of user, top"), ("user=%ff", "not UTF-8")] {
            let refused = Query::read(Some(text), &["user", "top"]).unwrap_err().message;
            assert!(refused.contains(part), "{refused}");
        }
    }
}
