//! Vectors with their ids as Parquet.
//!
//! Parquet has no lists of a fixed length: Arrow's readers know one by the schema that an Arrow writer leaves in the metadata under
//! `ARROW:schema`. It is a message of Arrow's interprocess format, `0xFFFFFFFF`, length, flatbuffer, in base64; the flatbuffer is made here by
//! the slots of `Schema.fbs` and `Message.fbs`, since Arrow's own packages would double what this program takes to build.

use super::rows::{Column, Rows};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, VOffsetT, WIPOffset};
use ndarray::ArrayView2;
use parquet::data_type::ByteArray;
use std::io::{self, Write};

/// Numbers of a row group, about 16 MiB.
const GROUP: usize = 1 << 22;

/// Writes columns `id` (text), `index` (32-bit whole numbers) and `embedding` (lists of 32-bit floats, all of the matrix's width).
pub(crate) fn vectors(out: &mut dyn Write, ids: &[String], index: &[u32], rows: ArrayView2<f32>) -> io::Result<()> {
    let schema = "message vectors {
        REQUIRED BYTE_ARRAY id (UTF8);
        REQUIRED INT32 index;
        REQUIRED group embedding (LIST) { REPEATED group list { REQUIRED FLOAT element; } }
    }";
    let width = rows.ncols();
    let said = [("ARROW:schema", arrow_schema(width as i32)), ("embedding.width", width.to_string())];
    let mut file = Rows::new(out, schema, &said)?;
    let step = (GROUP / width.max(1)).max(1);
    for first in (0..ids.len()).step_by(step) {
        let range = first..(first + step).min(ids.len());
        let names: Vec<ByteArray> = ids[range.clone()].iter().map(|id| id.as_str().into()).collect();
        let index: Vec<i32> = index[range.clone()].iter().map(|&index| index as i32).collect();
        let numbers: Vec<f32> = rows.rows().into_iter().skip(first).take(range.len()).flatten().copied().collect();
        file.group(&[Column::Text(&names), Column::Whole(&index), Column::Floats(&numbers, width)])?;
    }
    file.finish()
}

/// Returns the place of the field with a number in a table's list of places.
const fn slot(field: VOffsetT) -> VOffsetT {
    4 + 2 * field
}

/// Types by their numbers in `Schema.fbs`.
const INT: u8 = 2;
const FLOATING_POINT: u8 = 3;
const UTF8: u8 = 5;
const FIXED_SIZE_LIST: u8 = 16;

type Table = WIPOffset<flatbuffers::TableFinishedWIPOffset>;

fn table<'a>(buffer: &mut FlatBufferBuilder<'a>, fill: impl FnOnce(&mut FlatBufferBuilder<'a>)) -> Table {
    let start = buffer.start_table();
    fill(buffer);
    buffer.end_table(start)
}

/// A field that is never null.
fn field<'a>(buffer: &mut FlatBufferBuilder<'a>, name: &str, kind: u8, of: Table, children: &[Table]) -> Table {
    let (name, children) = (buffer.create_string(name), buffer.create_vector(children));
    let of: WIPOffset<UnionWIPOffset> = WIPOffset::new(of.value());
    table(buffer, |buffer| {
        buffer.push_slot_always(slot(0), name);
        buffer.push_slot(slot(1), false, false);
        buffer.push_slot(slot(2), kind, 0);
        buffer.push_slot_always(slot(3), of);
        buffer.push_slot_always(slot(5), children);
    })
}

/// The schema of the file for Arrow's readers.
fn arrow_schema(width: i32) -> String {
    let mut buffer = FlatBufferBuilder::new();
    let text = table(&mut buffer, |_| ());
    let id = field(&mut buffer, "id", UTF8, text, &[]);
    let whole = table(&mut buffer, |buffer| {
        buffer.push_slot(slot(0), 32i32, 0);
        buffer.push_slot(slot(1), true, false);
    });
    let index = field(&mut buffer, "index", INT, whole, &[]);
    // Single precision is 1.
    let single = table(&mut buffer, |buffer| buffer.push_slot(slot(0), 1i16, 0));
    let element = field(&mut buffer, "element", FLOATING_POINT, single, &[]);
    let list = table(&mut buffer, |buffer| buffer.push_slot(slot(0), width, 0));
    let embedding = field(&mut buffer, "embedding", FIXED_SIZE_LIST, list, &[element]);
    let fields = buffer.create_vector(&[id, index, embedding]);
    let schema = table(&mut buffer, |buffer| buffer.push_slot_always(slot(1), fields));
    let message = table(&mut buffer, |buffer| {
        // Version 5 is 4, and a schema is header 1.
        buffer.push_slot(slot(0), 4i16, 0);
        buffer.push_slot(slot(1), 1u8, 0);
        buffer.push_slot_always(slot(2), schema);
    });
    buffer.finish_minimal(message);
    let mut bytes = buffer.finished_data().to_vec();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let mut whole = vec![0xff; 4];
    whole.extend((bytes.len() as u32).to_le_bytes());
    whole.extend(bytes);
    BASE64_STANDARD.encode(whole)
}
