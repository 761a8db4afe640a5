//! Features in a Parquet file.
//!
//! | a column of | is |
//! |---|---|
//! | lists of numbers, of any inner name; lists in lists | a vector, in the order of the numbers |
//! | a structure of numbers | a vector, in the order of its fields |
//! | Spark's vectors (`type`, `size`, `indices`, `values`), and `indices`, `values` without them | a vector: dense, or sparse with zeros between |
//! | texts that are lists of numbers | a vector |
//! | numbers | a number |
//!
//! Numbers are half, single and double floats, whole numbers of every width, and decimals.

use super::asked::Asked;
use super::choose::{Choice, Column, Holds};
use super::content::Content;
use super::faults::Faults;
use super::parts::Parts;
use super::rows::{Rows, Vector};
use super::said::guessed_width;
use super::texts::Texts;
use super::values;
use crate::error::{FormatError, file_error};
use crate::numbers::floating_ids;
use crate::parquet::table::{Leaf, Table};
use anchorrec_files::Excerpt;
use half::f16;
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use std::path::Path;

/// Texts that are looked at to tell what a column of them holds.
const LOOKED_AT: usize = 100;

/// Numbers of the widest sparse vector that is made dense: what nobody wrote is not to fill the memory.
const WIDEST: usize = 1 << 16;

/// A column as the schema has it: the leaves below one name.
struct Field {
    column: Column,
    leaves: Vec<Leaf>,
    form: Form,
}

/// How a vector is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One leaf: a list, a number or a text.
    Leaf,
    /// A leaf for each number.
    Fields,
    /// Indices and values, and perhaps a size and whether it is sparse.
    Sparse,
}

