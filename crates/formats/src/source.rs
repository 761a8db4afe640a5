//! Rows as they are collected: names interned, places kept, wrong rows set aside.

use crate::agreement::Agreement;
use crate::clock;
use crate::columns::{self, PANDAS_INDEX, Places, TIME};
use crate::error::{FormatError, Place, file_error, row_error};
use crate::events::{Event, Events, Names, Time};
use crate::found::FoundFile;
use crate::layout::Layout;
use crate::part::{Ones, Part};
use crate::pending::{Pending, Who};
use crate::reading::Positives;
use crate::stood::Stood;
use crate::times::{self, Clock};
use crate::unread::Seen;
use crate::whole;
use crate::wrong::Kinds;
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_files::Excerpt;
use anchorrec_files::grouped;
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where the number of the file begins in a place.
const FILE: u32 = 48;
/// Bytes of the longest id.
const LONGEST_ID: usize = 1000;

/// All rows of interactions, of one file or of several.
#[derive(Debug)]
pub struct Source {
    /// The file; of several the first.
    pub path: PathBuf,
    /// All files, in the order in which they were read.
    pub files: Vec<PathBuf>,
    /// The layout of the files; of several layouts the first.
    pub layout: Layout,
    /// The layout of each file.
    layouts: Vec<Layout>,
    /// The rows that are right and count.
    pub events: Events,
    /// Where each of them stands: a line of a text file, a row of a Parquet file, with the number of the file in the upper 16 bits.
    places: Stood,
    /// The rows that are wrong, the first few of each kind.
    pub problems: Vec<FormatError>,
    /// How many rows are wrong.
    pub wrong: usize,
    /// Whether rows have times.
    pub timed: bool,
    /// How many rows have none.
    pub untimed: usize,
    /// Rows that were left out because they are no positives.
    pub left_out: LeftOut,
    positives: Positives,
    part: Option<Part>,
    ones: Ones,
    /// The columns of times, labels and parts in the file that is read.
    called: [Option<String>; 3],
    /// The first file whose column of parts has ones that nobody can read, the column, and whether a 2 is there.
    unsure: Option<(PathBuf, String, bool)>,
    ones_seen: bool,
    /// The first values of the column that chooses positives.
    values: Seen,
    /// Whether the column of times was named.
    time_is_said: bool,
    /// The column of times that is read, and others that may be.
    other_times: Option<(String, Vec<String>)>,
    pending: Pending,
    order_is_time: bool,
    times: times::Column,
    odd: Odd,
    notes: Vec<Note>,
    kinds: Kinds,
    agreement: Agreement,
}

/// Rows that are right and do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Labelled 0.
    pub labelled: usize,
    /// Rated too low.
    pub low: usize,
    /// Not rated, where a rating was asked for.
    pub unrated: usize,
    /// Rows of another value than the one that was asked for.
    pub other: usize,
}

impl LeftOut {
    /// Returns the sum of all counts.
    pub fn all(&self) -> usize {
        self.labelled + self.low + self.unrated + self.other
    }
}

/// Shows what was left out, as a step of a preparation says it.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let parts = [
            (self.labelled, "labelled 0"),
            (self.low, "rated too low"),
            (self.unrated, "not rated"),
            (self.other, "of another value"),
        ];
        let said: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", grouped(count)))
            .collect();
        f.write_str(&said.join(", "))
    }
}

/// A row as it is in a file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Row<'a> {
    /// The row's line or number.
    pub(crate) number: u64,
    pub(crate) user: &'a str,
    pub(crate) item: &'a str,
    /// `None` where the file has no times.
    pub(crate) time: Option<Written<'a>>,
    /// `None` where the file has no ratings; nothing inside where this row has none.
    pub(crate) rating: Option<Option<&'a str>>,
    /// Training, validation or test, where the file has such a column.
    pub(crate) part: Option<&'a str>,
    /// Zero or one, where the file has such a column.
    pub(crate) label: Option<&'a str>,
    /// The value in the column that chooses positives.
    pub(crate) chosen: Option<&'a str>,
}

/// A time as it is in a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Written<'a> {
    /// Any way of [`times`].
    Text(&'a str),
    /// The file says what the number means: a point in time, in seconds, and the part of one in the file's unit.
    Seconds(i64, u32),
    /// Nothing.
    Null,
}

