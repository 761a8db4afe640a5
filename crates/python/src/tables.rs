//! Tables that Python holds, through Arrow: a stream of record batches (polars, pandas, pyarrow), or columns of numpy arrays and lists.

use crate::failure::{attached, of_arrays, refused};
use anchorrec_formats::frame::{Cell, Frame};
use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::types::*;
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, LargeStringArray, PrimitiveArray, RecordBatch,
    RecordBatchReader, new_null_array,
};
use arrow_pyarrow::FromPyArrow;
use arrow_schema::{DataType, TimeUnit};
use numpy::{Element, PyReadonlyArray1};
use pyo3::prelude::*;
use std::sync::Arc;

/// A table in memory.
#[pyclass(frozen, module = "anchorrec._native")]
pub struct Table {
    header: Vec<String>,
    kinds: Vec<DataType>,
    /// What a column is made of, where its cells cannot be read.
    unreadable: Vec<Option<String>>,
    /// The columns of each batch.
    batches: Vec<Vec<ArrayRef>>,
    /// The number of rows before each batch, and in all.
    starts: Vec<usize>,
}

/// The values of a column as Python hands them over.
#[derive(FromPyObject)]
pub enum Values<'py> {
    /// Whole numbers.
    Signed(PyReadonlyArray1<'py, i64>),
    /// Whole numbers from 0.
    Unsigned(PyReadonlyArray1<'py, u64>),
    /// Numbers in single precision.
    Single(PyReadonlyArray1<'py, f32>),
    /// Numbers in double precision.
    Double(PyReadonlyArray1<'py, f64>),
    /// Truths.
    Truths(PyReadonlyArray1<'py, bool>),
    /// Microseconds since 1970.
    Moments((String, PyReadonlyArray1<'py, i64>)),
    /// Texts.
    Texts(Vec<Option<String>>),
    /// What cannot be read: what the values are, and how many.
    Others((String, usize)),
}

/// A column: its name, its values, and which of them are gaps.
type Column<'py> = (String, Values<'py>, Option<PyReadonlyArray1<'py, bool>>);

/// Returns values with their gaps.
fn with_gaps<'a, T: Element + Copy>(
    values: &'a PyReadonlyArray1<'_, T>,
    gaps: Option<&'a PyReadonlyArray1<'_, bool>>,
) -> impl Iterator<Item = Option<T>> + 'a {
    let gaps = gaps.map(PyReadonlyArray1::as_array);
    let is_there = move |place: usize| gaps.as_ref().is_none_or(|gaps| gaps.get(place) != Some(&true));
    values.as_array().into_iter().enumerate().map(move |(place, &value)| is_there(place).then_some(value))
}

impl Values<'_> {
    fn array(self, gaps: Option<PyReadonlyArray1<'_, bool>>) -> ArrayRef {
        fn numbers<T: ArrowPrimitiveType<Native: Element>>(
            values: &PyReadonlyArray1<'_, T::Native>,
            gaps: Option<&PyReadonlyArray1<'_, bool>>,
        ) -> ArrayRef {
            Arc::new(with_gaps(values, gaps).collect::<PrimitiveArray<T>>())
        }
        let gaps = gaps.as_ref();
        match self {
            Values::Signed(values) => numbers::<Int64Type>(&values, gaps),
            Values::Unsigned(values) => numbers::<UInt64Type>(&values, gaps),
            Values::Single(values) => numbers::<Float32Type>(&values, gaps),
            Values::Double(values) => numbers::<Float64Type>(&values, gaps),
            Values::Truths(truths) => Arc::new(with_gaps(&truths, gaps).collect::<BooleanArray>()),
            Values::Moments((_, values)) => numbers::<TimestampMicrosecondType>(&values, gaps),
            // Texts of a column may be more than the 2 GiB that 32-bit offsets reach.
            Values::Texts(texts) => Arc::new(LargeStringArray::from(texts)),
            Values::Others((_, rows)) => new_null_array(&DataType::Null, rows),
        }
    }
}

#[pymethods]
impl Table {
    /// Reads an object with `__arrow_c_stream__`.
    #[staticmethod]
    fn of_stream(py: Python<'_>, stream: &Bound<'_, PyAny>) -> PyResult<Self> {
        let reader = attached("the Arrow stream", || RecordBatchStreamReader::from_pyarrow_bound(stream))?;
        // Other threads go on while the stream computes what it gives, and some of them may be what computes it. It is read to its end: a thread that was left
        // with it could meet Python when Python is gone.
        of_arrays(py, move || Table::collect(reader))?
    }

    /// Makes a table of columns of one length.
    #[staticmethod]
    fn of_columns(columns: Vec<Column<'_>>) -> PyResult<Self> {
        attached("the columns cannot be read", || {
            let unreadable = columns.iter().map(|column| match &column.1 {
                Values::Others((kind, _)) => Some(kind.clone()),
                _ => None,
            });
            let unreadable = unreadable.collect();
            let (header, columns): (Vec<String>, Vec<ArrayRef>) =
                columns.into_iter().map(|(name, values, gaps)| (name, values.array(gaps))).unzip();
            if let Some((name, column)) = header.iter().zip(&columns).find(|column| column.1.len() != columns[0].len())
            {
                let (first, rows) = (&header[0], columns[0].len());
                return Err(refused(format!(
                    "expected {rows} rows in the column {name} as in {first}, found {}",
                    column.len()
                )));
            }
            let kinds = columns.iter().map(|column| column.data_type().clone()).collect();
            Ok(Table { unreadable, ..Table::new(header, kinds, vec![columns]) })
        })
    }

    /// The names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.header.clone()
    }

    fn __len__(&self) -> usize {
        self.rows()
    }
}

impl Table {
    /// Reads all batches of a stream. Columns that can be read are checked: what comes through the C data interface was written by anybody.
    fn collect(reader: RecordBatchStreamReader) -> PyResult<Self> {
        let schema = reader.schema();
        let batches: Result<Vec<RecordBatch>, _> = reader.collect();
        let batches = batches.map_err(|error| refused(format!("the Arrow stream breaks off: {error}")))?;
        for batch in &batches {
            for (field, column) in schema.fields().iter().zip(batch.columns()) {
                if is_readable(field.data_type()) {
                    let wrong = |error| refused(format!("the column {} is no valid Arrow: {error}", field.name()));
                    column.to_data().validate_full().map_err(wrong)?;
                }
            }
        }
        let (header, kinds) =
            schema.fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).unzip();
        Ok(Table::new(header, kinds, batches.iter().map(|batch| batch.columns().to_vec()).collect()))
    }

    fn new(header: Vec<String>, kinds: Vec<DataType>, batches: Vec<Vec<ArrayRef>>) -> Self {
        let mut starts = vec![0];
        for batch in &batches {
            starts.push(starts[starts.len() - 1] + batch.first().map_or(0, |column| column.len()));
        }
        let unreadable = kinds.iter().map(|kind| (!is_readable(kind)).then(|| kind.to_string())).collect();
        Table { header, kinds, unreadable, batches, starts }
    }
}

impl Frame for Table {
    fn header(&self) -> Vec<String> {
        self.header.clone()
    }

    fn rows(&self) -> usize {
        self.starts[self.starts.len() - 1]
    }

    fn unreadable(&self, column: usize) -> Option<String> {
        self.unreadable[column].clone()
    }

    fn is_floating(&self, column: usize) -> bool {
        self.kinds[column].is_floating()
    }

    fn cell(&self, column: usize, row: usize) -> Cell<'_> {
        let batch = self.starts.partition_point(|&start| start <= row) - 1;
        cell(&*self.batches[batch][column], row - self.starts[batch])
    }
}

