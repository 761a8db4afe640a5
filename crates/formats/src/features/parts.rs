//! The parts of one table: what the first of them gives is looked for by its names in all others.
//!
//! Writers keep the columns of their parts in one order, but nobody has to: a number in place 1 of one part and in place 0 of another is the same
//! number. A part that has other columns is an error that names both files.

use super::asked::Asked;
use super::choose::{Choice, Chosen, Column, Holds, all, choose, said};
use anchorrec_files::few;
use std::path::{Path, PathBuf};

/// What was expected of a part, and what is there.
type Unlike = (String, String);

/// The parts of a table that were read so far: none where a file is a table of its own.
#[derive(Debug, Default)]
pub(super) struct Parts {
    first: Option<First>,
}

/// What the first part gave.
#[derive(Debug)]
struct First {
    path: PathBuf,
    /// The column of ids; none where they are in a file beside it.
    item: Option<String>,
    /// The columns of vectors, numbers or texts, in their order.
    names: Vec<String>,
    holds: Holds,
    /// The fields of a vector that is a structure, in their order.
    #[cfg(feature = "parquet")]
    fields: Vec<String>,
}

impl Parts {
    /// Chooses what the first part gives, or finds it in another one.
    pub(super) fn choose(&mut self, path: &Path, columns: &[Column], asked: &Asked) -> Result<Chosen, Unlike> {
        // A part by itself may be asked about, and the first one has answered.
        let own = choose(path, columns, asked);
        let Some(first) = &self.first else {
            let chosen = own?;
            let item = Some(columns[chosen.item].name.clone());
            self.first = Some(First::of(path, columns, item, &chosen.choice));
            return Ok(chosen);
        };
        if first.holds == Holds::Other {
            return own;
        }
        let places = first.places(columns)?;
        let Some(item) = first.item.as_ref().and_then(|name| columns.iter().position(|column| column.name == *name))
        else {
            return Err(first.unlike(columns, first.item.iter().cloned().collect()));
        };
        // What the part would give by itself has no other number.
        let more = own.is_ok_and(|own| {
            let more = |place: &usize| *place != item && !places.contains(place);
            own.choice.holds() == first.holds && own.choice.places().iter().any(more)
        });
        if more {
            return Err(first.unlike(columns, Vec::new()));
        }
        let choice = match first.holds {
            Holds::Number => Choice::Wide(places),
            Holds::Vector => Choice::Vector(places[0]),
            Holds::Text | Holds::Other => Choice::Text(places[0]),
        };
        let notes = said(path, columns, asked, item, &choice);
        Ok(Chosen { choice, item, notes })
    }

    /// Takes every column of the first part as a number of the vector, or finds them all in another one.
    pub(super) fn every_column(&mut self, path: &Path, columns: &[Column]) -> Result<Choice, Unlike> {
        let Some(first) = &self.first else {
            let choice = Choice::Wide((0..columns.len()).collect());
            self.first = Some(First::of(path, columns, None, &choice));
            return Ok(choice);
        };
        let places = first.places(columns)?;
        match first.item.is_none() && places.len() == columns.len() {
            true => Ok(Choice::Wide(places)),
            false => Err(first.unlike(columns, Vec::new())),
        }
    }

    /// The places here of the fields that a structure of the first part has.
    #[cfg(feature = "parquet")]
    pub(super) fn order(&mut self, fields: Vec<String>) -> Result<Vec<usize>, Unlike> {
        match &mut self.first {
            Some(first) if !first.fields.is_empty() => {
                let places = first.fields.iter().map(|name| fields.iter().position(|field| field == name));
                let places: Option<Vec<usize>> = places.collect();
                places.filter(|places| places.len() == fields.len()).ok_or_else(|| {
                    let named = |names: &[String]| format!("the fields {}", few(names, names.len()));
                    let expected = format!("{} of the structure as in {}", named(&first.fields), first.path.display());
                    (expected, named(&fields))
                })
            }
            first => {
                let same = (0..fields.len()).collect();
                first.iter_mut().for_each(|first| first.fields.clone_from(&fields));
                Ok(same)
            }
        }
    }
}

impl First {
    fn of(path: &Path, columns: &[Column], item: Option<String>, choice: &Choice) -> Self {
        let names = choice.places().iter().map(|&place| columns[place].name.clone()).collect();
        First {
            path: path.to_owned(),
            item,
            names,
            holds: choice.holds(),
            #[cfg(feature = "parquet")]
            fields: Vec::new(),
        }
    }

    /// The places of the same names in another part.
    fn places(&self, columns: &[Column]) -> Result<Vec<usize>, Unlike> {
        let place = |name: &String| {
            let place = columns.iter().position(|column| column.name == *name)?;
            // A column without a value in it says nothing, and any text is one.
            let column = &columns[place];
            let same = column.holds == self.holds || column.kind == "nothing";
            (same || self.holds == Holds::Text && column.holds != Holds::Other).then_some(place)
        };
        let missing: Vec<String> = self.names.iter().filter(|name| place(name).is_none()).cloned().collect();
        match missing.is_empty() {
            true => Ok(self.names.iter().filter_map(place).collect()),
            false => Err(self.unlike(columns, missing)),
        }
    }

    /// Says how another part differs.
    fn unlike(&self, columns: &[Column], missing: Vec<String>) -> Unlike {
        let what = match self.holds {
            Holds::Number => "columns of numbers",
            Holds::Vector => "column of vectors",
            Holds::Text | Holds::Other => "column of texts",
        };
        let item = self.item.as_ref().map_or(String::new(), |item| format!(" and the ids in {item}"));
        let names = few(&self.names, self.names.len());
        let expected =
            format!("the {what} {names}{item} as in {}, since both are parts of one table", self.path.display());
        let without =
            if missing.is_empty() { String::new() } else { format!(" without {}", few(&missing, missing.len())) };
        (expected, format!("{}{without}", all(columns)))
    }
}
