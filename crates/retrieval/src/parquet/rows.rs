//! A Parquet file that is written to any `Write`. The library wants to own what it writes to and to send it to other threads; so it writes into a
//! buffer, and its contents are written after each row group.

use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// Bytes that wait to be written.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn drain_into(&self, out: &mut dyn Write) -> io::Result<()> {
        let bytes = std::mem::take(&mut *self.0.lock().expect("nobody panics while writing"));
        out.write_all(&bytes)
    }
}

/// A column of a row group.
pub(super) enum Column<'a> {
    /// Texts.
    Text(&'a [ByteArray]),
    /// Texts of which some are missing: those that are there, and a 1 or a 0 for each row.
    MaybeText(&'a [ByteArray], &'a [i16]),
    /// Whole numbers.
    Whole(&'a [i32]),
    /// Numbers.
    Float(&'a [f32]),
    /// Lists of numbers, all of one length.
    Floats(&'a [f32], usize),
}

/// A file under construction.
pub(super) struct Rows<'a> {
    out: &'a mut dyn Write,
    buffer: Buffer,
    writer: SerializedFileWriter<Buffer>,
}

impl<'a> Rows<'a> {
    /// Begins a file of a schema in the language of Parquet's messages, with `metadata` as pairs of key and value.
    pub(super) fn new(out: &'a mut dyn Write, schema: &str, metadata: &[(&str, String)]) -> io::Result<Self> {
        let schema = parse_message_type(schema).map_err(wrong)?;
        let said = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
        let properties = WriterProperties::builder()
            .set_created_by("anchorrec".to_owned())
            .set_key_value_metadata(Some(said))
            .build();
        let buffer = Buffer::default();
        let writer =
            SerializedFileWriter::new(buffer.clone(), Arc::new(schema), Arc::new(properties)).map_err(wrong)?;
        Ok(Rows { out, buffer, writer })
    }

    /// Writes a row group.
    pub(super) fn group(&mut self, columns: &[Column]) -> io::Result<()> {
        let mut group = self.writer.next_row_group().map_err(wrong)?;
        for column in columns {
            let writer = group.next_column().map_err(wrong)?.expect("as many columns as the schema");
            write(writer, column).map_err(wrong)?;
        }
        group.close().map_err(wrong)?;
        self.buffer.drain_into(self.out)
    }

    /// Writes the footer.
    pub(super) fn finish(self) -> io::Result<()> {
        self.writer.close().map_err(wrong)?;
        self.buffer.drain_into(self.out)
    }
}

fn write(mut writer: SerializedColumnWriter, column: &Column) -> Result<(), ParquetError> {
    match column {
        Column::Text(values) => put::<ByteArrayType>(&mut writer, values, None, None)?,
        Column::MaybeText(values, there) => put::<ByteArrayType>(&mut writer, values, Some(there), None)?,
        Column::Whole(values) => put::<Int32Type>(&mut writer, values, None, None)?,
        Column::Float(values) => put::<FloatType>(&mut writer, values, None, None)?,
        Column::Floats(values, width) => {
            // Each number is there; the first of a list begins a new one.
            let (there, again): (Vec<i16>, Vec<i16>) =
                (0..values.len()).map(|place| (1, i16::from(place % width != 0))).unzip();
            put::<FloatType>(&mut writer, values, Some(&there), Some(&again))?;
        }
    }
    writer.close()
}

fn put<T: DataType>(
    writer: &mut SerializedColumnWriter,
    values: &[T::T],
    there: Option<&[i16]>,
    again: Option<&[i16]>,
) -> Result<(), ParquetError> {
    writer.typed::<T>().write_batch(values, there, again).map(drop)
}

fn wrong(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
