//! Parquet files, column by column: ids as text, times as seconds, features as numbers.
//!
//! Ids are strings or whole numbers. Times are timestamps, dates, or numbers and texts of any way of [`times`](crate::times). Ratings are numbers.
//! Nothing is allocated by the number of rows that a file promises: columns grow as they are read.

use crate::error::{FormatError, file_error, io_error};
use crate::guard;
use crate::numbers::decimal;
use crate::parquet::pages::Kept;
use anchorrec_files::Excerpt;
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::Type as SchemaType;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Doubles hold every whole number up to here, and not the next one.
const EXACT_F64: f64 = 9_007_199_254_740_992.0;
/// Singles hold every whole number up to here.
const EXACT_F32: f64 = 16_777_216.0;
/// Rows read at once.
const PIECE: usize = 1 << 14;

/// An open file.
pub(crate) struct Table {
    path: PathBuf,
    reader: SerializedFileReader<File>,
}

/// A column that holds values.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    /// The name of the outermost field.
    pub(crate) name: String,
    /// The column's place among the leaves.
    pub(crate) place: usize,
    /// The whole path of names below the outermost one, with points between them.
    pub(crate) below: String,
    /// How many lists it is in.
    pub(crate) lists: i16,
    /// Levels of definition: below this one there is no list, or none with a value in it; `None` where it is in no list.
    pub(crate) listed: Option<i16>,
    pub(crate) kind: Type,
    pub(crate) converted: ConvertedType,
    pub(crate) logical: Option<LogicalType>,
    /// Decimal places, where an old writer says that it is a decimal.
    decimals: i32,
    /// Whether polars wrote it: its whole numbers of 128 bits are 16 bytes without a type.
    polars: bool,
}

impl Leaf {
    /// Decimal places of a DECIMAL; 0 of anything else.
    pub(crate) fn scale(&self) -> u32 {
        match &self.logical {
            Some(LogicalType::Decimal(kind)) => kind.scale.max(0) as u32,
            _ if self.converted == ConvertedType::DECIMAL => self.decimals.max(0) as u32,
            _ => 0,
        }
    }