/// What is allowed and probably not meant.
#[derive(Debug, Default)]
struct Odd {
    /// Ids that look like a missing value, and where the first stands.
    absent: (Vec<Who>, Option<(String, String)>),
    /// Ids that look like a whole number written as a fraction.
    fraction: (Vec<Who>, Option<(String, String)>),
    /// How many ratings are missing or no numbers, and where the first is.
    unrated: (usize, Option<(String, String)>),
    /// Rows rated 0 or less, which count all the same.
    rated_zero: usize,
    /// Users with a list that is empty. Those with an item in another file are none of them in the end.
    empty: Names,
    /// Files whose first line is a header although their columns were named.
    headers: Vec<String>,
    /// The column of labels.
    label: Option<String>,
}

impl Source {
    pub(crate) fn new(layout: Layout, positives: &Positives) -> Self {
        Source {
            path: PathBuf::new(),
            files: Vec::new(),
            layout,
            layouts: Vec::new(),
            events: Events::default(),
            places: Stood::default(),
            problems: Vec::new(),
            wrong: 0,
            timed: false,
            untimed: 0,
            left_out: LeftOut::default(),
            positives: positives.clone(),
            part: None,
            ones: Ones::default(),
            called: Default::default(),
            unsure: None,
            ones_seen: false,
            values: Seen::default(),
            time_is_said: false,
            other_times: None,
            pending: Pending::default(),
            order_is_time: false,
            times: times::Column::default(),
            odd: Odd::default(),
            notes: Vec::new(),
            kinds: Kinds::default(),
            agreement: Agreement::default(),
        }
    }

    /// Rows without a time have their number as one.
    pub(crate) fn order_is_time(&mut self, is: bool) {
        self.order_is_time = is;
    }

    /// Whether the caller named the column of times.
    pub(crate) fn time_is_said(&mut self, is: bool) {
        self.time_is_said = is;
    }

    /// The rows that follow are in this file, which is of this part of the data set.
    pub(crate) fn begin(&mut self, file: &FoundFile) {
        if self.files.is_empty() {
            self.path = file.path.clone();
        }
        self.files.push(file.path.clone());
        self.layouts.push(file.layout);
        self.called = Default::default();
        self.part = file.part;
    }

    /// Something that a reader saw.
    pub(crate) fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The columns of the file whose rows follow: which are there, and which are not read.
    pub(crate) fn columns(&mut self, header: &[String], places: &Places, chosen: Option<usize>) {
        let path = self.files.last().unwrap_or(&self.path);
        self.agreement.add(path, places);
        if let Some(label) = places.label {
            self.odd.label.get_or_insert_with(|| header[label].clone());
        }
        self.called = [places.time, places.label, places.part].map(|place| place.map(|place| header[place].clone()));
        self.ones = places.part.map_or(Ones::Numbered, |place| Ones::of(&header[place]));
        if let (Some(place), Ones::Of(part)) = (places.part, self.ones) {
            let part = if part == Part::Test { "test" } else { "validation" };
            let text = format!("the column {} is read by its name: 1 is {part} and 0 is training", header[place]);
            self.note(Note::new(Kind::Guessed, "ones-are-a-part", 0u64, text));
        }
        if let (Some(place), Ones::Unsure, None) = (places.part, self.ones, &self.unsure) {
            self.unsure = Some((self.path().to_owned(), header[place].clone(), false));
        }
        if let (Some(time), false, None) = (places.time, self.time_is_said, &self.other_times) {
            let is_time = |(place, name): &(usize, &String)| *place != time && TIME.contains(&&*columns::plain(name));
            let others: Vec<String> = header.iter().enumerate().filter(is_time).map(|(_, name)| name.clone()).collect();
            self.other_times = (!others.is_empty()).then(|| (header[time].clone(), others));
        }
        let read: Vec<usize> = places.all().chain(chosen).collect();
        let ignored: Vec<String> = columns::shown(header)
            .into_iter()
            .enumerate()
            .filter(|(place, name)| !read.contains(place) && name != PANDAS_INDEX)
            .map(|(_, name)| name)
            .collect();
        if !ignored.is_empty() {
            let text = either(ignored.len(), "column is not read", "columns are not read");
            self.note(Note::new(Kind::Ignored, "columns-not-read", ignored.len(), text).with(ignored));
        }
    }

    /// Whether the rows that follow are all of one part.
    pub(crate) fn is_part(&self) -> bool {
        self.part.is_some()
    }