/// Numbers of a row group, row by row.
#[derive(Default)]
struct Lists {
    numbers: Vec<f32>,
    /// Where each row's numbers end, and why there are none.
    rows: Vec<(usize, Option<&'static str>)>,
}

impl Lists {
    fn of(&self, row: usize) -> (&[f32], Option<&'static str>) {
        let start = if row == 0 { 0 } else { self.rows[row - 1].0 };
        let (end, absent) = self.rows[row];
        (&self.numbers[start..end], absent)
    }
}

/// Looks at the columns alone.
pub(super) fn look(path: &Path) -> Result<Vec<Column>, FormatError> {
    let table = Table::open(path)?;
    Ok(fields(&table)?.into_iter().map(|field| field.column).collect())
}

/// Reads what was asked for, or what can only be meant.
pub(super) fn read(path: &Path, asked: &Asked, parts: &mut Parts) -> Result<Content, FormatError> {
    let table = Table::open(path)?;
    let fields = fields(&table)?;
    let columns: Vec<Column> = fields.iter().map(|field| field.column.clone()).collect();
    let mut chosen =
        parts.choose(path, &columns, asked).map_err(|(expected, found)| file_error(path, expected, found))?;
    let [item] = &fields[chosen.item].leaves[..] else {
        let kind = columns[chosen.item].kind.clone();
        return Err(file_error(path, format!("ids in the column {:?}", columns[chosen.item].name), kind));
    };
    if item.is_float() {
        chosen.notes.push(floating_ids(&item.name));
    }
    let held = chosen.held(&columns);
    let mut names = None;
    let picked: Vec<&Field> = match &chosen.choice {
        Choice::Nothing(texts) => return Ok(Content::Nothing(texts.clone())),
        Choice::Text(place) => {
            let (mut texts, mut number) = (Texts::new(path, false, &columns[*place].name), 0);
            for group in 0..table.groups() {
                let ids = table.ids(group, item)?;
                let cells = table.ids(group, &fields[*place].leaves[0])?;
                same_length(path, group, ids.len(), cells.len())?;
                for (id, text) in ids.iter().zip(&cells) {
                    texts.push(number, id.as_deref(), text.as_deref());
                    number += 1;
                }
            }
            return texts.finish(chosen.notes).map(Content::Texts);
        }
        Choice::Vector(place) => vec![&fields[*place]],
        Choice::Wide(places) => {
            names = Some(places.iter().map(|&place| columns[place].name.clone()).collect::<Vec<_>>());
            places.iter().map(|&place| &fields[place]).collect()
        }
    };
    let mut rows = Rows::new(path, false, held);
    rows.way = chosen.way(path, &columns, asked);
    rows.notes = chosen.notes;
    let mut number = 0;
    let mut sparse = Sparse::default();
    let order = match &picked[..] {
        [field] if field.form == Form::Fields => {
            let fields = field.leaves.iter().map(|leaf| leaf.below.clone()).collect();
            parts.order(fields).map_err(|(expected, found)| file_error(path, expected, found))?
        }
        _ => Vec::new(),
    };
    for group in 0..table.groups() {
        let ids = table.ids(group, item)?;
        let parts: Vec<Lists> = match (&picked[..], picked[0].form) {
            ([field], Form::Sparse) => {
                sparse.read(&table, group, field, &ids)?;
                continue;
            }
            ([field], Form::Fields) => {
                order.iter().map(|&at| lists(&table, group, &field.leaves[at])).collect::<Result<_, _>>()?
            }
            _ => picked.iter().map(|field| lists(&table, group, &field.leaves[0])).collect::<Result<_, _>>()?,
        };
        for part in &parts {
            same_length(path, group, ids.len(), part.rows.len())?;
        }
        let mut vector = Vec::new();
        for (row, id) in ids.iter().enumerate() {
            let vector = if let [part] = &parts[..] {
                match part.of(row) {
                    (_, Some(why)) => Vector::Absent(why),
                    (numbers, None) => Vector::Numbers(numbers),
                }
            } else {
                vector.clear();
                // A number that is absent is NaN among others.
                vector.extend(parts.iter().map(|part| part.of(row).0.first().copied().unwrap_or(f32::NAN)));
                if vector.iter().all(|x| x.is_nan()) {
                    Vector::Absent("null in every column")
                } else {
                    Vector::Numbers(&vector)
                }
            };
            rows.push(number, id.as_deref(), vector, names.as_deref());
            number += 1;
        }
    }
    sparse.into_rows(path, &mut rows)?;
    rows.finish().map(Content::Vectors)
}

fn same_length(path: &Path, group: usize, ids: usize, others: usize) -> Result<(), FormatError> {
    if ids == others {
        return Ok(());
    }
    Err(file_error(path, "columns of one length", format!("{ids} ids and {others} rows in row group {group}")))
}

/// The columns by their outermost names.
fn fields(table: &Table) -> Result<Vec<Field>, FormatError> {
    let mut grouped: Vec<(String, Vec<Leaf>)> = Vec::new();
    for leaf in table.leaves() {
        match grouped.last_mut() {
            Some((name, leaves)) if *name == leaf.name => leaves.push(leaf),
            _ => grouped.push((leaf.name.clone(), vec![leaf])),
        }
    }
    grouped.into_iter().map(|(name, leaves)| field(table, name, leaves)).collect()
}

fn field(table: &Table, name: String, leaves: Vec<Leaf>) -> Result<Field, FormatError> {
    let with = |holds, kind: String, form, leaves| Ok(Field { column: Column { name, holds, kind }, leaves, form });
    let below =
        |part: &str| leaves.iter().find(|leaf| leaf.below == part || leaf.below.starts_with(&format!("{part}.")));
    if let [leaf] = &leaves[..] {
        let (holds, kind) = match (leaf.lists, is_number(leaf)) {
            (0, true) => (Holds::Number, kind(leaf)),
            (0, false) if leaf.kind == Type::BYTE_ARRAY => match sample(table, leaf)? {
                Some(texts) if !texts.is_empty() && texts.iter().all(|text| values::is_vector(text)) => {
                    (Holds::Vector, "lists of numbers as text".to_owned())
                }
                Some(_) => (Holds::Text, "text".to_owned()),
                None => (Holds::Other, "bytes".to_owned()),
            },
            (0, false) => (Holds::Other, kind(leaf)),
            (_, true) => (Holds::Vector, format!("lists of {}", kind(leaf))),
            (_, false) => (Holds::Other, format!("lists of {}", kind(leaf))),
        };
        return with(holds, kind, Form::Leaf, leaves);
    }
    let is_list = |part: &str| below(part).is_some_and(|leaf| leaf.lists == 1 && is_number(leaf));
    let others = leaves.iter().all(|leaf| {
        let first = leaf.below.split('.').next().unwrap_or_default();
        ["type", "size", "indices", "values"].contains(&first)
    });
    if is_list("indices") && is_list("values") && others {
        return with(Holds::Vector, "sparse vectors".to_owned(), Form::Sparse, leaves);
    }
    if leaves.iter().all(|leaf| leaf.lists == 0 && is_number(leaf)) {
        let kind = format!("a structure of {} numbers", leaves.len());
        return with(Holds::Vector, kind, Form::Fields, leaves);
    }
    let map = leaves.len() == 2 && leaves[0].lists == 1 && leaves[0].below.ends_with("key");
    let kind = if map { "a map".to_owned() } else { format!("a structure of {} columns", leaves.len()) };
    with(Holds::Other, kind, Form::Leaf, leaves)
}

/// The first texts of a column; `None` where they are no text.
fn sample(table: &Table, leaf: &Leaf) -> Result<Option<Vec<String>>, FormatError> {
    let mut texts = Some(Vec::new());
    for group in 0..table.groups() {
        let ColumnReader::ByteArrayColumnReader(reader) = table.column(group, leaf)? else { return Ok(None) };
        table.each(reader, leaf, LOOKED_AT, |_, _, value| {
            let Some(value) = value else { return };
            match (value.as_utf8(), &mut texts) {
                (Ok(text), Some(texts)) if !values::is_absent(text) => texts.push(text.to_owned()),
                (Err(_), _) => texts = None,
                _ => {}
            }
        })?;
        if texts.as_ref().is_none_or(|texts| !texts.is_empty()) {
            break;
        }
    }
    Ok(texts)
}

/// Whether values are numbers; points in time are none, nor are UUIDs and truths.
fn is_number(leaf: &Leaf) -> bool {
    let is_time = matches!(leaf.logical, Some(LogicalType::Date | LogicalType::Time(_) | LogicalType::Timestamp(_)))
        || matches!(
            leaf.converted,
            ConvertedType::DATE
                | ConvertedType::TIME_MILLIS
                | ConvertedType::TIME_MICROS
                | ConvertedType::TIMESTAMP_MILLIS
                | ConvertedType::TIMESTAMP_MICROS
        );
    match leaf.kind {
        Type::FLOAT | Type::DOUBLE => true,
        Type::INT32 | Type::INT64 => !is_time,
        Type::FIXED_LEN_BYTE_ARRAY => {
            matches!(leaf.logical, Some(LogicalType::Float16 | LogicalType::Decimal(_)))
        }
        _ => false,
    }
}

/// A type as a person reads it.
fn kind(leaf: &Leaf) -> String {
    match &leaf.logical {
        Some(LogicalType::Float16) => "FLOAT16".to_owned(),
        Some(LogicalType::Uuid) => "UUID".to_owned(),
        Some(LogicalType::Decimal(_)) => "DECIMAL".to_owned(),
        Some(LogicalType::Date) => "DATE".to_owned(),
        Some(LogicalType::Time(_)) => "TIME".to_owned(),
        Some(LogicalType::Timestamp(_)) => "TIMESTAMP".to_owned(),
        Some(LogicalType::String) => "text".to_owned(),
        _ if leaf.kind == Type::FIXED_LEN_BYTE_ARRAY => "bytes of a fixed length".to_owned(),
        _ => leaf.kind.to_string(),
    }
}

/// The numbers of each row of a row group.
fn lists(table: &Table, group: usize, leaf: &Leaf) -> Result<Lists, FormatError> {
    let unit = 10f64.powi(leaf.scale() as i32);
    let unsigned = matches!(
        leaf.converted,
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
    );
    match table.column(group, leaf)? {
        ColumnReader::FloatColumnReader(reader) => collect(table, reader, leaf, |x| *x),
        ColumnReader::DoubleColumnReader(reader) => collect(table, reader, leaf, |x| *x as f32),
        ColumnReader::Int32ColumnReader(reader) => collect(table, reader, leaf, |x| {
            let x = if unsigned { f64::from(*x as u32) } else { f64::from(*x) };
            (x / unit) as f32
        }),
        ColumnReader::Int64ColumnReader(reader) => collect(table, reader, leaf, |x| {
            let x = if unsigned { *x as u64 as f64 } else { *x as f64 };
            (x / unit) as f32
        }),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            collect(table, reader, leaf, |bytes| match (bytes.data(), &leaf.logical) {
                (&[low, high], Some(LogicalType::Float16)) => f16::from_le_bytes([low, high]).to_f32(),
                (bytes, _) => leaf.fixed(bytes).and_then(|text| text.parse().ok()).unwrap_or(f32::NAN),
            })
        }
        ColumnReader::ByteArrayColumnReader(reader) => texts_of(table, reader, leaf),
        _ => Err(table.wrong_kind(leaf, "numbers")),
    }
}

