//! Interactions in a Parquet file: all columns that are wanted side by side, some thousand rows at a time.
//!
//! A [thread](Ahead) for each column unpacks, decodes and writes as text what comes next. **Memory.** Four times [`PIECE`] values of each column and the
//! page that it is in, whatever the length of a row group.

use super::table::{Leaf, Table, guarded};
use crate::ahead::Ahead;
use crate::columns;
use crate::error::{FormatError, file_error};
use crate::numbers::{decimal, floating_ids};
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
/// Bytes of the longest text that is copied; a longer one stays where it was unpacked, because as many rows as a file likes may share it.
const COPIED: usize = 256;
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
    let names = columns::shown(&header).join(", ");
    let refused = |expected| file_error(path, expected, format!("the columns {}", Excerpt::of(&names)));
    let (places, chosen) = reading.places(&header).map_err(refused)?;
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
    let cells = |place: usize, role| Cells::of(path, &leaves[place], role);
    let other = |place: Option<usize>| place.map(|place| cells(place, Role::Other)).transpose();
    let (mut user, mut item) = (cells(places.user, Role::Id)?, cells(places.item, Role::Id)?);
    let mut time = places.time.map(|place| cells(place, Role::Time)).transpose()?;
    let (mut rating, mut part) = (other(places.rating)?, other(places.part)?);
    let (mut label, mut value) = (other(places.label)?, other(chosen)?);
    let mut number = 0;
    for group in 0..table.groups() {
        // Each column opens the row group, and then comes piece by piece.
        let mut is_open = false;
        loop {
            let rows = user.next()?;
            let others =
                [Some(&mut item), time.as_mut(), rating.as_mut(), part.as_mut(), label.as_mut(), value.as_mut()];
            for column in others.into_iter().flatten() {
                let found = column.next()?;
                if found != rows {
                    let found = format!("{rows} users and {found} of {} in row group {group}", column.name);
                    return Err(file_error(path, "columns of one length", found));
                }
            }
            if rows == 0 && std::mem::replace(&mut is_open, true) {
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
                columns.into_iter().flatten().try_for_each(|column| column.go(row))?;
                source.add(Row {
                    number,
                    // Null is an id that is empty.
                    user: user.text().unwrap_or_default(),
                    item: item.text().unwrap_or_default(),
                    time: time.as_ref().map(Cells::written),
                    rating: rating.as_ref().map(Cells::text),
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
    let piece = Column::open(table, 0, leaf, Role::Other)?.piece(table, &mut 0)?;
    for row in 0..piece.rows.min(LOOKED) {
        match piece.wrong {
            Some(error) if row == piece.shown.len() => return Err(error),
            _ => seen.add(piece.text(row).unwrap_or_default()),
        }
    }
    Ok(seen)
}

/// What some rows of a column hold.
#[derive(Default)]
struct Piece {
    rows: usize,
    /// What each row holds.
    shown: Vec<Shown>,
    /// Texts, one behind the other.
    text: String,
    /// Texts of more than [`COPIED`] bytes.
    long: Vec<ByteArray>,
    /// What is wrong with the row behind the last of `shown`.
    wrong: Option<FormatError>,
}

impl Piece {
    /// The text of a row; nothing for null.
    fn text(&self, row: usize) -> Option<&str> {
        match *self.shown.get(row)? {
            Shown::Text { start, end } => Some(&self.text[start as usize..end as usize]),
            Shown::Long(place) => Some(self.long[place as usize].as_utf8().expect("it was text when it was shown")),
            Shown::Null | Shown::Seconds(..) => None,
        }
    }
}

/// A column of all row groups, a piece at a time: for each group an empty one when it is open, what it holds, and an empty one at its end.
struct Cells {
    name: String,
    pieces: Ahead<Result<Piece, FormatError>>,
    piece: Piece,
    row: usize,
}

impl Cells {
    /// Opens the file once more: who shares an open file shares the place to read at.
    fn of(path: &Path, leaf: &Leaf, role: Role) -> Result<Self, FormatError> {
        let (table, name, leaf) = (Table::open(path)?, leaf.name.clone(), leaf.clone());
        let (mut group, mut number, mut column) = (0, 0, None::<Column>);
        let pieces = std::iter::from_fn(move || match &mut column {
            None if group == table.groups() => None,
            None => Some(Column::open(&table, group, &leaf, role).map(|open| {
                column = Some(open);
                Piece::default()
            })),
            Some(open) => {
                let piece = open.piece(&table, &mut number);
                if piece.as_ref().map_or(true, |piece| piece.rows == 0) {
                    (group, column) = (group + 1, None);
                }
                Some(piece)
            }
        });
        Ok(Cells { name, pieces: Ahead::of(pieces), piece: Piece::default(), row: 0 })
    }

    /// Goes to the next piece; how many rows it has.
    fn next(&mut self) -> Result<usize, FormatError> {
        self.piece = self.pieces.next().transpose()?.unwrap_or_default();
        Ok(self.piece.rows)
    }

    /// Goes to a row of the piece.
    fn go(&mut self, row: usize) -> Result<(), FormatError> {
        self.row = row;
        if row < self.piece.shown.len() { Ok(()) } else { self.piece.wrong.take().map_or(Ok(()), Err) }
    }

    /// The text of the current row; nothing for null.
    fn text(&self) -> Option<&str> {
        self.piece.text(self.row)
    }

    fn written(&self) -> Written<'_> {
        match (self.text(), self.piece.shown.get(self.row)) {
            (Some(text), _) => Written::Text(text),
            (_, Some(&Shown::Seconds(seconds, part))) => Written::Seconds(seconds, part),
            _ => Written::Null,
        }
    }
}

/// A column of a row group, a piece at a time.
struct Column {
    leaf: Leaf,
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
    /// The texts of the rows that were shown.
    text: String,
    long: Vec<ByteArray>,
}

/// What a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Null,
    /// A text, which is there among those of its piece.
    Text {
        start: u32,
        end: u32,
    },
    /// A text among the long ones of its piece.
    Long(u32),
    /// Seconds, and the part of one in the unit of the file.
    Seconds(i64, u32),
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

impl Column {
    fn open(table: &Table, group: usize, leaf: &Leaf, role: Role) -> Result<Self, FormatError> {
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
            leaf: leaf.clone(),
            role,
            reader,
            present: table.present(leaf),
            per_second: per_second.filter(|_| role == Role::Time),
            is_date: is_date && role == Role::Time,
            definitions: Vec::new(),
            values,
            places: Vec::new(),
            text: String::new(),
            long: Vec::new(),
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

    /// Reads the next piece, whose first row has this `number` in the file; without rows at the end.
    fn piece(&mut self, table: &Table, number: &mut u64) -> Result<Piece, FormatError> {
        let rows = self.fill(table.path())?;
        let mut shown = Vec::with_capacity(rows);
        let mut wrong = None;
        for row in 0..rows {
            match self.show(table, row, *number) {
                Ok(row) => shown.push(row),
                Err(error) => {
                    wrong = Some(error);
                    break;
                }
            }
            *number += 1;
        }
        let (text, long) = (std::mem::take(&mut self.text), std::mem::take(&mut self.long));
        Ok(Piece { rows, shown, text, long, wrong })
    }

    /// What a row of the piece holds; `number` is its number in the file.
    fn show(&mut self, table: &Table, row: usize, number: u64) -> Result<Shown, FormatError> {
        let Some(place) = self.places.get(row).copied().flatten() else { return Ok(Shown::Null) };
        let (place, start) = (place as usize, self.text.len() as u32);
        let unsigned = matches!(self.leaf.converted, ConvertedType::UINT_32 | ConvertedType::UINT_64);
        let seconds = match &self.values {
            Values::Bytes(values) => {
                let text = std::str::from_utf8(values[place].data()).map_err(|_| {
                    let expected = format!("{} as text", self.leaf.name);
                    file_error(table.path(), expected, format!("other bytes in row {number}"))
                })?;
                if text.len() > COPIED {
                    self.long.push(values[place].clone());
                    return Ok(Shown::Long(self.long.len() as u32 - 1));
                }
                self.text.push_str(text);
                None
            }
            Values::Fixed(values) => {
                let text = self.leaf.fixed(values[place].data());
                self.text += &text.ok_or_else(|| table.wrong_kind(&self.leaf, "text, a UUID or a decimal"))?;
                None
            }
            Values::Int32(values) if self.is_date => Some((i64::from(values[place]) * 86_400, 0)),
            Values::Int32(values) => {
                let value = values[place];
                self.whole(if unsigned { i64::from(value as u32) } else { i64::from(value) })
            }
            Values::Int64(values) if unsigned && self.per_second.is_none() => {
                self.text.push_str(itoa::Buffer::new().format(values[place] as u64));
                None
            }
            Values::Int64(values) => self.whole(values[place]),
            Values::Int96(values) => {
                // Nanoseconds of the day and the Julian day; 2,440,588 is 1970-01-01.
                let [low, high, day] = [0, 1, 2].map(|word| values[place].data()[word]);
                let nanoseconds = i64::from(high) << 32 | i64::from(low);
                let seconds = (i64::from(day) - 2_440_588) * 86_400 + nanoseconds.div_euclid(1_000_000_000);
                Some((seconds, nanoseconds.rem_euclid(1_000_000_000) as u32))
            }
            Values::Float(values) => {
                let value = values[place];
                if !self.floating(table, f64::from(value), &value.to_string(), 16_777_216.0, number)? {
                    return Ok(Shown::Null);
                }
                None
            }
            Values::Double(values) => {
                let value = values[place];
                if !self.floating(table, value, &value.to_string(), EXACT, number)? {
                    return Ok(Shown::Null);
                }
                None
            }
            Values::Bool(values) => {
                self.text.push(if values[place] { '1' } else { '0' });
                None
            }
        };
        let end = self.text.len() as u32;
        Ok(seconds.map_or(Shown::Text { start, end }, |(seconds, part)| Shown::Seconds(seconds, part)))
    }

    /// Writes a whole number, which is a decimal or itself; the seconds of a timestamp are not written.
    fn whole(&mut self, number: i64) -> Option<(i64, u32)> {
        if let Some(per_second) = self.per_second {
            return Some((number.div_euclid(per_second), number.rem_euclid(per_second) as u32));
        }
        match self.leaf.scale() {
            0 => self.text.push_str(itoa::Buffer::new().format(number)),
            scale => self.text += &decimal(i128::from(number), scale),
        }
        None
    }

    /// Writes a number in floating point; an id of that kind is a whole number that a gap turned into one, and NaN is the gap: `false`.
    fn floating(
        &mut self,
        table: &Table,
        value: f64,
        text: &str,
        exact: f64,
        number: u64,
    ) -> Result<bool, FormatError> {
        if self.role != Role::Id {
            self.text.push_str(text);
            return Ok(true);
        }
        if value.is_nan() {
            return Ok(false);
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
        Ok(true)
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

/// Reads up to [`PIECE`] rows, however they are in pages; how many rows and levels they are.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::detect;
    use parquet::data_type::{ByteArrayType, FixedLenByteArrayType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use std::fs::File;
    use std::sync::Arc;

    /// A text of `n`, for some of more bytes than are copied.
    fn text(n: usize) -> String {
        format!("u{n}{}", "x".repeat(if n % 1000 == 7 { COPIED } else { 0 }))
    }

    /// Writes row groups of so many rows; the text of the user at `bad` is none.
    fn write(path: &Path, groups: &[usize], bad: usize) {
        let schema = "message m { required binary user (UTF8); optional int64 item; required int64 time; }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let file = File::create(path).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::default())).unwrap();
        let mut first = 0;
        for &rows in groups {
            let numbers = first..first + rows;
            let mut group = writer.next_row_group().unwrap();
            let bytes = |n: usize| if n == bad { vec![0xff].into() } else { ByteArray::from(text(n).as_str()) };
            let users: Vec<ByteArray> = numbers.clone().map(bytes).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(&users, None, None).unwrap();
            column.close().unwrap();
            // No item in every third row.
            let there: Vec<i16> = numbers.clone().map(|n| i16::from(n % 3 != 0)).collect();
            let items: Vec<i64> = numbers.clone().filter(|n| n % 3 != 0).map(|n| n as i64).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<Int64Type>().write_batch(&items, Some(&there), None).unwrap();
            column.close().unwrap();
            let times: Vec<i64> = numbers.map(|n| 1_500_000_000 + n as i64).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
            column.close().unwrap();
            group.close().unwrap();
            first += rows;
        }
        writer.close().unwrap();
    }

    #[test]
    fn rows_of_several_pieces_and_groups_come_in_order_and_a_fault_at_its_row() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.parquet");
        let groups = [PIECE + 5, 1, 3 * PIECE];
        let rows: usize = groups.iter().sum();
        let read = || crate::read::read(&detect(dir.path(), None, &Reading::default()).unwrap(), &Reading::default());
        write(&path, &groups, usize::MAX);
        let (source, _) = read().unwrap();
        let events = &source.events;
        assert_eq!((events.rows.len(), source.wrong), (rows - rows.div_ceil(3), rows.div_ceil(3)));
        for (row, n) in events.rows.iter().zip((0..rows).filter(|n| n % 3 != 0)) {
            let names = (events.users.name(row.user), events.items.name(row.item));
            assert_eq!((names.0, names.1), (&*text(n), &*n.to_string()));
            assert_eq!(row.time.unwrap().seconds(), 1_500_000_000 + n as i64);
        }
        assert_eq!(source.at(1), format!("{}: row 2", path.display()));
        write(&path, &groups, 2 * PIECE);
        let error = read().unwrap_err().to_string();
        assert!(error.ends_with(&format!("expected user as text, found other bytes in row {}", 2 * PIECE)), "{error}");
    }

    /// polars 2.1.0 writes its Int128 as 16 bytes without a type, the lowest first; 65 would be the text "A".
    #[test]
    fn whole_numbers_of_128_bits_are_told_from_text_of_fixed_length() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.parquet");
        let read = |by: &str, bytes: [u8; 16]| {
            let schema = "message m { required fixed_len_byte_array(16) user; required int64 item; }";
            let properties = WriterProperties::builder().set_created_by(by.to_owned()).build();
            let schema = Arc::new(parse_message_type(schema).unwrap());
            let mut writer =
                SerializedFileWriter::new(File::create(&path).unwrap(), schema, Arc::new(properties)).unwrap();
            let mut group = writer.next_row_group().unwrap();
            let mut column = group.next_column().unwrap().unwrap();
            let user = FixedLenByteArray::from(bytes.to_vec());
            column.typed::<FixedLenByteArrayType>().write_batch(&[user], None, None).unwrap();
            column.close().unwrap();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<Int64Type>().write_batch(&[7], None, None).unwrap();
            column.close().unwrap();
            group.close().unwrap();
            writer.close().unwrap();
            let found = detect(dir.path(), None, &Reading::default()).unwrap();
            let source = crate::read::read(&found, &Reading::default()).map_err(|error| error.to_string())?.0;
            Ok::<_, String>(source.events.users.name(0).to_owned())
        };
        let polars = "Polars (python) version 2.1.0 (build 7f902bd3ffd27ff82d14278a09a295ff2f7aed92)";
        assert_eq!(read(polars, 65i128.to_le_bytes()).unwrap(), "65");
        assert_eq!(read(polars, (1i128 << 100).to_le_bytes()).unwrap(), "1267650600228229401496703205376");
        assert_eq!(read("chDB", *b"A\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").unwrap(), "A");
        let refused = read(polars, (-1i128).to_le_bytes()).unwrap_err();
        assert!(refused.contains("user") && refused.contains("cast the column to String"), "{refused}");
    }
}