    /// Gives numbers near 0 the unit of the other times, and sets the rows aside whose times are written in another way than most; to be called
    /// after the last row.
    pub(crate) fn settle(&mut self) {
        self.flush();
        for rows in self.times.judge() {
            self.wrong += rows.count;
            let shown = (0..rows.count).filter(|_| self.kinds.add(&rows.expected)).count();
            let shown = rows.first.into_iter().take(shown);
            let problem =
                |(path, place, found): (PathBuf, Place, String)| row_error(&path, place, &rows.expected, found);
            self.problems.extend(shown.map(problem));
        }
        let per_second = self.times.per_second();
        if per_second > 1 && self.times.strays().is_some() {
            for row in &mut self.events.rows {
                let near = row.time.map(Time::seconds).filter(|seconds| times::near_zero(*seconds));
                row.time = near.map_or(row.time, |number| Time::new(number.div_euclid(per_second)));
            }
            for (row, seconds) in self.times.near_rows() {
                self.events.rows[row].time = Time::new(seconds);
            }
        }
    }

    /// Checks what can be told after the last row only: whether files agree in their columns, and whether times can be points in time.
    pub(crate) fn check(&mut self) -> Result<(), FormatError> {
        let labels_count = !self.positives.all && self.positives.equal.is_none();
        self.notes.extend(self.agreement.check(labels_count, self.order_is_time)?);
        if let Some((path, column, false)) = self.unsure.as_ref().filter(|_| self.ones_seen) {
            let expected = format!("train, valid and test in the column {column}, or 0, 1 and 2");
            let found = "0 and 1 without a 2: whether 1 is valid or test cannot be told, so write the words";
            return Err(file_error(path, expected, found));
        }
        if let (Some((time, others)), Some(Clock::Own(_) | Clock::Like(..))) = (&self.other_times, self.times.clock()) {
            let expected = format!("one column of times (--time-column {} takes another)", others[0]);
            let found = format!(
                "{time} and {}: the numbers of {time} are too small for dates (--time-column {time} takes them all the same)",
                others.join(" and ")
            );
            return Err(file_error(&self.path, expected, found));
        }
        self.notes.extend(clock::judge(&self.times, &self.path)?);
        self.notes.extend(clock::far(self.events.rows.iter().filter_map(|row| row.time)));
        Ok(())
    }

    /// Returns whether times are numbers that are no dates.
    pub fn has_own_clock(&self) -> bool {
        self.order_is_time && !self.agreement.has_times() || self.times.clock().is_some()
    }

    /// Reads ids that became fractions as the whole numbers that they are; to be called after the last row.
    pub(crate) fn fold_ids(&mut self) {
        let Events { users, items, rows, .. } = &mut self.events;
        let mut notes = Vec::new();
        let is_of = |who: &Who, user: bool| matches!(who, Who::User(_)) == user;
        if self.odd.fraction.0.iter().any(|who| is_of(who, true)) {
            notes.extend(whole::fold(users, rows, |row| &mut row.user, ["user id is", "user ids are"]));
        }
        if self.odd.fraction.0.iter().any(|who| is_of(who, false)) {
            notes.extend(whole::fold(items, rows, |row| &mut row.item, ["item id is", "item ids are"]));
        }
        self.notes.extend(notes);
        // What is left of them is said as it stands.
        let Odd { fraction: (ids, first), .. } = &mut self.odd;
        ids.retain(|who| match who {
            Who::User(user) => {
                self.events.users.len() > *user as usize && whole::is_fraction(self.events.users.name(*user))
            }
            Who::Item(item) => {
                self.events.items.len() > *item as usize && whole::is_fraction(self.events.items.name(*item))
            }
        });
        if ids.is_empty() {
            *first = None;
        }
    }

    /// The first line of a file is a header, although its columns were named as if it had none.
    pub(crate) fn header_passed_over(&mut self, path: &Path) {
        self.odd.headers.push(path.display().to_string());
    }

    /// A user of a list without items.
    pub(crate) fn empty_user(&mut self, user: &str) {
        self.odd.empty.number(user);
    }

    fn path(&self) -> &Path {
        self.files.last().map_or(&self.path, |path| path)
    }

    /// A place in the file with this number.
    fn place(&self, file: usize, number: u64) -> Place {
        match self.layouts.get(file) {
            Some(Layout::Parquet | Layout::Frame) => Place::Row(number),
            _ => Place::Line(number),
        }
    }

    /// A place in the file that is read.
    fn here(&self, number: u64) -> Place {
        self.place(self.files.len().saturating_sub(1), number)
    }

    /// Says where a row of [`Source::events`] stands, as a person looks for it.
    pub fn at(&self, row: usize) -> String {
        let place = self.places.of(row);
        let (file, number) = ((place >> FILE) as usize, place & ((1 << FILE) - 1));
        format!("{}{}", self.files.get(file).unwrap_or(&self.path).display(), self.place(file, number))
    }

