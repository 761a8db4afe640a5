//! A Parquet file as a sheet of texts.

use super::table::{Leaf, Table};
use crate::error::{FormatError, file_error};
use crate::numbers::{decimal, floating_ids};
use anchorrec_data::note::Note;
use anchorrec_files::Excerpt;
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use std::path::Path;

/// Doubles hold every whole number below this one.
const EXACT_F64: f64 = 9_007_199_254_740_992.0;
/// Singles hold every whole number below this one.
const EXACT_F32: f64 = 16_777_216.0;

/// A Parquet file as a sheet of texts: each value as it would stand in a CSV, and nothing concluded from its neighbours. A column that nobody asks for is
/// not read, and memory is bounded by a row group. Rows are numbered from 1 in errors, through all row groups.
pub struct Sheet {
    table: Table,
    leaves: Vec<Leaf>,
}

/// A row group of a [`Sheet`].
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The number of the group, from 0.
    pub number: usize,
    /// How many rows the groups before it have.
    pub before: usize,
}

impl Sheet {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read or is no Parquet file.
    pub fn open(path: &Path) -> Result<Self, FormatError> {
        let table = Table::open(path)?;
        let leaves = table.leaves();
        Ok(Sheet { table, leaves })
    }

    /// Returns the names of the columns; a column of several fields has its name once for each of them.
    pub fn names(&self) -> Vec<&str> {
        self.leaves.iter().map(|leaf| leaf.name.as_str()).collect()
    }

    /// Returns the number of row groups.
    pub fn groups(&self) -> usize {
        self.table.groups()
    }

    /// Reads a row group of a column of numbers or texts; nothing for null. Numbers have all their digits, whole ones no decimal point.
    ///
    /// # Errors
    /// When the file is damaged, or the column holds lists, times of 96 bits, truth values or bytes that are no text.
    pub fn values(&self, group: Group, column: usize) -> Result<Vec<Option<String>>, FormatError> {
        self.read(group, &self.leaves[column], "numbers or texts", |_, x| Ok(x.to_string()))
    }

    /// Returns what is concluded where a column of ids holds floating point: 31.0 is 31.
    pub fn note_on_ids(&self, column: usize) -> Option<Note> {
        let leaf = &self.leaves[column];
        leaf.is_float().then(|| floating_ids(&leaf.name))
    }

    /// Reads a row group of a column of ids: texts as they are and whole numbers; nothing for null.
    ///
    /// # Errors
    /// As [`values`](Self::values), and for a number in floating point that is no whole one or may stand for several.
    pub fn ids(&self, group: Group, column: usize) -> Result<Vec<Option<String>>, FormatError> {
        let leaf = &self.leaves[column];
        let exact = if leaf.kind == Type::FLOAT { EXACT_F32 } else { EXACT_F64 };
        self.read(group, leaf, "texts or whole numbers", |row, x| match x.fract() == 0.0 && x.abs() < exact {
            true => Ok(x.to_string()),
            false => {
                let name = Excerpt::of(&leaf.name);
                let expected = format!(
                    "ids in the column {name}: text, or whole numbers below {exact} where they are floating point"
                );
                Err(file_error(self.table.path(), expected, format!("{x} in row {row}")))
            }
        })
    }

    /// Reads a row group of a column; `float` writes what is floating point.
    fn read(
        &self,
        group: Group,
        leaf: &Leaf,
        expected: &str,
        float: impl Fn(usize, f64) -> Result<String, FormatError>,
    ) -> Result<Vec<Option<String>>, FormatError> {
        if leaf.lists > 0 {
            return Err(self.table.wrong_kind(leaf, "one value per row"));
        }
        let unsigned = match &leaf.logical {
            Some(LogicalType::Integer(kind)) => !kind.is_signed,
            _ => matches!(leaf.converted, ConvertedType::UINT_32 | ConvertedType::UINT_64),
        };
        let scale = leaf.scale();
        let mut rows = Rows { sheet: self, leaf, before: group.before, values: Vec::new() };
        match self.table.column(group.number, leaf)? {
            ColumnReader::ByteArrayColumnReader(reader) => rows.add(reader, |row, value: ByteArray| {
                value.as_utf8().map(str::to_owned).map_err(|_| {
                    let expected = format!("text in the column {}", Excerpt::of(&leaf.name));
                    file_error(self.table.path(), expected, format!("other bytes in row {row}"))
                })
            })?,
            ColumnReader::Int32ColumnReader(reader) => rows.add(reader, |_, n: i32| {
                Ok(if unsigned { (n as u32).to_string() } else { decimal(i128::from(n), scale) })
            })?,
            ColumnReader::Int64ColumnReader(reader) => rows.add(reader, |_, n: i64| {
                Ok(if unsigned { (n as u64).to_string() } else { decimal(i128::from(n), scale) })
            })?,
            ColumnReader::FloatColumnReader(reader) => rows.add(reader, |row, x: f32| {
                // The shortest text of a single is not that of the double of the same value.
                float(row, f64::from(x)).map(|_| x.to_string())
            })?,
            ColumnReader::DoubleColumnReader(reader) => rows.add(reader, &float)?,
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                rows.add(reader, |_, value: parquet::data_type::FixedLenByteArray| {
                    leaf.fixed(value.data()).ok_or_else(|| self.table.wrong_kind(leaf, expected))
                })?;
            }
            _ => return Err(self.table.wrong_kind(leaf, expected)),
        }
        Ok(rows.values)
    }
}

/// The rows of a row group so far.
struct Rows<'a> {
    sheet: &'a Sheet,
    leaf: &'a Leaf,
    before: usize,
    values: Vec<Option<String>>,
}

impl Rows<'_> {
    /// Adds those that a reader has; `text` writes the value of a row, numbered from 1.
    fn add<T: DataType>(
        &mut self,
        reader: ColumnReaderImpl<T>,
        text: impl Fn(usize, T::T) -> Result<String, FormatError>,
    ) -> Result<(), FormatError> {
        let mut wrong = None;
        let (before, values) = (self.before, &mut self.values);
        self.sheet.table.each(reader, self.leaf, usize::MAX, |_, _, value| {
            let row = before + values.len() + 1;
            values.push(value.and_then(|value| match text(row, value) {
                Ok(text) => Some(text),
                Err(error) => {
                    wrong.get_or_insert(error);
                    None
                }
            }));
        })?;
        wrong.map_or(Ok(()), Err)
    }
}