    /// Bytes of fixed length as text: a UUID, a decimal, a half, or text that was filled up with zeros.
    pub(crate) fn fixed(&self, bytes: &[u8]) -> Option<String> {
        match &self.logical {
            Some(LogicalType::Uuid) if bytes.len() == 16 => {
                let hex = anchorrec_files::fingerprint::hex(bytes);
                Some([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
            }
            Some(LogicalType::Float16) => Some(half::f16::from_le_bytes(bytes.try_into().ok()?).to_f32().to_string()),
            Some(LogicalType::Decimal(_)) if bytes.len() <= 16 && !bytes.is_empty() => {
                // Big-endian, in two's complement.
                let fill = if bytes[0] & 0x80 != 0 { -1 } else { 0 };
                let number = bytes.iter().fold(fill, |number: i128, byte| (number << 8) | i128::from(*byte));
                Some(decimal(number, self.scale()))
            }
            None if self.converted == ConvertedType::NONE && self.polars && bytes.len() == 16 => {
                // Signed or not, which these bytes do not say.
                u128::from_le_bytes(bytes.try_into().ok()?).try_into().ok().map(|number: i128| number.to_string())
            }
            None if self.converted == ConvertedType::NONE => {
                let text = std::str::from_utf8(bytes).ok()?.trim_end_matches('\0');
                (!text.contains('\0')).then(|| text.to_owned())
            }
            _ => None,
        }
    }

    pub(crate) fn is_float(&self) -> bool {
        matches!(self.kind, Type::FLOAT | Type::DOUBLE)
    }
}

/// The level of definition from which on the first list of a path has values.
fn listed(root: &SchemaType, parts: &[String]) -> Option<i16> {
    let (mut level, mut fields) = (0, root.get_fields());
    for part in parts {
        let field = fields.iter().find(|field| field.name() == part)?;
        match field.get_basic_info().repetition() {
            Repetition::REPEATED => return Some(level + 1),
            Repetition::OPTIONAL => level += 1,
            Repetition::REQUIRED => {}
        }
        if field.is_primitive() {
            return None;
        }
        fields = field.get_fields();
    }
    None
}

impl Table {
    pub(crate) fn open(path: &Path) -> Result<Self, FormatError> {
        let meta = fs::metadata(path).map_err(io_error(path, "read"))?;
        if !meta.is_file() {
            return Err(file_error(path, "a regular file", "something else"));
        }
        let file = File::open(path).map_err(io_error(path, "read"))?;
        let reader = guarded(path, || SerializedFileReader::new(file))?;
        let columns = reader.metadata().row_groups().iter().flat_map(|group| group.columns());
        for column in columns {
            let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let end = start.checked_add(column.compressed_size()).filter(|&end| end >= start);
            // The library asserts this.
            if start < 0 || end.is_none_or(|end| end as u64 > meta.len()) {
                let found = format!("{} bytes from {start} on", column.compressed_size());
                return Err(file_error(path, format!("columns within the file's {} bytes", meta.len()), found));
            }
        }
        Ok(Table { path: path.to_owned(), reader })
    }

    /// The leaves, in order.
    pub(crate) fn leaves(&self) -> Vec<Leaf> {
        let meta = self.reader.metadata().file_metadata();
        let schema = meta.schema_descr();
        let polars = meta.created_by().is_some_and(|by| by.starts_with("Polars"));
        let leaf = |place: usize| {
            let column = schema.column(place);
            let parts = column.path().parts();
            Leaf {
                name: parts.first().cloned().unwrap_or_default(),
                place,
                below: parts.get(1..).unwrap_or_default().join("."),
                lists: column.max_rep_level(),
                listed: listed(schema.root_schema(), parts),
                kind: column.physical_type(),
                converted: column.converted_type(),
                logical: column.logical_type_ref().cloned(),
                decimals: column.type_scale(),
                polars,
            }
        };
        (0..schema.num_columns()).map(leaf).collect()
    }

    /// The level of definition of a value of a leaf that is there.
    pub(crate) fn present(&self, leaf: &Leaf) -> i16 {
        self.reader.metadata().file_metadata().schema_descr().column(leaf.place).max_def_level()
    }

    /// Names of the leaves.
    pub(crate) fn names(&self) -> Vec<String> {
        self.leaves().into_iter().map(|leaf| leaf.name).collect()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    /// The ids of a row group as text; `None` for null.
    pub(crate) fn ids(&self, group: usize, leaf: &Leaf) -> Result<Vec<Option<String>>, FormatError> {
        let scale = leaf.scale();
        let unsigned = matches!(leaf.converted, ConvertedType::UINT_32 | ConvertedType::UINT_64);
        match self.column(group, leaf)? {
            ColumnReader::ByteArrayColumnReader(reader) => {
                let bytes = self.flat(reader, leaf)?;
                let text = |(row, value): (usize, Option<parquet::data_type::ByteArray>)| {
                    let Some(value) = value else { return Ok(None) };
                    let text = value.as_utf8().map(str::to_owned);
                    let row = row as u64;
                    let place = format!("row {row} of row group {group}");
                    text.map(Some).map_err(|_| {
                        file_error(&self.path, format!("{} as text", leaf.name), format!("other bytes in {place}"))
                    })
                };
                bytes.into_iter().enumerate().map(text).collect()
            }
            ColumnReader::Int32ColumnReader(reader) => {
                let text = |n: i32| if unsigned { (n as u32).to_string() } else { decimal(i128::from(n), scale) };
                Ok(self.flat(reader, leaf)?.into_iter().map(|n| n.map(text)).collect())
            }
            ColumnReader::Int64ColumnReader(reader) => {
                let text = |n: i64| if unsigned { (n as u64).to_string() } else { decimal(i128::from(n), scale) };
                Ok(self.flat(reader, leaf)?.into_iter().map(|n| n.map(text)).collect())
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                let bytes = self.flat(reader, leaf)?;
                let text = |value: Option<parquet::data_type::FixedLenByteArray>| {
                    let Some(value) = value else { return Ok(None) };
                    let expected = "text, a UUID or a decimal (polars's Int128 has no type in Parquet: cast it to Int64 or String)";
                    leaf.fixed(value.data()).map(Some).ok_or_else(|| self.wrong_kind(leaf, expected))
                };
                bytes.into_iter().map(text).collect()
            }
            // What a gap made of whole numbers, in pandas above all.
            ColumnReader::DoubleColumnReader(reader) => self.whole(self.flat(reader, leaf)?, leaf, group, EXACT_F64),
            ColumnReader::FloatColumnReader(reader) => {
                let values = self.flat(reader, leaf)?.into_iter().map(|x| x.map(f64::from)).collect();
                self.whole(values, leaf, group, EXACT_F32)
            }
            _ => Err(self.wrong_kind(leaf, "strings or whole numbers")),
        }
    }

    /// Whole numbers in floating point, as text; NaN is none.
    fn whole(
        &self,
        values: Vec<Option<f64>>,
        leaf: &Leaf,
        group: usize,
        exact: f64,
    ) -> Result<Vec<Option<String>>, FormatError> {
        let text = |(row, value): (usize, Option<f64>)| match value.filter(|x| !x.is_nan()) {
            None => Ok(None),
            Some(x) if x.fract() == 0.0 && x.abs() < exact => Ok(Some(x.to_string())),
            Some(x) => {
                let expected = format!(
                    "ids in the column {}: text, or whole numbers below {exact} where they are floating point (write them as text \
                     or as 64-bit whole numbers)",
                    Excerpt::of(&leaf.name)
                );
                Err(file_error(&self.path, expected, format!("{x} in row {row} of row group {group}")))
            }
        };
        values.into_iter().enumerate().map(text).collect()
    }

    pub(crate) fn column(&self, group: usize, leaf: &Leaf) -> Result<ColumnReader, FormatError> {
        guarded(&self.path, || {
            let column = self.reader.metadata().file_metadata().schema_descr().column(leaf.place);
            let pages = self.reader.get_row_group(group)?.get_column_page_reader(leaf.place)?;
            let pages = Box::new(Kept::new(pages, column.physical_type()));
            Ok(get_column_reader(column, pages))
        })
    }

    /// A column with one value per row.
    fn flat<T: DataType>(&self, reader: ColumnReaderImpl<T>, leaf: &Leaf) -> Result<Vec<Option<T::T>>, FormatError> {
        if leaf.lists > 0 {
            return Err(self.wrong_kind(leaf, "one value per row"));
        }
        let mut values = Vec::new();
        self.each(reader, leaf, usize::MAX, |_, _, value| values.push(value))?;
        Ok(values)
    }

    /// Hands over every value of a column, at most so many rows of it: whether a row begins with it, its level of definition, and the value
    /// where there is one. A row whose list is absent or empty has one that is none.
    pub(crate) fn each<T: DataType>(
        &self,
        mut reader: ColumnReaderImpl<T>,
        leaf: &Leaf,
        mut rows: usize,
        mut take: impl FnMut(bool, i16, Option<T::T>),
    ) -> Result<(), FormatError> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let (present, listed) = (schema.column(leaf.place).max_def_level(), leaf.lists > 0);
        let (mut definitions, mut repetitions, mut values) = (Vec::new(), Vec::new(), Vec::new());
        while rows > 0 {
            definitions.clear();
            repetitions.clear();
            values.clear();
            let (records, _, levels) = guarded(&self.path, || {
                reader.read_records(rows.min(PIECE), Some(&mut definitions), Some(&mut repetitions), &mut values)
            })?;
            if records == 0 && levels == 0 {
                break;
            }
            rows = rows.saturating_sub(records);
            let mut values = values.drain(..);
            for level in 0..levels {
                let begins = !listed || repetitions.get(level) == Some(&0);
                let definition = if present == 0 { 0 } else { definitions.get(level).copied().unwrap_or(0) };
                take(begins, definition, if definition == present { values.next() } else { None });
            }
        }
        Ok(())
    }

    pub(crate) fn wrong_kind(&self, leaf: &Leaf, expected: &str) -> FormatError {
        let found = match leaf.kind {
            kind if leaf.lists > 0 => format!("lists of {kind}"),
            Type::FIXED_LEN_BYTE_ARRAY if leaf.polars && leaf.logical.is_none() => {
                "a whole number of 128 bits below 0 or of 128 bits without a sign: cast the column to String".to_owned()
            }
            kind => kind.to_string(),
        };
        file_error(&self.path, format!("the column {} to hold {expected}", Excerpt::of(&leaf.name)), found)
    }
}

/// Calls the library; a damaged file is an error, whether the library says so or asserts it.
pub(crate) fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, FormatError> {
    match guard::call(work) {
        Some(done) => done.map_err(|error| damaged(path, &error)),
        None => Err(damaged(path, &ParquetError::General("a damaged one".to_owned()))),
    }
}

fn damaged(path: &Path, error: &ParquetError) -> FormatError {
    let words: String = error.to_string().chars().take(160).collect();
    file_error(
        path,
        "a Parquet file (uncompressed, or with snappy, zstd, gzip, lz4 or brotli)",
        words.escape_debug().to_string(),
    )
}

/// The names of a file's columns.
pub(crate) fn header(path: &Path) -> Result<Vec<String>, FormatError> {
    Ok(Table::open(path)?.names())
}