    /// Takes the rows out; where each of them stands is forgotten.
    pub fn take_events(&mut self) -> Events {
        self.places = Stood::default();
        std::mem::take(&mut self.events)
    }

    /// Takes a row in, or sets it aside.
    pub(crate) fn add(&mut self, row: Row) {
        let Row { number, user, item, .. } = row;
        for (kind, id) in [("a user", user), ("an item", item)] {
            if let Err((expected, found)) = check_id(kind, id) {
                return self.set_aside(number, expected, found);
            }
        }
        let place = self.here(number);
        let rating = row.rating.and_then(|rating| self.rating(rating, place));
        match self.counts(&row, rating) {
            Ok(true) => {}
            Ok(false) => return,
            Err((expected, found)) => return self.set_aside(number, expected, found),
        }
        let part = match row.part.map(|text| self.ones.read(text.trim()).ok_or(text)).transpose() {
            Ok(part) => part.or(self.part),
            Err(text) => {
                let numbers = if matches!(self.ones, Ones::Of(_)) { "0 or 1" } else { "0, 1 or 2" };
                let column = within(&self.called[2]);
                let expected = format!("train, valid or test, or {numbers}{column} (--split names another rule)");
                return self.set_aside(number, expected, Excerpt::of(text).to_string());
            }
        };
        if self.ones == Ones::Unsure {
            self.numbered(row.part.unwrap_or_default().trim());
        }
        let time = match row.time.map(|time| self.time(time, place)).transpose() {
            Ok(Some(None)) => return,
            Ok(time) => time.flatten(),
            Err((expected, found)) => {
                let column = within(&self.called[0]);
                // What a time is follows its name.
                let expected = match expected.strip_prefix("a time") {
                    Some(rest) => format!("a time{column}{rest}"),
                    None => expected + &column,
                };
                return self.set_aside(number, expected, found);
            }
        };
        let time = match time {
            // A row of a file without a column of times.
            None if self.order_is_time => Time::new(self.rows() as i64),
            time => time,
        };
        self.timed |= time.is_some();
        self.untimed += usize::from(time.is_none());
        let place = ((self.files.len() as u64).saturating_sub(1) << FILE) | number;
        self.pending.push(user, item, time, rating, part, place);
        if self.pending.is_full() {
            self.flush();
        }
    }

    /// Looks at a cell of a column of parts whose ones may be the test.
    fn numbered(&mut self, text: &str) {
        match text {
            "1" | "1.0" => self.ones_seen = true,
            "2" | "2.0" => self.unsure.iter_mut().for_each(|(.., is_two)| *is_two = true),
            _ => {}
        }
    }

    /// How many rows are right and count.
    pub(crate) fn rows(&self) -> usize {
        self.events.rows.len() + self.pending.len()
    }

    /// Numbers the rows that are not numbered yet; to be called after the last one.
    pub(crate) fn flush(&mut self) {
        for (place, who) in self.pending.flush(&mut self.events, &mut self.places) {
            let name = match who {
                Who::User(user) => self.events.users.name(user),
                Who::Item(item) => self.events.items.name(item),
            };
            let file = (place >> FILE) as usize;
            let number = self.place(file, place & ((1 << FILE) - 1));
            let path = self.files.get(file).unwrap_or(&self.path);
            self.odd.look(who, name, || format!("{}{number}", path.display()));
        }
    }

    /// Whether a row is a positive.
    fn counts(&mut self, row: &Row, rating: Option<f32>) -> Result<bool, (String, String)> {
        let Positives { min_rating, equal, all } = &self.positives;
        if let (false, Some(text)) = (*all || equal.is_some(), row.label) {
            let label = match text.trim() {
                // As pandas writes truths.
                "True" | "true" | "TRUE" => Some(1.0),
                "False" | "false" | "FALSE" => Some(0.0),
                text => text.parse::<f32>().ok().filter(|label| *label == 0.0 || *label == 1.0),
            };
            let Some(label) = label else {
                let column = within(&self.called[1]);
                let expected = format!(
                    "a label of 0 or 1{column} (--positive COLUMN=VALUE chooses rows, --positive all takes them all)"
                );
                return Err((expected, Excerpt::of(text).to_string()));
            };
            if label == 0.0 {
                self.left_out.labelled += 1;
                return Ok(false);
            }
        }
        if let Some((_, value)) = equal {
            let found = row.chosen.unwrap_or_default();
            let number = |text: &str| text.trim().parse::<f64>().ok();
            self.values.add(found);
            let is_one_truth = || truth(value).is_some() && truth(value) == truth(found);
            if found != value && (number(found).is_none() || number(found) != number(value)) && !is_one_truth() {
                self.left_out.other += 1;
                return Ok(false);
            }
        }
        if min_rating.is_none() && equal.is_none() && !*all && rating.is_some_and(|rating| rating <= 0.0) {
            self.odd.rated_zero += 1;
        }
        if let Some(least) = *min_rating {
            match rating {
                None => self.left_out.unrated += 1,
                Some(rating) if rating < least => self.left_out.low += 1,
                Some(_) => return Ok(true),
            }
            return Ok(false);
        }
        Ok(true)
    }

