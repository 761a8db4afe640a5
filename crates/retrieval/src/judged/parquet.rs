//! Lists as Parquet: the columns of the CSV, found and read by the same rules.

use super::columns::{Columns, not_empty};
use super::row::Row;
use crate::error::RetrievalError;
use anchorrec_data::note::Note;
use anchorrec_formats::{Group, Sheet};
use std::path::Path;

/// Reads a table, its rows numbered from 1, and what was concluded from ids in floating point.
pub(super) fn table(path: &Path) -> Result<(Vec<Row>, Vec<Note>), RetrievalError> {
    let sheet = Sheet::open(path)?;
    let columns = Columns::find(path, &sheet.names())?;
    let mut rows = Vec::new();
    for number in 0..sheet.groups() {
        let group = Group { number, before: rows.len() };
        let (users, items) = (sheet.ids(group, columns.user)?, sheet.ids(group, columns.item)?);
        let values = |place: Option<usize>| place.map(|place| sheet.values(group, place)).transpose();
        let (ranks, scores) = (values(columns.rank)?, values(columns.score)?);
        for (what, found) in [("items", Some(&items)), ("ranks", ranks.as_ref()), ("scores", scores.as_ref())] {
            let Some(found) = found.filter(|found| found.len() != users.len()) else { continue };
            let found = format!("{} users and {} {what} in row group {number}", users.len(), found.len());
            let expected = "columns of one length".to_owned();
            return Err(RetrievalError::Table { path: path.to_owned(), expected, found });
        }
        let cells = |place: usize| match place {
            place if place == columns.user => &users,
            place if place == columns.item => &items,
            place if Some(place) == columns.rank => ranks.as_ref().expect("it was read"),
            _ => scores.as_ref().expect("it was read"),
        };
        for row in 0..users.len() {
            // Null is an id that is empty, and no number.
            let text = |place| cells(place)[row].as_deref().unwrap_or_default();
            rows.push(columns.row(path, rows.len() as u64 + 1, text)?);
        }
    }
    let notes = [columns.user, columns.item].into_iter().filter_map(|column| sheet.note_on_ids(column)).collect();
    Ok((not_empty(path, rows)?, notes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::text;
    use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, FloatType, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use std::fs::{self, File};
    use std::sync::Arc;

    /// A column of some type, and each value as a CSV has it.
    #[derive(Clone)]
    enum Cells {
        Texts(Vec<&'static str>),
        /// Texts of which some are null, which a CSV has as empty ones.
        Gaps(Vec<Option<&'static str>>),
        Whole(Vec<i64>),
        Doubles(Vec<f64>),
        Singles(Vec<f32>),
        Truths(Vec<bool>),
    }

    impl Cells {
        fn kind(&self) -> &'static str {
            match self {
                Cells::Texts(_) => "REQUIRED BYTE_ARRAY {} (UTF8)",
                Cells::Gaps(_) => "OPTIONAL BYTE_ARRAY {} (UTF8)",
                Cells::Whole(_) => "REQUIRED INT64 {}",
                Cells::Doubles(_) => "REQUIRED DOUBLE {}",
                Cells::Singles(_) => "REQUIRED FLOAT {}",
                Cells::Truths(_) => "REQUIRED BOOLEAN {}",
            }
        }

        fn texts(&self) -> Vec<String> {
            match self {
                Cells::Texts(all) => all.iter().map(|x| (*x).to_owned()).collect(),
                Cells::Gaps(all) => all.iter().map(|x| x.unwrap_or_default().to_owned()).collect(),
                Cells::Whole(all) => all.iter().map(i64::to_string).collect(),
                Cells::Doubles(all) => all.iter().map(f64::to_string).collect(),
                Cells::Singles(all) => all.iter().map(f32::to_string).collect(),
                Cells::Truths(all) => all.iter().map(bool::to_string).collect(),
            }
        }
    }

    /// Writes the same table as Parquet, in row groups of `group` rows, and as CSV.
    fn both(folder: &Path, columns: &[(&str, Cells)], group: usize) -> [std::path::PathBuf; 2] {
        let [sheet, csv] = ["a.parquet", "a.csv"].map(|name| folder.join(name));
        let fields: String = columns.iter().map(|(name, cells)| cells.kind().replace("{}", name) + "; ").collect();
        let schema = Arc::new(parse_message_type(&format!("message lists {{ {fields} }}")).unwrap());
        let mut file = SerializedFileWriter::new(File::create(&sheet).unwrap(), schema, Default::default()).unwrap();
        let rows = columns[0].1.texts().len();
        for start in (0..rows).step_by(group) {
            let range = start..(start + group).min(rows);
            let mut writer = file.next_row_group().unwrap();
            for (_, cells) in columns {
                let mut column = writer.next_column().unwrap().unwrap();
                match cells {
                    Cells::Texts(all) => {
                        let all: Vec<ByteArray> = all[range.clone()].iter().map(|x| (*x).into()).collect();
                        column.typed::<ByteArrayType>().write_batch(&all, None, None)
                    }
                    Cells::Gaps(all) => {
                        let there: Vec<i16> = all[range.clone()].iter().map(|x| i16::from(x.is_some())).collect();
                        let all: Vec<ByteArray> = all[range.clone()].iter().flatten().map(|x| (*x).into()).collect();
                        column.typed::<ByteArrayType>().write_batch(&all, Some(&there), None)
                    }
                    Cells::Whole(all) => column.typed::<Int64Type>().write_batch(&all[range.clone()], None, None),
                    Cells::Doubles(all) => column.typed::<DoubleType>().write_batch(&all[range.clone()], None, None),
                    Cells::Singles(all) => column.typed::<FloatType>().write_batch(&all[range.clone()], None, None),
                    Cells::Truths(all) => column.typed::<BoolType>().write_batch(&all[range.clone()], None, None),
                }
                .unwrap();
                column.close().unwrap();
            }
            writer.close().unwrap();
        }
        file.close().unwrap();
        let mut table = csv::Writer::from_path(&csv).unwrap();
        table.write_record(columns.iter().map(|column| column.0)).unwrap();
        let texts: Vec<Vec<String>> = columns.iter().map(|column| column.1.texts()).collect();
        (0..rows).for_each(|row| table.write_record(texts.iter().map(|column| &column[row])).unwrap());
        table.flush().unwrap();
        [sheet, csv]
    }

    fn ids() -> (Cells, Cells) {
        let users = ["1", "1.0", " lead", "tail ", "007", "7", "NaN", "null", "1e3"];
        let items = ["01", "1", "2.0", "2", "\u{feff}a", "a", "-0", "0", "x\ty"];
        (Cells::Texts(users.to_vec()), Cells::Texts(items.to_vec()))
    }

    /// Whatever a table of lists says, it says as Parquet what it says as CSV: ids, the choice of columns, ranks, scores, and what is wrong with it.
    #[test]
    fn parquet_says_what_the_same_csv_says() {
        let (users, items) = ids();
        let ranks = Cells::Whole((1..10).collect());
        // Not one of these is another as a number of 32 bits.
        let close = Cells::Doubles((0..9).map(|n| 1e6 + f64::from(n) / 1000.0).collect());
        let named = |names: [&'static str; 3], third: &Cells| {
            let cells = [users.clone(), items.clone(), third.clone()];
            names.into_iter().zip(cells).collect::<Vec<_>>()
        };
        let with = |mut columns: Vec<(&'static str, Cells)>, first: bool, name: &'static str, cells: Cells| {
            columns.insert(if first { 0 } else { columns.len() }, (name, cells));
            columns
        };
        let plain = || named(["user", "item", "rank"], &ranks);
        let whole = |numbers: &[i64]| Cells::Whole(numbers.to_vec());
        let tables = [
            plain(),
            named(["User", "Item", "Rank"], &ranks),
            named(["customer_id", "PARENT_ASIN", "rank"], &ranks),
            named(["uid", "iid", "prediction"], &close),
            named(["qid", "docid", "Similarity"], &close),
            named(["user", "item", "weight"], &Cells::Singles((0..9).map(|n| 0.1 * n as f32).collect())),
            named(["user", "item", "score"], &Cells::Texts(vec!["1", "2.5", " 3", "4e-9", "5", "6", "7", "8", "9"])),
            named(["user", "item", "rank"], &Cells::Doubles((1..10).map(f64::from).collect())),
            // Two columns for one thing, in both orders; a score beside a rank, also one that is no number.
            with(plain(), false, "user_id", Cells::Texts(vec!["9"; 9])),
            with(plain(), true, "user_id", Cells::Texts(vec!["9"; 9])),
            with(plain(), true, "asin", Cells::Texts(vec!["9"; 9])),
            with(plain(), false, "score", close.clone()),
            with(plain(), true, "score", Cells::Texts(vec!["high"; 9])),
            with(named(["user", "item", "similarity"], &close), true, "score", whole(&[9, 8, 7, 6, 5, 4, 3, 2, 1])),
            // What nobody asks for is not judged.
            with(plain(), false, "timestamp", Cells::Texts(vec!["yesterday"; 9])),
            with(plain(), false, "x_label", whole(&[7; 9])),
            with(plain(), true, "rating", Cells::Texts(vec!["good"; 9])),
            with(plain(), true, "split", Cells::Truths(vec![true; 9])),
            // Texts that are all whole numbers, written in two ways.
            vec![
                ("user", Cells::Texts(vec!["1", "1.0", "2", "2.0", "3"])),
                ("item", Cells::Texts(vec!["5.0", "5", "06", "6", "+7"])),
                ("rank", whole(&[1, 2, 3, 4, 5])),
            ],
            // Ids that are numbers.
            vec![
                ("user", whole(&[1, -2, 3, 4, i64::MAX, 6, 7, 8, 9])),
                ("item", Cells::Doubles(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])),
                ("rank", ranks.clone()),
            ],
            // Mistakes: a missing column, no rows, no number, a number that is not finite, a rank that is missing.
            vec![("user", users.clone()), ("item", items.clone())],
            vec![("item", items.clone()), ("score", close.clone())],
            vec![("user", users.clone()), ("rank", ranks.clone())],
            vec![("user", Cells::Texts(vec![])), ("item", Cells::Texts(vec![])), ("rank", whole(&[]))],
            named(["user", "item", "score"], &Cells::Texts(vec!["1", "2", "3", "4", "5", "6", "7", "x", "9"])),
            named(
                ["user", "item", "score"],
                &Cells::Doubles(vec![1.0, 2.0, f64::INFINITY, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]),
            ),
            named(["user", "item", "score"], &Cells::Doubles(vec![f64::NAN; 9])),
            named(["user", "item", "rank"], &Cells::Truths(vec![true; 9])),
            named(
                ["user", "item", "rank"],
                &Cells::Gaps(vec![Some("1"), Some("2"), Some("3"), Some("4"), None, Some("6"), None, Some("8"), None]),
            ),
            vec![
                ("user", Cells::Gaps(vec![Some("a"), None, Some("")])),
                ("item", Cells::Texts(vec!["a", "b", "c"])),
                ("rank", whole(&[1, 2, 3])),
            ],
        ];
        for (number, columns) in tables.iter().enumerate() {
            for group in [2, 100] {
                let folder = tempfile::tempdir().unwrap();
                let [sheet, csv] = both(folder.path(), columns, group);
                let as_parquet = table(&sheet);
                match text::table(&csv) {
                    Ok(mut want) => {
                        // A CSV has its header in line 1.
                        want.iter_mut().for_each(|row| row.line -= 1);
                        let (got, _) = as_parquet.unwrap_or_else(|error| panic!("table {number}: {error}"));
                        assert_eq!(got, want, "table {number}");
                    }
                    Err(want) => {
                        let want = want.to_string();
                        let got = as_parquet.map(|_| ()).expect_err(&want).to_string();
                        // Truth values are no numbers, which the kind of the column says before any row does.
                        if got.contains("to hold numbers or texts, found BOOLEAN") {
                            continue;
                        }
                        let line = |line: usize| format!("a.csv:{line}:");
                        let place = (1..20).find(|&n| want.contains(&line(n)));
                        let want = match place {
                            Some(n) => want.replace(&line(n), &format!("a.parquet:{}:", n - 1)),
                            None => want.replace("a.csv", "a.parquet"),
                        };
                        assert_eq!(got, want, "table {number}");
                    }
                }
            }
        }
    }

    /// Ids in floating point are whole numbers, or nobody knows whose: the row is named, counted from 1 through all row groups.
    #[test]
    fn ids_in_floating_point_are_whole_numbers_and_a_note() {
        let folder = tempfile::tempdir().unwrap();
        let read = |users: Cells| {
            let items = Cells::Texts(vec!["a", "b", "c"]);
            let columns = [("user", users), ("item", items), ("rank", Cells::Whole(vec![1, 2, 3]))];
            let [sheet, _] = both(folder.path(), &columns, 2);
            table(&sheet).map_err(|error| error.to_string())
        };
        let (rows, notes) = read(Cells::Doubles(vec![31.0, -2.0, 9_007_199_254_740_991.0])).unwrap();
        assert_eq!(rows.iter().map(|row| row.user.as_str()).collect::<Vec<_>>(), ["31", "-2", "9007199254740991"]);
        assert_eq!(notes.len(), 1);
        assert!(notes[0].to_string().contains("31.0 is read as 31"), "{}", notes[0]);
        for (wrong, row) in [
            (Cells::Doubles(vec![1.0, 2.0, 3.5]), "3.5 in row 3"),
            (Cells::Doubles(vec![f64::NAN, 2.0, 3.0]), "NaN in row 1"),
            // This one stands for the next whole number as well.
            (Cells::Doubles(vec![1.0, 9_007_199_254_740_992.0, 3.0]), "9007199254740992 in row 2"),
            (Cells::Singles(vec![1.0, 2.0, 16_777_216.0]), "16777216 in row 3"),
            (Cells::Truths(vec![true; 3]), "BOOLEAN"),
        ] {
            let refused = read(wrong).unwrap_err();
            assert!(refused.contains(row), "{row}: {refused}");
        }
    }

    #[test]
    fn a_damaged_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (users, items) = ids();
        let columns = [("user", users), ("item", items), ("rank", Cells::Whole((1..10).collect()))];
        let [sheet, _] = both(folder.path(), &columns, 4);
        let whole = fs::read(&sheet).unwrap();
        for end in [0, 3, whole.len() / 2, whole.len() - 1] {
            fs::write(&sheet, &whole[..end]).unwrap();
            assert!(table(&sheet).unwrap_err().to_string().contains("a Parquet file"), "{end} bytes");
        }
        let other: Vec<u8> = whole.iter().map(|byte| byte ^ 0x55).collect();
        fs::write(&sheet, [&whole[..4], &other[4..whole.len() / 2], &whole[whole.len() / 2..]].concat()).unwrap();
        assert!(table(&sheet).is_err(), "other bytes than were written");
    }
}
