//! Lists as text: tables with a header, and TREC runs.

use super::columns::{Columns, not_empty, number};
use super::row::Row;
use crate::error::{RetrievalError, file_error, row_error};
use anchorrec_files::Excerpt;
use anchorrec_files::lines::Lines;
use csv::{ReaderBuilder, StringRecord};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Bytes of the longest line.
const LONGEST: usize = 1 << 20;

/// Reads a table with a header, its fields separated by tabs or commas.
pub(super) fn table(path: &Path) -> Result<Vec<Row>, RetrievalError> {
    let mut file = BufReader::new(File::open(path).map_err(file_error(path, "read"))?);
    let head = file.fill_buf().map_err(file_error(path, "read"))?;
    let head = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let delimiter = if head.contains(&b'\t') { b'\t' } else { b',' };
    let mut table = ReaderBuilder::new().delimiter(delimiter).from_reader(file);
    let header = table.headers().map_err(|error| row_error(path, &error))?.clone();
    let columns = Columns::find(path, &header.iter().collect::<Vec<_>>())?;
    let (mut rows, mut record) = (Vec::new(), StringRecord::new());
    while table.read_record(&mut record).map_err(|error| row_error(path, &error))? {
        let line = record.position().map_or(0, csv::Position::line);
        rows.push(columns.row(path, line, |place| &record[place])?);
    }
    not_empty(path, rows)
}