    /// A time; nothing for one whose row [`settle`](Self::settle) sets aside.
    fn time(&mut self, time: Written, place: Place) -> Result<Option<Time>, (String, String)> {
        let wrong = |found: String| ("a time".to_owned(), found);
        self.times.row(self.rows());
        match time {
            Written::Text(text) => self.times.read(text, place, self.files.last().map_or(&self.path, |path| path)),
            Written::Seconds(seconds, part) => {
                self.times.point(seconds, part);
                Time::new(seconds).map(Some).ok_or_else(|| wrong(seconds.to_string()))
            }
            Written::Null => Err(wrong("null".to_owned())),
        }
    }

    /// A finite number. Nothing is learned from ratings, so a row without one is as good as another; it is counted.
    fn rating(&mut self, rating: Option<&str>, place: Place) -> Option<f32> {
        let number = rating.and_then(|text| text.parse().ok()).filter(|number: &f32| number.is_finite());
        if number.is_none() {
            let (count, first) = &mut self.odd.unrated;
            *count += 1;
            let file = self.files.last().unwrap_or(&self.path);
            first.get_or_insert_with(|| (format!("{}{place}", file.display()), rating.unwrap_or("null").to_owned()));
        }
        number
    }

    /// Counts a row that is wrong.
    pub(crate) fn set_aside(&mut self, number: u64, expected: String, found: String) {
        self.wrong += 1;
        if self.kinds.add(&expected) {
            self.problems.push(row_error(self.path(), self.here(number), expected, found));
        }
    }

    /// What the column of `--positive` holds, for a sentence about rows of which none is taken.
    pub(crate) fn values(&self) -> String {
        let Some((column, value)) = &self.positives.equal else { return String::new() };
        match self.values.shown() {
            values if values.is_empty() => format!("; the column {column} is empty"),
            values => format!("; the column {column} holds {values}, and --positive asks for {value}"),
        }
    }

    /// Returns what is wrong, a line each: the first few rows of each kind, and how many more there are of it.
    pub fn problem_lines(&self) -> Vec<String> {
        self.problems.iter().map(ToString::to_string).chain(self.kinds.more()).collect()
    }

