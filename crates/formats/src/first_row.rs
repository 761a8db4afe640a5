//! Whether the first row of a file names its columns although names were given for a file without a header (`--columns`).

use crate::columns::{self, ITEM, LABEL, PART, RATING, TIME, USER, plain};
use crate::error::{FormatError, Place, file_error, row_error};
use crate::records::{Fields, Records};
use anchorrec_files::{Excerpt, counted};
use std::path::Path;

/// Rows after the first that are looked at.
const LOOKED: usize = 1000;

/// Why the first line of a file is none of as many fields as names were given; nothing where it is.
pub(crate) fn unlike(path: &Path, given: &[String], separator: Option<&str>) -> Result<Option<String>, FormatError> {
    let (_, first) = Records::open_as(path, true, separator, true)?;
    if first.len() == given.len() {
        return Ok(None);
    }
    let fields = counted(first.len(), "field", "fields");
    let way = if first.len() == 1 { " (--separator says what stands between fields)" } else { "" };
    let line = Excerpt::of(&first.join(", ")).to_string();
    Ok(Some(format!(
        "its first line has {fields}{way}, and --columns names {} ({}): {line}",
        given.len(),
        given.join(",")
    )))
}

/// Whether the first row is a header whose columns are `given` again: two of its cells are the given names, or it names users and items.
///
/// # Errors
/// When the header says of a column what the given names say of another one; when the row may be a header, because none of its cells is a
/// number where all others of a column are.
pub(crate) fn is_header(path: &Path, given: &[String], separator: Option<&str>) -> Result<bool, FormatError> {
    let (mut records, first) = Records::open_as(path, true, separator, false)?;
    let line = records.next()?.map_or(1, |(line, _)| line);
    let shown = || Excerpt::of(&first.join(", ")).to_string();
    let names = columns::untyped(&first).unwrap_or_else(|| first.clone());
    let same = names.iter().zip(given).filter(|(cell, name)| !plain(cell).is_empty() && plain(cell) == plain(name));
    let roles: Vec<Option<usize>> = names.iter().map(|cell| role(cell)).collect();
    let names_both = [USERS, ITEMS].iter().all(|role| roles.contains(&Some(*role)));
    if same.count() >= 2 || names_both {
        let differ = |place: &usize| matches!((roles[*place], role(&given[*place])), (Some(a), Some(b)) if a != b);
        if let Some(place) = (0..given.len()).find(differ) {
            let expected = format!(
                "--columns in the order of the file's header, which names column {} {:?}",
                place + 1,
                first[place]
            );
            return Err(file_error(
                path,
                expected,
                format!("{:?} (without --columns the header is read)", given[place]),
            ));
        }
        return Ok(true);
    }
    if may_be_header(&first, &mut records)? {
        let expected = "a row of data: with --columns a file has no header (--user-column, --item-column and so on name the columns of one that has)";
        let found = format!(
            "what may be a header, since none of its cells is a number and all others of a column are: {}",
            shown()
        );
        return Err(row_error(path, Place::Line(line), expected, found));
    }
    Ok(false)
}

const USERS: usize = 0;
const ITEMS: usize = 1;

/// Which kind of column a name is known for.
fn role(name: &str) -> Option<usize> {
    let plain = plain(name);
    [USER, ITEM, TIME, RATING, PART, LABEL].iter().position(|known| known.contains(&&*plain))
}

/// Whether no cell of the first row is a number, and one that is there is above numbers alone.
fn may_be_header(first: &[String], records: &mut Records) -> Result<bool, FormatError> {
    if first.iter().any(|cell| is_number(cell)) {
        return Ok(false);
    }
    let mut numbers: Vec<bool> = first.iter().map(|cell| !is_absent(cell)).collect();
    let mut rows = 0;
    while let Some((_, fields)) = records.next()?.filter(|_| rows < LOOKED) {
        rows += 1;
        let cell = |fields: Fields<'_>, place: usize| is_number(fields.get(place).unwrap_or_default());
        numbers.iter_mut().enumerate().for_each(|(place, all)| *all &= cell(fields, place));
    }
    Ok(rows > 0 && numbers.contains(&true))
}

/// A number, or a point in time.
fn is_number(cell: &str) -> bool {
    let cell = cell.trim();
    let is_time =
        || cell.len() >= 10 && cell.as_bytes().iter().take(10).all(|b| b.is_ascii_digit() || b"-/.".contains(b));
    cell.starts_with(|c: char| c.is_ascii_digit() || "-+.".contains(c)) && (cell.parse::<f64>().is_ok() || is_time())
}

/// What stands where there is nothing.
fn is_absent(cell: &str) -> bool {
    let cell = cell.trim();
    ["", "nan", "null", "none", "na", "n/a", "\\n", "-"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn of(text: &str, given: &str) -> Result<bool, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        fs::write(&path, text).unwrap();
        let given: Vec<String> = given.split(',').map(str::to_owned).collect();
        is_header(&path, &given, None).map_err(|error| error.to_string())
    }

    #[test]
    fn a_first_row_that_names_columns_is_a_header() {
        let given = "user,item,rating,time";
        for header in [
            "user,item,rating,time",
            "userId,movieId,score,when",
            "User ID,ITEM,x,y",
            "user_id:token,item_id:token,rating:float,timestamp:float",
            "u,item,Rating,z",
        ] {
            assert_eq!(of(&format!("{header}\n1,2,5,9\n"), given), Ok(true), "{header}");
        }
        for first in ["1,2,5,9", "ann,tea,5,2014-07-23", "ann,tea,5,2014-07-23T10:11:12Z", "ann,tea,,9"] {
            assert_eq!(of(&format!("{first}\nbob,tea,5,2014-07-23\n"), given), Ok(false), "{first}");
        }
        // Ids alone say nothing, nor does a rating that is not there.
        assert_eq!(of("ann,tea\nbob,tea\n", "user,item"), Ok(false));
        assert_eq!(of("ann,tea,NA\nbob,tea,5\n", "user,item,rating"), Ok(false));
        assert_eq!(of("ann,tea,x\n", "user,item,rating"), Ok(false));
    }

    #[test]
    fn what_may_be_a_header_or_contradicts_is_refused_with_the_way_out() {
        for (text, given, want) in [
            (
                "uu,ii,zz\na,b,5\n",
                "user,item,rating",
                ":1: expected a row of data: with --columns a file has no header (--user-column",
            ),
            ("\nuu,ii\n1,b\n", "user,item", ":2: expected a row of data"),
            (
                "item_id,user_id\n1,2\n",
                "user,item",
                "which names column 1 \"item_id\", found \"user\" (without --columns",
            ),
            ("user,item,timestamp\n1,2,3\n", "user,item,rating", "names column 3 \"timestamp\", found \"rating\""),
        ] {
            let said = of(text, given).unwrap_err();
            assert!(said.contains(want), "{text:?}: {said}");
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        let unlike = |text: &str, given: [&str; 2]| {
            fs::write(&path, text).unwrap();
            unlike(&path, &given.map(str::to_owned), None).unwrap()
        };
        let said = unlike("1,2,5,9\n", ["user", "item"]).unwrap();
        assert!(
            said.starts_with("its first line has 4 fields, and --columns names 2 (user,item): \"1, 2, 5, 9\""),
            "{said}"
        );
        assert!(unlike("1 2\n", ["user", "item"]).unwrap().contains("1 field (--separator says"));
        assert_eq!(unlike("1,2\n", ["user", "item"]), None);
    }
}
