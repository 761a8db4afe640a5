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
/// not read. Rows are numbered from 1 in errors.
pub struct Sheet {
    table: Table,
    leaves: Vec<Leaf>,
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

    /// Reads a column of numbers or texts; nothing for null. Numbers have all their digits, whole ones no decimal point.
    ///
    /// # Errors
    /// When the file is damaged, or the column holds lists, times of 96 bits, truth values or bytes that are no text.
    pub fn values(&self, column: usize) -> Result<Vec<Option<String>>, FormatError> {
        self.read(&self.leaves[column], "numbers or texts", |_, x| Ok(x.to_string()))
    }

    /// Reads a column of ids: texts as they are and whole numbers; nothing for null. There is a note where the numbers are floating point, of which 31.0 is
    /// 31.
    ///
    /// # Errors
    /// As [`values`](Self::values), and for a number in floating point that is no whole one or may stand for several.
    pub fn ids(&self, column: usize) -> Result<(Vec<Option<String>>, Option<Note>), FormatError> {
        let leaf = &self.leaves[column];
        let exact = if leaf.kind == Type::FLOAT { EXACT_F32 } else { EXACT_F64 };
        let read = self.read(leaf, "texts or whole numbers", |row, x| match x.fract() == 0.0 && x.abs() < exact {
            true => Ok(x.to_string()),
            false => {
                let name = Excerpt::of(&leaf.name);
                let expected = format!(
                    "ids in the column {name}: text, or whole numbers below {exact} where they are floating point"
                );
                Err(file_error(self.table.path(), expected, format!("{x} in row {row}")))
            }
        })?;
        Ok((read, leaf.is_float().then(|| floating_ids(&leaf.name))))
    }

    /// Reads a column; `float` writes what is floating point.
    fn read(
        &self,
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
        let mut rows = Rows { sheet: self, leaf, values: Vec::new() };
        for group in 0..self.table.groups() {
            match self.table.column(group, leaf)? {
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
        }
        Ok(rows.values)
    }
}

/// The rows of a column so far.
struct Rows<'a> {
    sheet: &'a Sheet,
    leaf: &'a Leaf,
    values: Vec<Option<String>>,
}

impl Rows<'_> {
    /// Adds those of a row group; `text` writes the value of a row, numbered from 1.
    fn add<T: DataType>(
        &mut self,
        reader: ColumnReaderImpl<T>,
        text: impl Fn(usize, T::T) -> Result<String, FormatError>,
    ) -> Result<(), FormatError> {
        let mut wrong = None;
        let values = &mut self.values;
        self.sheet.table.each(reader, self.leaf, usize::MAX, |_, _, value| {
            let row = values.len() + 1;
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