/// Whether [`cell`] reads columns of a kind.
fn is_readable(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(keys, values) => keys.is_integer() && is_readable(values),
        DataType::Decimal128(_, scale) => *scale >= 0,
        DataType::Null
        | DataType::Boolean
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Date32
        | DataType::Date64
        | DataType::Timestamp(..) => true,
        other => other.is_integer() || other.is_floating(),
    }
}

/// Returns a cell of a column of a kind that is readable.
fn cell(column: &dyn Array, row: usize) -> Cell<'_> {
    if column.is_null(row) {
        return Cell::Null;
    }
    macro_rules! whole {
        ($kind:ty) => {
            Cell::Whole(i128::from(column.as_primitive::<$kind>().value(row)))
        };
    }
    match column.data_type() {
        DataType::Boolean => Cell::Truth(column.as_boolean().value(row)),
        DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Cell::Text(column.as_string::<i64>().value(row)),
        DataType::Utf8View => Cell::Text(column.as_string_view().value(row)),
        DataType::Int8 => whole!(Int8Type),
        DataType::Int16 => whole!(Int16Type),
        DataType::Int32 => whole!(Int32Type),
        DataType::Int64 => whole!(Int64Type),
        DataType::UInt8 => whole!(UInt8Type),
        DataType::UInt16 => whole!(UInt16Type),
        DataType::UInt32 => whole!(UInt32Type),
        DataType::UInt64 => whole!(UInt64Type),
        DataType::Float16 => Cell::Single(column.as_primitive::<Float16Type>().value(row).to_f32()),
        DataType::Float32 => Cell::Single(column.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => Cell::Double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            Cell::Decimal(column.as_primitive::<Decimal128Type>().value(row), u32::from(scale.unsigned_abs()))
        }
        DataType::Date32 => Cell::Day(i64::from(column.as_primitive::<Date32Type>().value(row))),
        DataType::Date64 => Cell::Moment(column.as_primitive::<Date64Type>().value(row), 1000),
        DataType::Timestamp(unit, _) => {
            let (number, per_second) = match unit {
                TimeUnit::Second => (column.as_primitive::<TimestampSecondType>().value(row), 1),
                TimeUnit::Millisecond => (column.as_primitive::<TimestampMillisecondType>().value(row), 1000),
                TimeUnit::Microsecond => (column.as_primitive::<TimestampMicrosecondType>().value(row), 1_000_000),
                TimeUnit::Nanosecond => (column.as_primitive::<TimestampNanosecondType>().value(row), 1_000_000_000),
            };
            Cell::Moment(number, per_second)
        }
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            match cell(dictionary.keys(), row) {
                Cell::Whole(key) => usize::try_from(key)
                    .ok()
                    .filter(|&key| key < dictionary.values().len())
                    .map_or(Cell::Null, |key| cell(&**dictionary.values(), key)),
                _ => Cell::Null,
            }
        }
        _ => Cell::Null,
    }
}
