//! LATTICE's lists: `train.json`, `val.json`, `test.json`, an object each of users and their lists of items.

use crate::error::{FormatError, file_error};
use crate::open;
use crate::source::{Row, Source};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
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
        while let Some(item) = list.next_element_seed(Id(self.user))? {
            any = true;
            self.source.add(Row { number: self.number, user: self.user, item: &item, ..Row::default() });
        }
        Ok(any)
    }
}

/// An item of a user, as a whole number or a text.
struct Id<'a>(&'a str);

impl Id<'_> {
    /// What else stands there.
    fn other<E: Error>(&self, what: impl fmt::Display) -> E {
        E::custom(format!("{what} among the items of user {:?}, which are whole numbers or texts", self.0))
    }
}

impl<'de> DeserializeSeed<'de> for Id<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<String, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Id<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a whole number or a text")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<String, E> {
        Err(self.other(format_args!("{number:?}")))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<String, E> {
        Err(self.other(truth))
    }

    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Err(self.other("null"))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, _: S) -> Result<String, S::Error> {
        Err(self.other("a list"))
    }

    fn visit_map<M: MapAccess<'de>>(self, _: M) -> Result<String, M::Error> {
        Err(self.other("an object"))
    }
}
