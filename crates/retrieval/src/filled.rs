//! Items without features of their own: `prepare` gave them the mean of the others and named them in a file of the ready folder.
//!
//! They are all at the same place, so each is like all the others with cosine 1, and says nothing of what it is.

use crate::error::{RetrievalError, file_error, row_error};
use anchorrec_data::{Dataset, Modality};
use anchorrec_files::Excerpt;
use csv::ReaderBuilder;

/// Returns the items that have no features of this kind of their own, ascending: those of `missing_text.csv`, `missing_image.csv` or `missing_mm.csv`
/// in the folder of the data set. Without such a file there are none.
///
/// # Errors
/// When the file cannot be read, has no column `itemID`, or names an item that is not there.
pub fn filled(dataset: &Dataset, modality: Modality) -> Result<Vec<u32>, RetrievalError> {
    let path = dataset.dir.join(modality.missing_file());
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path).map_err(file_error(&path, "read"))?;
    let delimiter = if text.lines().next().is_some_and(|line| line.contains('\t')) { b'\t' } else { b',' };
    let mut table = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header = table.headers().map_err(|error| row_error(&path, &error))?.clone();
    let Some(column) = header.iter().position(|name| name == "itemID") else {
        let found = Excerpt::of(&header.iter().collect::<Vec<_>>().join(", ")).to_string();
        return Err(RetrievalError::Table { path, expected: "a header with the column `itemID`".to_owned(), found });
    };
    let (mut items, all) = (Vec::new(), dataset.interactions.items);
    for row in table.records() {
        let row = row.map_err(|error| row_error(&path, &error))?;
        match row[column].parse() {
            Ok(item) if (item as usize) < all => items.push(item),
            _ => {
                return Err(RetrievalError::Row {
                    line: row.position().map_or(1, csv::Position::line),
                    expected: format!("an item number below {all}"),
                    found: Excerpt::of(&row[column]).to_string(),
                    path,
                });
            }
        }
    }
    items.sort_unstable();
    items.dedup();
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_ready_folder_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("shop.inter", "userID\titemID\tx_label\n0\t0\t0\n0\t1\t0\n1\t2\t0\n");
        let dataset = Dataset::load(folder.path()).unwrap();
        assert_eq!(filled(&dataset, Modality::Vision).unwrap(), [0u32; 0]);
        write("missing_image.csv", "itemID\tasin\tfilled_with\n2\tc\tmean\n0\ta\tmean\n");
        assert_eq!(filled(&dataset, Modality::Vision).unwrap(), [0, 2]);
        assert_eq!(filled(&dataset, Modality::Text).unwrap(), [0u32; 0]);
        for (text, message) in [
            ("item,filled_with\n0,mean\n", "expected a header with the column `itemID`, found \"item, filled_with\""),
            (
                "itemID,filled_with\n0,mean\n3,mean\n",
                "missing_image.csv:3: expected an item number below 3, found \"3\"",
            ),
            ("itemID,filled_with\nc,mean\n", "missing_image.csv:2: expected an item number below 3, found \"c\""),
        ] {
            write("missing_image.csv", text);
            let refused = filled(&dataset, Modality::Vision).unwrap_err().to_string();
            assert!(refused.contains(message), "{refused}");
        }
    }
}