/// Reads a TREC run: the score decides, and the rank where scores are equal.
pub(super) fn trec(path: &Path) -> Result<Vec<Row>, RetrievalError> {
    let file = BufReader::new(File::open(path).map_err(file_error(path, "read"))?);
    let mut lines = Lines::new(file, LONGEST);
    let mut rows = Vec::new();
    loop {
        let next = lines.next().map_err(|error| RetrievalError::Table {
            path: path.to_owned(),
            expected: "lines of text".to_owned(),
            found: error.to_string(),
        })?;
        let Some((line, text)) = next else { break };
        if text.trim().is_empty() {
            continue;
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [user, _, item, rank, score, _] = fields[..] else {
            let expected = "user Q0 item rank score tag".to_owned();
            return Err(RetrievalError::Row {
                path: path.to_owned(),
                line,
                expected,
                found: Excerpt::of(text).to_string(),
            });
        };
        rows.push((
            line,
            user.to_owned(),
            item.to_owned(),
            number(path, line, rank, "a rank")?,
            number(path, line, score, "a score")?,
        ));
    }
    // Ranks decide only among equal scores: put them where the order looks second.
    let rows = rows
        .into_iter()
        .map(|(line, user, item, rank, score)| {
            let (decides, then) = (Some(-score), Some(-rank));
            Row { line, user, item, rank: decides, score: then, beside: then }
        })
        .collect();
    not_empty(path, rows)
}

#[cfg(test)]
mod tests {
    use crate::judged::order::lists;
    use crate::judged::row::Row;
    use crate::judged::text;
    use std::path::Path;

    fn read(name: &str, content: &str) -> Result<Vec<Row>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let read = if name.ends_with("run") { text::trec(&path) } else { text::table(&path) };
        read.map_err(|error| error.to_string().replace(&folder.path().display().to_string(), ""))
    }

    /// Users and items numbered by their last byte.
    fn ordered(rows: &[Row]) -> Result<Vec<Vec<u32>>, String> {
        let number = |id: &str| u32::from(id.as_bytes()[id.len() - 1] - b'0');
        let users: Vec<u32> = rows.iter().map(|row| number(&row.user)).collect();
        let items: Vec<u32> = rows.iter().map(|row| number(&row.item)).collect();
        lists(Path::new("f"), rows, &users, &items).map(|ordered| ordered.lists).map_err(|error| error.to_string())
    }

    #[test]
    fn ranks_decide_then_scores_then_item_numbers() {
        let ranked = read("a.csv", "user_id,item_id,rank,score\nu1,i5,2,9\nu1,i7,1,1\n").unwrap();
        assert_eq!(ordered(&ranked).unwrap(), [[7, 5]]);
        let scored = read("a.tsv", "Item\tUser\tPrediction\ni5\tu1\t0.5\ni7\tu1\t2\ni3\tu1\t0.5\ni2\tu0\t1\n").unwrap();
        assert_eq!(ordered(&scored).unwrap(), [vec![2], vec![7, 3, 5]]);
        // Scores decide in a TREC run, also against the ranks; equal ones go by rank.
        let run = read("a.run", "u1 Q0 i1 1 0.5 x\nu1 Q0 i2 2 0.9 x\nu1 Q0 i4 3 0.5 x\n").unwrap();
        assert_eq!(ordered(&run).unwrap(), [[2, 1, 4]]);
    }

    #[test]
    fn what_a_file_says_twice_and_differently_is_counted() {
        let counted = |name: &str, content: &str| {
            let rows = read(name, content).unwrap();
            let number = |id: &str| u32::from(id.as_bytes()[id.len() - 1] - b'0');
            let users: Vec<u32> = rows.iter().map(|row| number(&row.user)).collect();
            let items: Vec<u32> = rows.iter().map(|row| number(&row.item)).collect();
            let ordered = lists(Path::new("f"), &rows, &users, &items).unwrap();
            (ordered.tied, ordered.by_rank, ordered.against)
        };
        assert_eq!(counted("a.csv", "user,item,rank,score\nu1,i5,1,9\nu1,i7,2,9\nu1,i8,3,7\n"), (0, 0, 0));
        assert_eq!(counted("a.csv", "user,item,rank,score\nu1,i5,1,1\nu1,i7,2,\nu1,i8,3,7\nu1,i9,4,9\n"), (0, 0, 1));
        assert_eq!(counted("a.csv", "user,item,score\nu1,i5,1\nu1,i7,1\nu1,i8,2\n"), (1, 0, 0));
        assert_eq!(counted("a.run", "u1 Q0 i1 1 3 x\nu1 Q0 i2 2 2 x\nu1 Q0 i4 3 2 x\nu1 Q0 i5 3 2 x\n"), (1, 1, 0));
        assert_eq!(counted("a.run", "u1 Q0 i1 1 0.5 x\nu1 Q0 i2 2 0.9 x\n"), (0, 0, 1));
        // Another user's list says nothing of this one.
        assert_eq!(counted("a.run", "u1 Q0 i1 2 0.5 x\nu2 Q0 i2 1 0.5 x\n"), (0, 0, 0));
    }

    #[test]
    fn what_cannot_be_right_is_an_error_with_its_line() {
        for (name, content, message) in [
            ("a.csv", "user,item\nu1,i1\n", "a column of ranks or scores (rank, score,"),
            ("a.csv", "user,rank\nu1,1\n", "a column of items (item, itemid,"),
            ("a.csv", "user,item,score\nu1,i1,high\n", "/a.csv:2: expected a score, found \"high\""),
            ("a.csv", "user,item,score\nu1,i1\n", "/a.csv:2: expected as many fields as in the header, 3, found 2"),
            ("a.csv", "user,item,score\n", "found none"),
            ("a.run", "u1 i1 1 0.5\n", "/a.run:1: expected user Q0 item rank score tag"),
        ] {
            let refused = read(name, content).unwrap_err();
            assert!(refused.contains(message), "{content:?}: {refused}");
        }
        let twice = read("a.csv", "user,item,score\nu1,i1,1\nu1,i2,3\nu1,i1,2\n").unwrap();
        assert_eq!(
            ordered(&twice).unwrap_err(),
            "f:4: expected each item once for the user \"u1\", found \"i1\" a second time"
        );
        let ranks = read("a.csv", "user,item,rank\nu1,i1,1\nu1,i2,1\n").unwrap();
        assert!(ordered(&ranks).unwrap_err().starts_with("f:3: expected a rank once for the user"));
    }
}
