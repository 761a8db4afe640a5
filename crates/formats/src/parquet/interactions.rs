//! Interactions in a Parquet file: all columns that are wanted side by side, some thousand rows at a time.
//!
//! **Memory.** [`PIECE`] values of each column and the page that it stands in, whatever the length of a row group.

use super::table::{Leaf, Table, floating_ids, guarded};
use crate::columns;
use crate::error::{FormatError, file_error};
use crate::reading::Reading;
use crate::source::{Row, Source, Written};
use crate::unread::{LOOKED, Seen, Unread};
use anchorrec_files::Excerpt;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray, Int96};
use std::fmt::Write;
use std::path::Path;

/// Rows read at once.
const PIECE: usize = 1 << 14;
/// Doubles hold every whole number below this one.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a column holds for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Ids: texts or whole numbers.
    Id,
    /// Points in time.
    Time,
    /// A rating, a label, a part: anything with a text.
    Other,
}

/// Reads all rows of a table of interactions.
pub(crate) fn read(path: &Path, reading: &Reading, source: &mut Source) -> Result<(), FormatError> {
    let table = Table::open(path)?;
    let (leaves, header) = (table.leaves(), table.names());
    let refused = |expected| file_error(path, expected, format!("the columns {}", Excerpt::of(&header.join(", "))));
    let places = columns::find(&header, &reading.columns).map_err(refused)?;
    let chosen = crate::table::chosen(&header, reading).map_err(refused)?;
    source.columns(&header, &places, chosen);
    let mut unread = Unread::new(&header, &places.all().chain(chosen).collect::<Vec<_>>());
    for place in unread.places().collect::<Vec<_>>() {
        // A column that cannot be looked at is not read either.
        unread.put(place, look(&table, &leaves[place]).unwrap_or_default());
    }
    unread.notes(&places, reading, source.is_part()).into_iter().for_each(|note| source.note(note));
    for place in [places.user, places.item] {
        if leaves[place].is_float() {
            source.note(floating_ids(&leaves[place].name));
        }
    }
    let mut number = 0;
    for group in 0..table.groups() {
        let column = |place: usize, role| Column::open(&table, group, &leaves[place], role);
        let other = |place: Option<usize>| place.map(|place| column(place, Role::Other)).transpose();
        let (mut user, mut item) = (column(places.user, Role::Id)?, column(places.item, Role::Id)?);
        let mut time = places.time.map(|place| column(place, Role::Time)).transpose()?;
        let (mut rating, mut part) = (other(places.rating)?, other(places.part)?);
        let (mut label, mut value) = (other(places.label)?, other(chosen)?);
        loop {
            let rows = user.fill(path)?;
            let others =
                [Some(&mut item), time.as_mut(), rating.as_mut(), part.as_mut(), label.as_mut(), value.as_mut()];
            for column in others.into_iter().flatten() {
                let found = column.fill(path)?;
                if found != rows {
                    let found = format!("{rows} users and {found} of {} in row group {group}", column.leaf.name);
                    return Err(file_error(path, "columns of one length", found));
                }
            }
            if rows == 0 {
                break;
            }
            for row in 0..rows {
                let columns = [
                    Some(&mut user),
                    Some(&mut item),
                    time.as_mut(),
                    rating.as_mut(),
                    part.as_mut(),
                    label.as_mut(),
                    value.as_mut(),
                ];
                columns.into_iter().flatten().try_for_each(|column| column.show(&table, row, number))?;
                source.add(Row {
                    number,
                    // Null is an id that is empty.
                    user: user.text().unwrap_or_default(),
                    item: item.text().unwrap_or_default(),
                    time: time.as_ref().map(Column::written),
                    rating: rating.as_ref().map(Column::text),
                    part: part.as_ref().map(|part| part.text().unwrap_or_default()),
                    label: label.as_ref().map(|label| label.text().unwrap_or_default()),
                    chosen: value.as_ref().map(|value| value.text().unwrap_or_default()),
                });
                number += 1;
            }
        }
    }
    Ok(())
}

/// The first values of a column that is not read.
fn look(table: &Table, leaf: &Leaf) -> Result<Seen, FormatError> {
    let mut seen = Seen::default();
    if table.groups() == 0 {
        return Ok(seen);
    }
    let mut column = Column::open(table, 0, leaf, Role::Other)?;
    for row in 0..column.fill(table.path())?.min(LOOKED) {
        column.show(table, row, row as u64)?;
        seen.add(column.text().unwrap_or_default());
    }
    Ok(seen)
}

/// A column of a row group, a piece at a time.
struct Column<'a> {
    leaf: &'a Leaf,
    role: Role,
    reader: ColumnReader,
    /// The level of definition of a value that is there.
    present: i16,
    /// How many units of a timestamp make a second, where the column is one.
    per_second: Option<i64>,
    is_date: bool,
    definitions: Vec<i16>,
    values: Values,
    /// The value of each row; nothing for null.
    places: Vec<Option<u32>>,
    /// What the current row holds.
    shown: Shown,
    text: String,
}

