//! A file that is one vector: that of the item whose id is the file's name.
//!
//! | ending | what |
//! |---|---|
//! | `.npy` | `[width]` or `[1, width]` |
//! | `.npz` | its only array of numbers, of such a shape |
//! | `.json` | a list of numbers, or an object with one |
//! | `.txt`, `.csv`, `.tsv`, `.dat`, packed or not | numbers on one line, or one on each line |

use super::{npz, values};
use crate::error::{FormatError, file_error, io_error};
use crate::folder::kind;
use crate::open::{self, unpacked};
use anchorrec_data::NpyArray;
use anchorrec_files::{Excerpt, fingerprint};
use serde_json::Value;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Bytes of the longest text that is one vector: of a million numbers.
const LONGEST: u64 = 16 << 20;

/// Whether a file's ending is one of those that can hold one vector.
pub(super) fn may_be(path: &Path) -> bool {
    ["npy", "npz", "json", "txt", "csv", "tsv", "dat"].contains(&kind(path).as_str())
}

/// The item whose vector a file is.
pub(super) fn id(path: &Path) -> String {
    unpacked(path).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The vector of a file, or what is there in its place.
pub(super) fn read(path: &Path) -> Result<Result<Vec<f32>, String>, FormatError> {
    let of_array = |shape: &[u64]| format!("the shape {shape:?}");
    match kind(path).as_str() {
        "npy" => {
            let opened = fingerprint::open(path).map_err(io_error(path, "read"))?;
            let (file, bytes) = opened.ok_or_else(|| file_error(path, "a regular file", "something else"))?;
            let array = NpyArray::<BufReader<File>>::open(path, BufReader::new(file), bytes)?;
            match array.shape() {
                [_] | [1, _] => Ok(Ok(array.floats()?)),
                shape => Ok(Err(of_array(shape))),
            }
        }
        "npz" => match npz::single(path)? {
            (numbers, shape) if matches!(shape[..], [_] | [1, _]) => Ok(Ok(numbers)),
            (_, shape) => Ok(Err(of_array(&shape))),
        },
        "json" => Ok(of_json(&text(path)?)),
        _ => Ok(of_text(&text(path)?)),
    }
}

fn text(path: &Path) -> Result<String, FormatError> {
    let mut bytes = Vec::new();
    open::text(path)?.take(LONGEST + 1).read_to_end(&mut bytes).map_err(io_error(path, "read"))?;
    if bytes.len() as u64 > LONGEST {
        return Err(file_error(path, "one vector", format!("more than {} MiB", LONGEST >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| file_error(path, "numbers as text in UTF-8", "other bytes"))
}

/// Numbers on one line, or one on each line.
fn of_text(text: &str) -> Result<Vec<f32>, String> {
    let lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    let (mut numbers, mut count, mut one_each) = (Vec::new(), 0, true);
    for line in lines {
        let before = numbers.len();
        values::numbers(line, &mut numbers).map_err(|word| Excerpt::of(&word).to_string())?;
        count += 1;
        one_each &= numbers.len() == before + 1;
    }
    match count {
        _ if numbers.is_empty() => Err("nothing".to_owned()),
        1 => Ok(numbers),
        _ if one_each => Ok(numbers),
        _ => Err(format!("{count} lines of several numbers")),
    }
}

/// A list of numbers, or an object with one.
fn of_json(text: &str) -> Result<Vec<f32>, String> {
    let value: Value = serde_json::from_str(text).map_err(|_| format!("no JSON: {}", Excerpt::of(text)))?;
    let list = |value: &Value| -> Option<Vec<f32>> {
        let number = |value: &Value| if value.is_null() { Some(f32::NAN) } else { value.as_f64().map(|x| x as f32) };
        match value.as_array()?.as_slice() {
            [] => None,
            [Value::Array(row)] => row.iter().map(number).collect(),
            row => row.iter().map(number).collect(),
        }
    };
    let lists: Vec<Vec<f32>> = match &value {
        Value::Object(keys) => keys.values().filter_map(list).collect(),
        value => list(value).into_iter().collect(),
    };
    match <[Vec<f32>; 1]>::try_from(lists) {
        Ok([numbers]) => Ok(numbers),
        Err(lists) => Err(format!("{} lists of numbers: {}", lists.len(), Excerpt::of(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_vector_as_text_and_as_json() {
        for text in ["1 -2.5", "1,-2.5\n", "[1, -2.5]", "1\n-2.5\n\n", "1\t-2.5\r\n", "\u{feff}1;-2.5"] {
            assert_eq!(of_text(text), Ok(vec![1.0, -2.5]), "{text:?}");
        }
        for text in ["", "a 1", "1 2\n3 4", "\n", "[]"] {
            assert!(of_text(text).is_err(), "{text:?}");
        }
        for text in
            ["[1, -2.5]", "[[1, -2.5]]", "{\"id\": \"a\", \"emb\": [1, -2.5]}", "{\"emb\": [[1, -2.5]], \"n\": 2}"]
        {
            assert_eq!(of_json(text), Ok(vec![1.0, -2.5]), "{text}");
        }
        for text in ["[]", "[1, \"x\"]", "{\"a\": [1], \"b\": [2]}", "{}", "[[1], [2]]", "1", "[1"] {
            assert!(of_json(text).is_err(), "{text}");
        }
    }
}