/// Numbers in lists, or one of each row.
fn collect<T: DataType>(
    table: &Table,
    reader: ColumnReaderImpl<T>,
    leaf: &Leaf,
    number: impl Fn(&T::T) -> f32,
) -> Result<Lists, FormatError> {
    let mut lists = Lists::default();
    table.each(reader, leaf, usize::MAX, |begins, level, value| {
        if begins {
            lists.rows.push((lists.numbers.len(), None));
        }
        let Some(row) = lists.rows.last_mut() else { return };
        match (&value, leaf.listed) {
            (None, Some(listed)) if level < listed => {
                row.1 = Some(if level + 1 == listed { "an empty list" } else { "null" });
            }
            // A number of each row that is null, and no list.
            (None, None) => row.1 = Some("null"),
            _ => {
                lists.numbers.push(value.as_ref().map_or(f32::NAN, &number));
                row.0 = lists.numbers.len();
            }
        }
    })?;
    Ok(lists)
}

/// Vectors that are written as text.
fn texts_of<T: DataType>(table: &Table, reader: ColumnReaderImpl<T>, leaf: &Leaf) -> Result<Lists, FormatError>
where
    T::T: AsRef<[u8]>,
{
    let (mut lists, mut wrong, mut row) = (Lists::default(), None, 0);
    table.each(reader, leaf, usize::MAX, |_, _, value| {
        let text = value.as_ref().map(|value| std::str::from_utf8(value.as_ref()).unwrap_or("other bytes"));
        let absent = match text {
            None => Some("null"),
            Some(text) if values::is_absent(text) => Some("an empty text"),
            Some(text) => {
                if let Err(word) = values::numbers(text, &mut lists.numbers) {
                    wrong.get_or_insert((row, word));
                }
                None
            }
        };
        lists.rows.push((lists.numbers.len(), absent));
        row += 1;
    })?;
    match wrong {
        None => Ok(lists),
        Some((row, word)) => {
            let expected = format!("lists of numbers in the column {:?}", leaf.name);
            let found = format!("{} in row {row}", Excerpt::of(&word));
            Err(file_error(table.path(), expected, found))
        }
    }
}

