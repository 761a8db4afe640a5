//! LATTICE's lists: `train.json`, `val.json`, `test.json`, an object each of users and their lists of items.

use crate::error::{FormatError, file_error};
use crate::open;
use crate::source::{Row, Source};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::path::Path;

/// Reads the lists of a file, user by user.
pub(crate) fn read(path: &Path, source: &mut Source) -> Result<(), FormatError> {
    let mut json = serde_json::Deserializer::from_reader(open::text(path)?);
    let read = json.deserialize_map(Lists { source }).and_then(|()| json.end());
    read.map_err(|error| {
        file_error(path, "an object of users and lists of items, {\"0\": [5, 7], ...}", error.to_string())
    })
}

struct Lists<'a> {
    source: &'a mut Source,
}

impl<'de> Visitor<'de> for Lists<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of users and their items")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut number = 0;
        while let Some(user) = map.next_key::<String>()? {
            number += 1;
            let any = map.next_value_seed(Items { source: self.source, user: &user, number })?;
            if !any {
                self.source.empty_user(&user);
            }
        }
        Ok(())
    }
}

/// A user's list, taken in item by item: a file is never in memory as a whole.
struct Items<'a> {
    source: &'a mut Source,
    user: &'a str,
    number: u64,
}

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    /// Whether there is an item.
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a list of items for user {:?}", self.user)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<bool, S::Error> {
        let mut any = false;
        while let Some(Id(item)) = list.next_element()? {
            any = true;
            self.source.add(Row { number: self.number, user: self.user, item: &item, ..Row::default() });
        }
        Ok(any)
    }
}

/// An item as a number or a text.
#[derive(Deserialize)]
#[serde(from = "Written")]
struct Id(String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(i64),
    Text(String),
}

impl From<Written> for Id {
    fn from(written: Written) -> Self {
        match written {
            Written::Number(number) => Id(number.to_string()),
            Written::Text(text) => Id(text),
        }
    }
}