    /// Says what was ignored, guessed and left out, and what is allowed and probably not meant.
    pub fn notes(&self) -> Vec<Note> {
        let odd = |count: usize, first: &Option<(String, String)>, code: &str, what: [&str; 2]| {
            let (at, found) = first.as_ref()?;
            let (found, what) = (Excerpt::of(found), either(count, what[0], what[1]));
            Some(Note::new(Kind::Odd, code, count, format!("{what}, the first is {found} at {at}")))
        };
        let mut notes = self.notes.clone();
        let left_out = self.left_out.all();
        if left_out > 0 {
            let rows =
                either(left_out, "row is no positive and was left out", "rows are no positives and were left out");
            let way = match &self.odd.label {
                _ if self.left_out.labelled == 0 => String::new(),
                Some(column) => format!(" in the column {column} (--positive all keeps labels of 0)"),
                None => " (--positive all keeps labels of 0)".to_owned(),
            };
            let text = format!("{rows}: {}{way}", self.left_out);
            notes.push(Note::new(Kind::Dropped, "not-positive", left_out, text));
        }
        if !self.odd.headers.is_empty() {
            let headers = &self.odd.headers;
            let text = either(
                headers.len(),
                "file has a header, which is no row: its columns are called as --columns says",
                "files have a header, which is no row: their columns are called as --columns says",
            );
            notes.push(Note::new(Kind::Ignored, "header-passed-over", headers.len(), text).with(headers));
        }
        let empty = (0..self.odd.empty.len() as u32).map(|user| self.odd.empty.name(user));
        let empty: Vec<&str> = empty.filter(|user| self.events.users.find(user).is_none()).collect();
        if !empty.is_empty() {
            let text = either(empty.len(), "user has no item and was left out", "users have no item and were left out");
            notes.push(Note::new(Kind::Dropped, "users-without-items", empty.len(), text).with(empty));
        }
        if self.odd.rated_zero > 0 {
            let text = either(
                self.odd.rated_zero,
                "row is rated 0 or less and counts as a positive (--min-rating leaves such rows out, --positive all says that they count)",
                "rows are rated 0 or less and count as positives (--min-rating leaves such rows out, --positive all says that they count)",
            );
            notes.push(Note::new(Kind::Odd, "rated-zero", self.odd.rated_zero, text));
        }
        if self.timed && self.untimed > 0 {
            let text = either(
                self.untimed,
                "row stands in a file without a column of times, so no times are kept",
                "rows stand in files without a column of times, so no times are kept",
            );
            notes.push(Note::new(Kind::Dropped, "times-of-some-files", self.untimed, text));
        }
        let absent = ["id looks like a missing value", "ids look like missing values"];
        let fractions = [
            "id looks like a whole number written as a fraction (12.0 and 12 are two ids)",
            "ids look like whole numbers written as fractions (12.0 and 12 are two ids)",
        ];
        let unrated = [
            "rating is missing or no number (ratings are kept if every row has one)",
            "ratings are missing or no numbers (ratings are kept if every row has one)",
        ];
        let (ids, first) = &self.odd.absent;
        notes.extend(odd(self.count(ids), first, "ids-like-missing-values", absent));
        let (ids, first) = &self.odd.fraction;
        notes.extend(odd(self.count(ids), first, "ids-like-fractions", fractions));
        let (count, first) = &self.odd.unrated;
        notes.extend(odd(*count, first, "ratings-missing", unrated));
        notes
    }

    /// How often some names are written in all rows.
    fn count(&self, names: &[Who]) -> usize {
        if names.is_empty() {
            return 0;
        }
        let names: HashSet<&Who> = names.iter().collect();
        let of_row = |row: &Event| [Who::User(row.user), Who::Item(row.item)];
        self.events.rows.iter().flat_map(of_row).filter(|who| names.contains(who)).count()
    }
}

impl Odd {
    /// Looks at a name when it is new.
    fn look(&mut self, who: Who, id: &str, at: impl Fn() -> String) {
        let may_be_absent = matches!(id.as_bytes().first(), Some(b'n' | b'N' | b'u' | b'U')) && id.len() <= 9;
        let words = ["nan", "null", "none", "na", "n/a", "undefined"];
        if may_be_absent && words.iter().any(|word| id.eq_ignore_ascii_case(word)) {
            self.absent.0.push(who);
            self.absent.1.get_or_insert_with(|| (at(), id.to_owned()));
        }
        if whole::is_fraction(id) {
            self.fraction.0.push(who);
            self.fraction.1.get_or_insert_with(|| (at(), id.to_owned()));
        }
    }
}

/// The column in which something was expected, where the file has columns.
fn within(column: &Option<String>) -> String {
    column.as_ref().map_or(String::new(), |column| format!(" in the column {column}"))
}

/// A truth, in words or as 1 and 0.
fn truth(text: &str) -> Option<bool> {
    match text.trim() {
        "1" => Some(true),
        "0" => Some(false),
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// What is wrong with an id, as what was expected and what was found.
pub(crate) fn check_id(kind: &str, id: &str) -> Result<(), (String, String)> {
    // What most ids are: a few letters, digits and signs.
    if !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    let expected = match id {
        "" => return Err((format!("{kind} id"), "nothing".to_owned())),
        _ if id.trim() != id => "without white space around it",
        // A mapping file has one id per line, after a tab.
        _ if id.chars().any(char::is_control) => "without control characters",
        _ if id.len() > LONGEST_ID => "of at most 1000 bytes",
        _ => return Ok(()),
    };
    Err((format!("{kind} id {expected}"), Excerpt::of(id).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_cannot_come_back_out_are_refused() {
        for bad in ["", " a", "a ", "a\tb", "a\nb", "a\u{0}", &"x".repeat(1001)] {
            assert!(check_id("a user", bad).is_err(), "{bad:?}");
        }
        for good in ["a", "a b", "日本", "nan", "-1", &"x".repeat(1000)] {
            assert!(check_id("a user", good).is_ok(), "{good:?}");
        }
    }
}