/// Sparse vectors, kept until the size of all is known.
#[derive(Default)]
struct Sparse {
    name: String,
    rows: Vec<SparseRow>,
    /// The largest size that was said.
    size: Option<usize>,
    /// The largest index and one more.
    needed: usize,
}

struct SparseRow {
    id: Option<String>,
    /// Empty and `false` where it is dense.
    indices: Vec<f32>,
    sparse: bool,
    size: Option<usize>,
    values: Vec<f32>,
    absent: Option<&'static str>,
}

impl Sparse {
    fn read(&mut self, table: &Table, group: usize, field: &Field, ids: &[Option<String>]) -> Result<(), FormatError> {
        let part = |part: &str| {
            let begin = format!("{part}.");
            let leaf = field.leaves.iter().find(|leaf| leaf.below == part || leaf.below.starts_with(&begin));
            leaf.map(|leaf| lists(table, group, leaf)).transpose()
        };
        let (kinds, sizes) = (part("type")?, part("size")?);
        let (Some(indices), Some(values)) = (part("indices")?, part("values")?) else { return Ok(()) };
        self.name.clone_from(&field.column.name);
        let lengths = [&kinds, &sizes].into_iter().flatten().chain([&indices, &values]).map(|lists| lists.rows.len());
        for length in lengths {
            same_length(table.path(), group, ids.len(), length)?;
        }
        for (row, id) in ids.iter().enumerate() {
            let one = |lists: &Option<Lists>| lists.as_ref().and_then(|lists| lists.of(row).0.first().copied());
            let (listed, no_indices) = indices.of(row);
            let (numbers, no_values) = values.of(row);
            let sparse = match one(&kinds) {
                Some(kind) => kind == 0.0,
                None => no_indices != Some("null"),
            };
            let size = one(&sizes).filter(|size| sparse && *size >= 0.0).map(|size| size as usize);
            self.size = self.size.max(size);
            let needed = listed.iter().fold(0.0f32, |most, &index| most.max(index + 1.0)) as usize;
            self.needed = self.needed.max(needed).max(if sparse { 0 } else { numbers.len() });
            self.rows.push(SparseRow {
                id: id.clone(),
                indices: listed.to_vec(),
                sparse,
                size,
                values: numbers.to_vec(),
                // A sparse vector without values is one of zeros.
                absent: no_values.filter(|why| *why == "null" || !sparse),
            });
        }
        Ok(())
    }