/// What a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Null,
    /// What stands in `text`.
    Text,
    Seconds(i64),
}

/// Values as a file holds them.
enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int96(Vec<Int96>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

impl<'a> Column<'a> {
    fn open(table: &Table, group: usize, leaf: &'a Leaf, role: Role) -> Result<Self, FormatError> {
        let expected = match role {
            Role::Id => "strings or whole numbers",
            Role::Time | Role::Other => "numbers, timestamps or texts",
        };
        let is_known = match leaf.kind {
            Type::BOOLEAN => role != Role::Id,
            Type::INT96 => role == Role::Time,
            _ => true,
        };
        if leaf.lists > 0 {
            return Err(table.wrong_kind(leaf, "one value per row"));
        }
        if !is_known {
            return Err(table.wrong_kind(leaf, expected));
        }
        let is_clock = matches!(leaf.logical, Some(LogicalType::Time(_)))
            || matches!(leaf.converted, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS);
        if role == Role::Time && is_clock {
            let expected = format!("the column {} to hold points in time", Excerpt::of(&leaf.name));
            let found =
                "times of day (TIME), which have no day: name another column by --time-column, such as the date";
            return Err(file_error(table.path(), expected, found));
        }
        let per_second = match (&leaf.logical, leaf.converted) {
            (Some(LogicalType::Timestamp(kind)), _) => Some(match kind.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            }),
            (_, ConvertedType::TIMESTAMP_MILLIS) => Some(1_000),
            (_, ConvertedType::TIMESTAMP_MICROS) => Some(1_000_000),
            _ => None,
        };
        let is_date = leaf.converted == ConvertedType::DATE || matches!(leaf.logical, Some(LogicalType::Date));
        let reader = table.column(group, leaf)?;
        let values = match &reader {
            ColumnReader::BoolColumnReader(_) => Values::Bool(Vec::new()),
            ColumnReader::Int32ColumnReader(_) => Values::Int32(Vec::new()),
            ColumnReader::Int64ColumnReader(_) => Values::Int64(Vec::new()),
            ColumnReader::Int96ColumnReader(_) => Values::Int96(Vec::new()),
            ColumnReader::FloatColumnReader(_) => Values::Float(Vec::new()),
            ColumnReader::DoubleColumnReader(_) => Values::Double(Vec::new()),
            ColumnReader::ByteArrayColumnReader(_) => Values::Bytes(Vec::new()),
            ColumnReader::FixedLenByteArrayColumnReader(_) => Values::Fixed(Vec::new()),
        };
        Ok(Column {
            leaf,
            role,
            reader,
            present: table.present(leaf),
            per_second: per_second.filter(|_| role == Role::Time),
            is_date: is_date && role == Role::Time,
            definitions: Vec::new(),
            values,
            places: Vec::new(),
            shown: Shown::Null,
            text: String::new(),
        })
    }

    /// Reads the next piece; how many rows it has, 0 at the end.
    fn fill(&mut self, path: &Path) -> Result<usize, FormatError> {
        self.definitions.clear();
        let definitions = &mut self.definitions;
        let (rows, levels) = match (&mut self.reader, &mut self.values) {
            (ColumnReader::BoolColumnReader(reader), Values::Bool(values)) => piece(path, reader, definitions, values)?,
            (ColumnReader::Int32ColumnReader(reader), Values::Int32(values)) => {
                piece(path, reader, definitions, values)?
            }
            (ColumnReader::Int64ColumnReader(reader), Values::Int64(values)) => {
                piece(path, reader, definitions, values)?
            }
            (ColumnReader::Int96ColumnReader(reader), Values::Int96(values)) => {
                piece(path, reader, definitions, values)?
            }
            (ColumnReader::FloatColumnReader(reader), Values::Float(values)) => {
                piece(path, reader, definitions, values)?
            }
            (ColumnReader::DoubleColumnReader(reader), Values::Double(values)) => {
                piece(path, reader, definitions, values)?
            }
            (ColumnReader::ByteArrayColumnReader(reader), Values::Bytes(values)) => {
                piece(path, reader, definitions, values)?
            }
            (ColumnReader::FixedLenByteArrayColumnReader(reader), Values::Fixed(values)) => {
                piece(path, reader, definitions, values)?
            }
            _ => unreachable!("values are made for their reader"),
        };
        self.places.clear();
        let mut next = 0;
        for level in 0..levels {
            let is_there = self.present == 0 || self.definitions.get(level) == Some(&self.present);
            self.places.push(is_there.then_some(next));
            next += u32::from(is_there);
        }
        // A damaged file may promise more than there is.
        if next as usize > self.values.len() {
            let found = format!("{} values for {next} rows of {}", self.values.len(), self.leaf.name);
            return Err(file_error(path, "a value for each row", found));
        }
        Ok(rows)
    }

    /// Goes to a row of the piece; `number` is its number in the file.
    fn show(&mut self, table: &Table, row: usize, number: u64) -> Result<(), FormatError> {
        let Some(place) = self.places.get(row).copied().flatten() else {
            self.shown = Shown::Null;
            return Ok(());
        };
        let place = place as usize;
        self.text.clear();
        let unsigned = matches!(self.leaf.converted, ConvertedType::UINT_32 | ConvertedType::UINT_64);
        self.shown = match &self.values {
            Values::Bytes(values) => {
                let text = std::str::from_utf8(values[place].data()).map_err(|_| {
                    let expected = format!("{} as text", self.leaf.name);
                    file_error(table.path(), expected, format!("other bytes in row {number}"))
                })?;
                self.text.push_str(text);
                Shown::Text
            }
            Values::Fixed(values) => {
                let text = self.leaf.fixed(values[place].data());
                self.text = text.ok_or_else(|| table.wrong_kind(self.leaf, "text, a UUID or a decimal"))?;
                Shown::Text
            }
            Values::Int32(values) if self.is_date => Shown::Seconds(i64::from(values[place]) * 86_400),
            Values::Int32(values) => {
                let value = values[place];
                self.whole(if unsigned { i64::from(value as u32) } else { i64::from(value) })
            }
            Values::Int64(values) if unsigned && self.per_second.is_none() => {
                write!(self.text, "{}", values[place] as u64).expect("a string takes all");
                Shown::Text
            }
            Values::Int64(values) => self.whole(values[place]),
            Values::Int96(values) => {
                // Nanoseconds of the day and the Julian day; 2,440,588 is 1970-01-01.
                let [low, high, day] = [0, 1, 2].map(|word| values[place].data()[word]);
                let nanoseconds = i64::from(high) << 32 | i64::from(low);
                let seconds = (i64::from(day) - 2_440_588) * 86_400 + nanoseconds.div_euclid(1_000_000_000);
                Shown::Seconds(seconds)
            }
            Values::Float(values) => {
                let value = values[place];
                self.floating(table, f64::from(value), &value.to_string(), 16_777_216.0, number)?
            }
            Values::Double(values) => {
                let value = values[place];
                self.floating(table, value, &value.to_string(), EXACT, number)?
            }
            Values::Bool(values) => {
                self.text.push(if values[place] { '1' } else { '0' });
                Shown::Text
            }
        };
        Ok(())
    }

    /// A whole number: a timestamp, a decimal, or itself.
    fn whole(&mut self, number: i64) -> Shown {
        if let Some(per_second) = self.per_second {
            return Shown::Seconds(number.div_euclid(per_second));
        }
        match self.leaf.scale() {
            0 => write!(self.text, "{number}").expect("a string takes all"),
            scale => self.text = super::table::decimal(i128::from(number), scale),
        }
        Shown::Text
    }

    /// A number in floating point; an id of that kind is a whole number that a gap turned into one, and NaN is the gap.
    fn floating(
        &mut self,
        table: &Table,
        value: f64,
        text: &str,
        exact: f64,
        number: u64,
    ) -> Result<Shown, FormatError> {
        if self.role != Role::Id {
            self.text.push_str(text);
            return Ok(Shown::Text);
        }
        if value.is_nan() {
            return Ok(Shown::Null);
        }
        if value.fract() != 0.0 || value.abs() >= exact {
            let expected = format!(
                "ids in the column {}: text, or whole numbers below {exact} where they are floating point (write them as text or as \
                 64-bit whole numbers)",
                Excerpt::of(&self.leaf.name)
            );
            return Err(file_error(table.path(), expected, format!("{value} in row {number}")));
        }
        write!(self.text, "{value}").expect("a string takes all");
        Ok(Shown::Text)
    }

    /// The text of the current row; nothing for null.
    fn text(&self) -> Option<&str> {
        (self.shown == Shown::Text).then_some(self.text.as_str())
    }

    fn written(&self) -> Written<'_> {
        match self.shown {
            Shown::Null => Written::Null,
            Shown::Text => Written::Text(&self.text),
            Shown::Seconds(seconds) => Written::Seconds(seconds),
        }
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Values::Bool(values) => values.len(),
            Values::Int32(values) => values.len(),
            Values::Int64(values) => values.len(),
            Values::Int96(values) => values.len(),
            Values::Float(values) => values.len(),
            Values::Double(values) => values.len(),
            Values::Bytes(values) => values.len(),
            Values::Fixed(values) => values.len(),
        }
    }
}

/// Reads up to [`PIECE`] rows, however they lie in pages; how many rows and levels they are.
fn piece<T: DataType>(
    path: &Path,
    reader: &mut ColumnReaderImpl<T>,
    definitions: &mut Vec<i16>,
    values: &mut Vec<T::T>,
) -> Result<(usize, usize), FormatError> {
    values.clear();
    let (mut rows, mut all) = (0, 0);
    while rows < PIECE {
        let (records, _, levels) =
            guarded(path, || reader.read_records(PIECE - rows, Some(definitions), None, values))?;
        if records == 0 && levels == 0 {
            break;
        }
        rows += records;
        all += levels;
    }
    Ok((rows, all))
}