    fn into_rows(self, path: &Path, rows: &mut Rows) -> Result<(), FormatError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let width = self.size.unwrap_or(0).max(self.needed);
        if width > WIDEST {
            let expected = format!("sparse vectors of at most {WIDEST} numbers in the column {:?}", self.name);
            let help = "make fewer of them first, as PCA and TruncatedSVD do";
            return Err(file_error(path, expected, format!("{width}: {help}")));
        }
        if self.size.is_none() && self.rows.iter().any(|row| row.sparse) {
            rows.notes.push(guessed_width(path, &self.name, self.needed));
        }
        let mut faults = Faults::default();
        let mut vector = Vec::new();
        for (number, row) in self.rows.iter().enumerate() {
            let id = row.id.as_deref();
            vector.clear();
            if !row.sparse {
                vector.extend_from_slice(&row.values);
            } else if row.absent.is_none() {
                let size = row.size.unwrap_or(self.needed);
                let fits = |index: &f32| *index >= 0.0 && index.fract() == 0.0 && (*index as usize) < size;
                if let Some(again) = repeated(&row.indices) {
                    let place = crate::Place::Row(number as u64);
                    let id = Excerpt::of(id.unwrap_or_default());
                    faults.add(place, || format!("the index {again} twice for item {id}"));
                    continue;
                }
                if row.indices.len() != row.values.len() || !row.indices.iter().all(fits) {
                    let (indices, values) = (row.indices.len(), row.values.len());
                    let place = crate::Place::Row(number as u64);
                    faults.add(place, || format!("{indices} indices and {values} values for a size of {size}"));
                    continue;
                }
                vector.resize(size, 0.0);
                row.indices.iter().zip(&row.values).for_each(|(&index, &value)| vector[index as usize] = value);
            }
            let vector = match row.absent {
                Some(why) => Vector::Absent(why),
                None => Vector::Numbers(&vector),
            };
            rows.push(number as u64, id, vector, None);
        }
        let expected =
            format!("as many indices as values, each once and below the size, in the column {:?}", self.name);
        faults.check(path, &expected, "the writer of the file can tell")
    }
}

/// An index that is there twice.
fn repeated(indices: &[f32]) -> Option<f32> {
    let mut sorted = indices.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}
