//! Points in time as people write them, one way in each column.
//!
//! | written | way | becomes |
//! |---|---|---|
//! | `1406073600`, `1406073600.5`, `1.4e9` | seconds since 1970 (or any other clock): below 10¹¹ in magnitude | itself, without the fraction |
//! | `1406073600000` and so on | milliseconds, microseconds, nanoseconds: from 10¹¹, 10¹⁴, 10¹⁷ on | seconds, without the fraction |
//! | `20140723101112` | a date and a time in fourteen digits, which as milliseconds would be the years 2571 to 2636 | as if it were UTC |
//! | `2014-07-23`, `2014/07/23` | a day | its first second, UTC |
//! | `2014-07-23T10:11:12`, `2014-07-23 10:11`, `...12.345` | a time of day without a zone | as if it were UTC |
//! | `2014-07-23T10:11:12Z`, `...+02:00`, `...+0200`, `...-05`, `... UTC` | a time of day with its offset | the same instant |
//!
//! **All rows together decide for the column**, and the way of most of them is the right one: rows of another way are wrong, because a column
//! that mixes seconds with milliseconds, or local times with instants, has no order to split by. Numbers near 0 are near 1970 in every unit, so
//! they are of the unit of the others; so are a few larger ones that by their size are of a coarser unit, where that one would put them ten years
//! and more away from all others. Where most numbers could be dates (`20140723`), the column is refused, and so are `23.07.2014` and
//! `07/23/2014`; `2014/07/23` has its year first and is read.
//!
//! **Small numbers.** Seconds below 10⁸ (1973) are of no calendar: they order rows and are no dates, with a note. Where all of
//! them could be days (a spreadsheet's 44,927 is 2023-01-01), years or months, that is said too; with fractions, which seconds would lose and the order with
//! them, the column is refused.

use crate::error::{Place, at};
use crate::events::Time;
use anchorrec_files::few::SHOWN;
use anchorrec_files::{Excerpt, grouped};
use std::fmt;
use std::path::{Path, PathBuf};

/// How a point in time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    Day,
    /// Digits of date and time without signs: `20140723101112`.
    Digits,
    Local,
    Instant,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Way::Seconds => "seconds",
            Way::Milliseconds => "milliseconds",
            Way::Microseconds => "microseconds",
            Way::Nanoseconds => "nanoseconds",
            Way::Digits => "a date and time in digits like 20140723101112",
            Way::Day => "a day like 2014-07-23",
            Way::Local => "a time without a zone like 2014-07-23T10:11:12",
            Way::Instant => "a time with its zone like 2014-07-23T10:11:12Z",
        })
    }
}

impl Way {
    /// How many of its units make a second; 0 for what is no number.
    fn per_second(self) -> i64 {
        match self {
            Way::Seconds => 1,
            Way::Milliseconds => 1_000,
            Way::Microseconds => 1_000_000,
            Way::Nanoseconds => 1_000_000_000,
            Way::Day | Way::Digits | Way::Local | Way::Instant => 0,
        }
    }
}

/// The magnitude below which a number is no point in time in seconds in any real data set (1973), so it can be one in a smaller unit.
const NEAR_ZERO: u64 = 100_000_000;

/// Whether seconds, or another unit's number that was taken for seconds, are near 0.
pub(crate) fn near_zero(seconds: i64) -> bool {
    seconds.unsigned_abs() < NEAR_ZERO
}

/// Seconds, ten years, that rows of a column are apart from the others at least where their numbers would be of another unit by their size alone.
const ERA: i64 = 10 * 365 * 86_400;
/// Rows of a unit that are remembered: more of them are no few among others.
const FEW: usize = 1 << 12;

/// Rows that are written alike: how many, and where the first few are.
#[derive(Debug, Default)]
struct Alike {
    count: usize,
    first: Vec<(PathBuf, Place, String)>,
    /// The first and the last second.
    span: Option<(i64, i64)>,
    /// The first rows with their seconds, and what their numbers are.
    rows: Vec<(usize, i64)>,
    numbers: Small,
}

impl Alike {
    fn add(&mut self, path: &Path, place: Place, text: &str) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push((path.to_owned(), place, Excerpt::of(text).to_string()));
        }
    }

    /// Takes in the seconds of a row that was [added](Self::add).
    fn spans(&mut self, row: usize, seconds: i64, text: &str) {
        let (first, last) = self.span.unwrap_or((seconds, seconds));
        self.span = Some((first.min(seconds), last.max(seconds)));
        if self.rows.len() < FEW {
            self.rows.push((row, seconds));
            self.numbers.add(text, seconds);
        }
    }

    /// Where they are, for a sentence about a row of `path`.
    fn place(&self, path: &Path) -> String {
        let Some((file, place, _)) = self.first.first() else { return String::new() };
        let of = if file == path { String::new() } else { format!(" of {}", file.display()) };
        let more = match self.count {
            0 | 1 => String::new(),
            count => format!(" and {} more", anchorrec_files::counted(count - 1, "row", "rows")),
        };
        format!("{}{of}{more}", at(*place))
    }
}

/// Rows that are wrong because of the others.
#[derive(Debug)]
pub(crate) struct Outvoted {
    pub(crate) count: usize,
    pub(crate) expected: String,
    /// Where the first few are, and what is there.
    pub(crate) first: Vec<(PathBuf, Place, String)>,
}

/// A column of times: in which ways its rows are written.
#[derive(Debug, Default)]
pub(crate) struct Column {
    /// The rows of each way, in the order in which the ways appeared, without numbers near 0.
    ways: Vec<(Way, Alike)>,
    /// Numbers near 0, and 0 itself.
    small: Small,
    /// Numbers near 0 that are not 0.
    near: Alike,
    /// Numbers that could be dates: `20140723`.
    dates: Alike,
    /// The row that is read.
    row: usize,
    /// The row before it: its second, and how it was written.
    before: Option<(i64, String)>,
    /// The row before it where the file holds points in time: its second, and its part of a second.
    point_before: Option<(i64, u32)>,
    /// How many rows differ from the row before them below a second only.
    fine: usize,
}

/// The numbers of a column that are near 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Small {
    pub(crate) count: usize,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// How many have a fraction.
    fractions: usize,
    /// How many end like a month: `201412`.
    months: usize,
}

/// What small numbers are, where they are all of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Clock {
    /// Seconds of a clock that began with the data, or something else that orders rows.
    Own(Small),
    /// The numbers look like this, and like seconds of such a clock.
    Like(&'static str, Small),
    /// The numbers look like this and have fractions, without which they would not order rows.
    Fractions(&'static str, Small),
}

impl Small {
    fn add(&mut self, text: &str, seconds: i64) {
        let number = text.parse().unwrap_or(seconds as f64);
        (self.min, self.max) = match self.count {
            0 => (number, number),
            _ => (self.min.min(number), self.max.max(number)),
        };
        self.count += 1;
        self.fractions += usize::from(number.fract() != 0.0);
        self.months += usize::from((1..=12).contains(&(seconds % 100)));
    }

    /// These numbers and others.
    fn and(self, other: Small) -> Small {
        if self.count == 0 {
            return other;
        }
        Small {
            count: self.count + other.count,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            fractions: self.fractions + other.fractions,
            months: self.months + other.months,
        }
    }

    /// What could be counted in numbers of this size.
    fn unit(&self) -> Option<&'static str> {
        let within = |least: f64, most: f64| self.min >= least && self.max < most;
        match () {
            () if within(1900.0, 2101.0) => Some("years"),
            // Of 1997 to 2243 since 1970, of 1927 to 2173 since the end of 1899.
            () if within(10_000.0, 100_000.0) => Some("days, as a spreadsheet counts them"),
            () if within(190_001.0, 210_013.0) && self.months == self.count => Some("years and months"),
            () if within(2_400_000.0, 2_500_000.0) => Some("Julian days"),
            () => None,
        }
    }
}

impl Column {
    /// What the numbers are, where all of them are near 0.
    pub(crate) fn clock(&self) -> Option<Clock> {
        let small = self.small;
        if small.count == 0 || !self.ways.is_empty() {
            return None;
        }
        Some(match small.unit() {
            Some(unit) if small.fractions > 0 => Clock::Fractions(unit, small),
            Some(unit) => Clock::Like(unit, small),
            None => Clock::Own(small),
        })
    }

    /// The numbers near 0 of a column that has others, with those that are near 1970 in the unit of the others only.
    pub(crate) fn strays(&self) -> Option<Small> {
        let near = self.ways.iter().filter(|(way, rows)| self.is_near(*way, rows)).map(|(_, rows)| rows.numbers);
        let small = near.fold(self.small, Small::and);
        (small.count > 0 && !self.ways.is_empty()).then_some(small)
    }

    /// Whether numbers, which would be of a coarser unit by their size, are few ones of the column's unit near 1970. As numbers of the coarser unit they
    /// would be far from all others: who mixes units mixes them of one time.
    fn is_near(&self, way: Way, rows: &Alike) -> bool {
        let Some(pair) = self.most() else { return false };
        let (most, others) = pair;
        let Some((first, last)) = others.span else { return false };
        let era = first.saturating_sub(ERA)..=last.saturating_add(ERA);
        (1..most.per_second()).contains(&way.per_second())
            && !self.is_own(pair)
            && rows.count < others.count
            && rows.count == rows.rows.len()
            && !rows.rows.iter().any(|(_, seconds)| era.contains(seconds))
    }

    /// The rows whose numbers are near 1970 in the unit of the others, with their seconds in that unit.
    pub(crate) fn near_rows(&self) -> impl Iterator<Item = (usize, i64)> {
        let per_second = self.per_second();
        let near = self.ways.iter().filter(|(way, rows)| self.is_near(*way, rows));
        near.flat_map(move |(way, rows)| {
            rows.rows.iter().map(move |(row, seconds)| (*row, seconds.div_euclid(per_second / way.per_second())))
        })
    }

    /// Counts rows that differ from the row before them below a second only.
    pub(crate) fn fine(&self) -> usize {
        self.fine
    }

    /// Looks at a point in time that the file holds as such: its second, and the part of one in any unit.
    pub(crate) fn point(&mut self, seconds: i64, part: u32) {
        let before = self.point_before.replace((seconds, part));
        self.fine += usize::from(before.is_some_and(|(second, before)| second == seconds && before != part));
    }

    /// Looks at a text that may have parts of a second.
    fn text(&mut self, seconds: i64, way: Way, text: &str) {
        if way.per_second() < 2 && !text.contains('.') {
            return;
        }
        let (second, before) = self.before.get_or_insert_with(|| (seconds, text.to_owned()));
        self.fine += usize::from(*second == seconds && before != text);
        *second = seconds;
        before.clear();
        before.push_str(text);
    }

    /// Says which row is read next.
    pub(crate) fn row(&mut self, row: usize) {
        self.row = row;
    }

    /// A time in a row of a file, as if a number near 0 were seconds; nothing where it is written in another way than the first one, which
    /// [`judge`](Self::judge) will tell; else what was expected and what was found.
    pub(crate) fn read(&mut self, text: &str, place: Place, path: &Path) -> Result<Option<Time>, (String, String)> {
        let wrong = || wrong(text);
        let (seconds, way) = parse(text).ok_or_else(wrong)?;
        let time = Time::new(seconds).ok_or_else(wrong)?;
        let Some(way) = way else {
            self.small.add(text, 0);
            return Ok(Some(time));
        };
        self.text(seconds, way, text);
        if date_in_digits(text) {
            self.dates.add(path, place, text);
        }
        if way == Way::Seconds && near_zero(seconds) {
            self.small.add(text, seconds);
            self.near.add(path, place, text);
            return Ok(Some(time));
        }
        let known = self.ways.iter().position(|(known, _)| *known == way);
        let at = known.unwrap_or_else(|| {
            self.ways.push((way, Alike::default()));
            self.ways.len() - 1
        });
        let rows = &mut self.ways[at].1;
        rows.add(path, place, text);
        if way.per_second() == 0 {
            return Ok((at == 0).then_some(time));
        }
        rows.spans(self.row, seconds, text);
        // Whether a number is of the column's unit is known after the last row.
        Ok((self.ways[0].0.per_second() > 0).then_some(time))
    }

    /// The way of most rows, of equals the first one, and its rows.
    fn most(&self) -> Option<&(Way, Alike)> {
        self.ways.iter().rev().max_by_key(|(_, rows)| rows.count)
    }

    /// How many of the column's units make a second; 1 where it has no smaller one.
    pub(crate) fn per_second(&self) -> i64 {
        self.most().filter(|most| !self.is_own(most)).map_or(1, |(way, _)| way.per_second().max(1))
    }

    /// Whether numbers near 0 are of a clock of their own, and those few of a smaller unit beside them are wrong.
    fn is_own(&self, (way, rows): &(Way, Alike)) -> bool {
        way.per_second() > 1 && self.near.count > rows.count
    }

    /// The rows that are wrong beside most others.
    pub(crate) fn judge(&self) -> Vec<Outvoted> {
        let numeric: usize = self.ways.iter().filter(|(way, _)| way.per_second() > 0).map(|(_, rows)| rows.count).sum();
        let outvoted = |rows: &Alike, expected: String, words: &dyn Fn(&str) -> String| Outvoted {
            count: rows.count,
            expected,
            first: rows.first.iter().map(|(path, place, text)| (path.clone(), *place, words(text))).collect(),
        };
        let mut all = Vec::new();
        if self.dates.count > 0 && 2 * self.dates.count >= self.near.count + numeric {
            let expected = "a date with hyphens like 2014-07-23, or seconds since 1970".to_owned();
            all.push(outvoted(&self.dates, expected, &|text| format!("{text}, which could be either")));
            return all;
        }
        let Some(pair) = self.most() else { return all };
        let ((most, rows), own) = (pair, self.is_own(pair));
        let expected = |path: &Path| match own {
            true => format!("numbers below {}, as on {}", grouped(NEAR_ZERO as usize), self.near.place(path)),
            false => format!("{most}, as on {}", rows.place(path)),
        };
        let is_wrong = |way: Way, rows: &Alike| own || way != *most && !self.is_near(way, rows);
        for (way, rows) in self.ways.iter().filter(|(way, rows)| is_wrong(*way, rows)) {
            let expected = expected(rows.first.first().map_or(Path::new(""), |(path, ..)| path));
            all.push(outvoted(rows, expected, &|text| format!("{way}: {text}")));
        }
        if most.per_second() == 0 && self.near.count > 0 {
            let expected = expected(self.near.first.first().map_or(Path::new(""), |(path, ..)| path));
            all.push(outvoted(&self.near, expected, &|text| format!("a number: {text}")));
        }
        all
    }
}

/// What is expected instead of a text that is no time, and what it is.
fn wrong(text: &str) -> (String, String) {
    let found = Excerpt::of(text).to_string();
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return ("a time".to_owned(), "nothing".to_owned());
    }
    let clock = trimmed.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let is_digits = |part: &str, most: usize| {
        !part.is_empty() && part.len() <= most && part.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    let parts: Vec<&str> = clock.split(':').collect();
    if matches!(parts.len(), 2 | 3) && is_digits(parts[0], 2) && parts[1..].iter().all(|part| is_digits(part, 12)) {
        let expected = "a point in time".to_owned();
        return (expected, format!("{found}, a time of day without its day: name another column by --time-column"));
    }
    let date = trimmed.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split(['/', '.', '-']).collect();
    if let [first, second, year] = parts[..]
        && is_digits(first, 2)
        && is_digits(second, 2)
        && is_digits(year, 4)
    {
        let expected = "a date like 2014-07-23, the year first";
        return (expected.to_owned(), format!("{found}: whether the day or the month comes first cannot be told"));
    }
    ("a time: a number of seconds, or a date like 2014-07-23 or 2014-07-23T10:11:12Z".to_owned(), found)
}

/// Seconds since 1970 and the way they were written; no way for 0, which fits all.
fn parse(text: &str) -> Option<(i64, Option<Way>)> {
    // What most columns hold: no more digits than a number of seconds or milliseconds has, and nothing else.
    let is_short = text.len() <= 13 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if is_short && let Ok(number) = text.parse::<i64>() {
        let (per_second, way) = unit(number as f64);
        return Some((number / per_second, (number != 0).then_some(way)));
    }
    if let Some(date) = date(text) {
        return Some((date.0, Some(date.1)));
    }
    if let Some(seconds) = digits(text) {
        return Some((seconds, Some(Way::Digits)));
    }
    // A number without a fraction is read without rounding.
    if let Ok(number) = text.parse::<i64>() {
        let (per_second, way) = unit(number.unsigned_abs() as f64);
        return Some((number.div_euclid(per_second), (number != 0).then_some(way)));
    }
    let number = text.parse::<f64>().ok().filter(|number| number.abs() < 9e18)?;
    let (per_second, way) = unit(number.abs());
    Some(((number / per_second as f64).floor() as i64, (number != 0.0).then_some(way)))
}

/// Seconds of a time as MIND writes it: `11/13/2019 8:36:57 AM`, month before day, no zero in front, as if it were UTC.
pub(crate) fn american(text: &str) -> Option<i64> {
    let mut words = text.split(' ');
    let (date, clock, half) = (words.next()?, words.next()?, words.next()?);
    let three = |text: &str, sign: char| -> Option<[i64; 3]> {
        let mut parts = text.split(sign).map(|part| {
            let digits = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            if digits { part.parse().ok() } else { None }
        });
        let all = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(all)
    };
    let ([month, date, year], [hour, minute, second]) = (three(date, '/')?, three(clock, ':')?);
    let is_clock = (1..=12).contains(&hour) && minute < 60 && second < 61 && words.next().is_none();
    // 12 AM is midnight, 12 PM noon.
    let hour = hour % 12 + if half.eq_ignore_ascii_case("pm") { 12 } else { 0 };
    let is_half = half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm");
    let start = day(year, month, date).filter(|_| is_clock && is_half && year >= 1000)?;
    Some(start * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Fourteen digits that are a date and a time of the years 1900 to 2099.
fn digits(text: &str) -> Option<i64> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    if text.len() != 14
        || !text.bytes().all(|b| b.is_ascii_digit())
        || !(text.starts_with("19") || text.starts_with("20"))
    {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let start = day(number(0, 4)?, number(4, 6)?, number(6, 8)?)? * 86_400;
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    (hour < 24 && minute < 60 && second < 61).then_some(start + hour * 3600 + minute * 60 + second)
}

/// How many make a second, by magnitude: 10¹¹ seconds are the year 5138, and as many milliseconds 1973.
fn unit(magnitude: f64) -> (i64, Way) {
    match magnitude {
        m if m < 1e11 => (1, Way::Seconds),
        m if m < 1e14 => (1_000, Way::Milliseconds),
        m if m < 1e17 => (1_000_000, Way::Microseconds),
        _ => (1_000_000_000, Way::Nanoseconds),
    }
}

/// Whether digits are a day of the years 1900 to 2099, alone, with an hour, an hour and a minute, or all down to milliseconds: as seconds the first two would be 1970 and
/// the years after 2030, as milliseconds the last would be 1976.
fn date_in_digits(text: &str) -> bool {
    // As a gap in the column makes floating point of whole numbers.
    let text = text.strip_suffix(".0").unwrap_or(text);
    let digits = matches!(text.len(), 8 | 10 | 12 | 17) && text.bytes().all(|b| b.is_ascii_digit());
    digits && (text.starts_with("19") || text.starts_with("20")) && {
        let number = |from: usize, to: usize| text.get(from..to).map_or(0, |digits| digits.parse().unwrap_or(0));
        day(number(0, 4), number(4, 6), number(6, 8)).is_some()
            && number(8, 10) < 24
            && number(10, 12) < 60
            && number(12, 14) < 60
    }
}

/// A day, or a day and a time.
fn date(text: &str) -> Option<(i64, Way)> {
    let (day, rest) = text.split_at_checked(10)?;
    let [year, month, date] = numbers(day, "-", &[4, 2, 2]).or_else(|| numbers(day, "/", &[4, 2, 2]))?;
    let start = self::day(year, month, date)? * 86_400;
    let Some(clock) = rest.strip_prefix(['T', 't', ' ']) else {
        return rest.is_empty().then_some((start, Way::Day));
    };
    // As BigQuery writes it.
    let (clock, is_utc) = match clock.strip_suffix(" UTC").or_else(|| clock.strip_suffix(" GMT")) {
        Some(clock) => (clock, true),
        None => (clock, false),
    };
    let zone_at = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone_at);
    let (clock, fraction) = match clock.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock.trim_end_matches(' '), None),
    };
    if fraction.is_some_and(|digits| digits.is_empty() || !digits.trim_end().bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let [hour, minute, second] = match numbers(clock, ":", &[2, 2, 2]) {
        Some(all) => all,
        // Without seconds; a fraction would be of nothing.
        None if fraction.is_none() => {
            let [hour, minute] = numbers(clock, ":", &[2, 2])?;
            [hour, minute, 0]
        }
        None => return None,
    };
    // 60: a leap second, which is the next minute's first.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let local = start + hour * 3600 + minute * 60 + second;
    if zone.is_empty() {
        return Some((local, if is_utc { Way::Instant } else { Way::Local }));
    }
    if is_utc {
        return None;
    }
    Some((local - offset(zone)?, Way::Instant))
}

/// Seconds that a zone is ahead of UTC: `Z`, `+02:00`, `+0200`, `-05`.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, digits) =
        if let Some(east) = zone.strip_prefix('+') { (1, east) } else { (-1, zone.strip_prefix('-')?) };
    let [hours, minutes] = match digits.len() {
        2 => [numbers::<1>(digits, ":", &[2])?[0], 0],
        4 => numbers(&format!("{}:{}", digits.get(..2)?, digits.get(2..)?), ":", &[2, 2])?,
        _ => numbers(digits, ":", &[2, 2])?,
    };
    (hours <= 18 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Numbers of so many digits each, with a sign between any two and nothing else.
fn numbers<const N: usize>(text: &str, between: &str, digits: &[usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut out = [0; N];
    for (number, &digits) in out.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(out)
}

/// Days since 1970-01-01 in the Gregorian calendar; `None` for a day that it does not have.
fn day(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    if day < 1 || day > length || year < 1 {
        return None;
    }
    let before = year - 1;
    let to_year = 365 * before + before / 4 - before / 100 + before / 400;
    let to_month: i64 = lengths[..month as usize - 1].iter().sum();
    // 719,162 days lie between 0001-01-01 and 1970-01-01.
    Some(to_year + to_month + day - 1 - 719_162)
}

/// Returns the first second of a day like `2014-07-23`, UTC; `None` for anything else.
pub fn day_start(text: &str) -> Option<i64> {
    date(text).filter(|(_, way)| *way == Way::Day).map(|(seconds, _)| seconds)
}

/// Returns the day of a point in time, UTC, as `2014-07-23`.
pub fn day_of(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400);
    // The length of the mean Gregorian year is 365.2425 days, so this is at most a year too early; or, far from now, off by more.
    let mut year = 1970 + (days as f64 / 365.2425).floor() as i64 - 1;
    while day(year + 1, 1, 1).is_some_and(|start| start <= days) {
        year += 1;
    }
    let starts = |month| day(year, month, 1).filter(|start| *start <= days);
    match (1..=12).rev().find_map(|month| Some((month, starts(month)?))) {
        Some((month, start)) => format!("{year:04}-{month:02}-{:02}", days - start + 1),
        None => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a column from its second line on: the time of each row, or why it is wrong, by itself or beside the others.
    fn column(texts: &[&str]) -> Vec<Result<i64, String>> {
        let mut column = Column::default();
        let mut times: Vec<Result<i64, String>> = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            column.row(at);
            let time = column.read(text, Place::Line(at as u64 + 2), Path::new("a"));
            let time = time.map(|time| time.map_or(i64::MIN, Time::seconds));
            times.push(time.map_err(|(expected, found)| format!("{expected}; {found}")));
        }
        let per_second = column.per_second();
        for time in times.iter_mut().flatten().filter(|time| near_zero(**time)) {
            *time = time.div_euclid(per_second);
        }
        column.near_rows().for_each(|(row, seconds)| times[row] = Ok(seconds));
        for outvoted in column.judge() {
            assert_eq!(outvoted.count.min(SHOWN), outvoted.first.len());
            for (_, place, found) in outvoted.first {
                let Place::Line(line) = place else { panic!("lines") };
                times[line as usize - 2] = Err(format!("{}; {found}", outvoted.expected));
            }
        }
        // Rows are left out only where others are wrong, so that the file is refused.
        assert!(!times.contains(&Ok(i64::MIN)) || times.iter().any(Result::is_err), "{times:?}");
        times
    }

    #[track_caller]
    fn all(texts: &[&str], want: &[i64]) {
        assert_eq!(column(texts).into_iter().map(Result::unwrap).collect::<Vec<_>>(), want);
    }

    #[test]
    fn every_way_of_writing_a_time_is_read() {
        all(&["12", "0", "-3.5", "1.4e9", "20140723"], &[12, 0, -4, 1_400_000_000, 20_140_723]);
        all(&["2014/07/23", "1970/01/01"], &[1_406_073_600, 0]);
        all(&["2014/07/23 10:11:12"], &[1_406_110_272]);
        all(&["20140723101112.0"], &[1_406_110_272]);
        all(&["1406073600000", "0", "1406073600999"], &[1_406_073_600, 0, 1_406_073_600]);
        all(&["1406073600000000"], &[1_406_073_600]);
        // `date -u -d "2014-07-23 10:11:12" +%s` of GNU coreutils.
        all(&["20140723101112", "20140723000000"], &[1_406_110_272, 1_406_073_600]);
        // A clock an hour before 1970, in a column of milliseconds, wherever it stands.
        all(&["1700000000000", "-3600000", "1700000100000"], &[1_700_000_000, -3600, 1_700_000_100]);
        all(&["-3600000", "1700000000000", "1700000100000"], &[-3600, 1_700_000_000, 1_700_000_100]);
        all(
            &["7", "1999", "0", "1700000000000", "1700000000001", "1700000000002"],
            &[0, 1, 0, 1_700_000_000, 1_700_000_000, 1_700_000_000],
        );
        all(
            &["-1", "5000000", "1700000000000000", "1700000000000000", "1700000000000000"],
            &[-1, 5, 1_700_000_000, 1_700_000_000, 1_700_000_000],
        );
        all(&["86400000.5", "1700000000000.0"], &[86_400, 1_700_000_000]);
        all(&["7", "1700000000000000000"], &[0, 1_700_000_000]);
        all(&["1406073600000000000", "9223372036854775807"], &[1_406_073_600, 9_223_372_036]);
        // `date -u -d ... +%s` of GNU coreutils.
        all(&["2014-07-23", "1970-01-01", "1969-12-31", "2000-02-29"], &[1_406_073_600, 0, -86_400, 951_782_400]);
        all(
            &["2014-07-23T10:11:12", "2014-07-23 10:11", "2014-07-23 10:11:12.999"],
            &[1_406_110_272, 1_406_110_260, 1_406_110_272],
        );
        let instants = [
            "2014-07-23T10:11:12Z",
            "2014-07-23T12:11:12+02:00",
            "2014-07-23 05:11:12.5-0500",
            "2014-07-23T11:11:12+01",
            "2014-07-23 10:11:12 UTC",
            "2014-07-23 10:11:12.5 GMT",
        ];
        all(&instants, &[1_406_110_272; 6]);
    }

    #[test]
    fn american_times_have_the_month_first() {
        // `date -u -d "2019-11-13 08:36:57" +%s` of GNU coreutils.
        assert_eq!(american("11/13/2019 8:36:57 AM"), Some(1_573_634_217));
        assert_eq!(american("11/13/2019 8:36:57 PM"), Some(1_573_634_217 + 12 * 3600));
        // `date -u -d "2019-01-02 00:05:00" +%s`, and at noon.
        assert_eq!(american("1/2/2019 12:05:00 AM"), Some(1_546_387_500));
        assert_eq!(american("1/2/2019 12:05:00 PM"), Some(1_546_387_500 + 12 * 3600));
        for bad in [
            "13/11/2019 8:36:57 AM",
            "11/13/2019 13:36:57 PM",
            "11/13/2019 8:36:57",
            "11/13/2019 0:36:57 AM",
            "1/1/19 1:00:00 AM",
            "",
        ] {
            assert_eq!(american(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_day_reads_back() {
        for days in (-200_000..200_000).step_by(7).chain([11_015, 11_016, 11_016 + 365]) {
            let text = day_of(days * 86_400 + 86_399);
            assert_eq!(date(&text), Some((days * 86_400, Way::Day)), "{text}");
        }
        assert_eq!(day_of(i64::MIN), format!("{} s", i64::MIN));
    }

    #[test]
    fn what_is_no_time_is_wrong() {
        for bad in [
            "yesterday",
            "nan",
            "inf",
            "1e300",
            "-9223372036854775809",
            "2014-13-01",
            "2014-02-29",
            "2014-7-3",
            "2014-07-23T10:11:12Z UTC",
            "2014-07-23 UTC",
            "2014-07-23T",
            "2014-07-23T24:00:00",
            "2014-07-23T10",
            "2014-07-23T10:11:12+",
            "2014-07-23T10:11:12+25:00",
            "2014-07-23T10:11:12.Z",
            "2014-07-23x",
            "２０１４-07-23",
        ] {
            let got = column(&[bad]).remove(0).unwrap_err();
            assert!(got.starts_with("a time: a number"), "{bad}: {got}");
        }
        for (bad, want) in [
            ("", "a time; nothing"),
            ("  ", "a time; nothing"),
            (
                "10:11",
                "a point in time; \"10:11\", a time of day without its day: name another column by --time-column",
            ),
            ("9:11:12.5 PM", "a point in time; \"9:11:12.5 PM\", a time of day without its day"),
            ("23.07.2014", "a date like 2014-07-23, the year first; \"23.07.2014\": whether the day or the month"),
            ("07/23/14 10:11", "a date like 2014-07-23, the year first"),
        ] {
            let got = column(&[bad]).remove(0).unwrap_err();
            assert!(got.starts_with(want), "{bad}: {got}");
        }
    }

    #[test]
    fn small_numbers_are_told_from_points_in_time() {
        let of = |texts: &[&str]| {
            let mut column = Column::default();
            for text in texts {
                column.read(text, Place::Line(2), Path::new("a")).unwrap().unwrap();
            }
            column
        };
        let clock = |texts: &[&str]| match of(texts).clock() {
            Some(Clock::Own(small)) => format!("own {} {}", small.min, small.max),
            Some(Clock::Like(unit, _)) => unit.to_owned(),
            Some(Clock::Fractions(unit, _)) => format!("refused {unit}"),
            None => "none".to_owned(),
        };
        for (texts, want) in [
            (&["44927.5", "44928"][..], "refused days, as a spreadsheet counts them"),
            (&["44927", "44928"], "days, as a spreadsheet counts them"),
            (&["2015.0", "1999"], "years"),
            (&["2015.5"], "refused years"),
            (&["201501", "201412"], "years and months"),
            (&["201501", "201413"], "own 201413 201501"),
            (&["2456658.25"], "refused Julian days"),
            (&["0", "106910", "-3.5"], "own -3.5 106910"),
            (&["0", "0"], "own 0 0"),
            (&["1406073600", "1406073601.5"], "none"),
            (&["1406073600000", "0"], "none"),
            (&["2014-07-23"], "none"),
        ] {
            assert_eq!(clock(texts), want, "{texts:?}");
        }
        let strays = of(&["1406073600", "0", "-1"]).strays().unwrap();
        assert_eq!((strays.count, strays.min, strays.max), (2, -1.0, 0.0));
        assert!(of(&["1406073600", "2014"]).strays().is_some() && of(&["2014"]).strays().is_none());
    }

    #[test]
    fn a_column_has_one_way() {
        let mixed = [
            (["1406073600", "1406073600000"], "seconds, as on line 2; milliseconds: \"1406073600000\""),
            (["1406073600000", "1406073600"], "milliseconds, as on line 2; seconds: \"1406073600\""),
            (["1406073600", "20140723101112"], "seconds, as on line 2; a date and time in digits"),
            (["2014-07-23", "1406073600"], "a day like 2014-07-23, as on line 2; seconds: \"1406073600\""),
            (["2014-07-23", "7"], "a day like 2014-07-23, as on line 2; a number: \"7\""),
            (
                ["2014-07-23T10:11:12Z", "2014-07-23T10:11:12"],
                "a time with its zone like 2014-07-23T10:11:12Z, as on line 2; a time without",
            ),
        ];
        for (texts, want) in mixed {
            let got = column(&texts).remove(1).unwrap_err();
            assert!(got.starts_with(want), "{got}");
        }
        // A file later than the first one is named with it.
        let mut two = Column::default();
        two.read("1406073600", Place::Line(2), Path::new("a")).unwrap();
        two.read("1406073600000", Place::Line(9), Path::new("b")).unwrap();
        assert_eq!(two.judge()[0].expected, "seconds, as on line 2 of a");
    }

    #[test]
    fn most_rows_are_right_whichever_comes_first() {
        let got = column(&["1406073600", "1406073600000", "1406073600001", "1406073600002"]);
        assert_eq!(got[0], Err("milliseconds, as on line 3 and 2 rows more; seconds: \"1406073600\"".to_owned()));
        let got = column(&["7", "2014-07-23", "2014-07-24"]);
        assert_eq!(got[0], Err("a day like 2014-07-23, as on line 3 and 1 row more; a number: \"7\"".to_owned()));
        // Small numbers are no milliseconds because of one.
        let got = column(&["5", "6", "7", "1406073600000"]);
        assert_eq!(got[..3], [Ok(5), Ok(6), Ok(7)]);
        let want = "numbers below 100,000,000, as on line 2 and 2 rows more; milliseconds: \"1406073600000\"";
        assert_eq!(got[3], Err(want.to_owned()));
    }

    #[test]
    fn numbers_near_1970_are_of_the_unit_of_the_others_whatever_their_size() {
        for (unit, near, want) in [
            (1_000, -172_800_000, -172_800),
            (1_000, 150_000_000, 150_000),
            (1_000, 99_000_000_000, 99_000_000),
            (1_000_000, 100_000_000, 100),
            (1_000_000, 99_999_999_999_999, 99_999_999),
            (1_000_000_000, 1_000_000_000, 1),
            (1_000_000_000, -150_000_000_000_000, -150_000),
        ] {
            let others = [1_700_000_000, 1_700_000_001_i64].map(|seconds| (seconds * unit).to_string());
            let near = i64::to_string(&near);
            for at in 0..3 {
                let mut texts = others.each_ref().map(String::as_str).to_vec();
                texts.insert(at, &near);
                let mut all = vec![Ok(1_700_000_000), Ok(1_700_000_001)];
                all.insert(at, Ok(want));
                assert_eq!(column(&texts), all, "{texts:?}");
            }
        }
        // Of the time of the others in its own unit, or as many as they are: it is another unit.
        for texts in [
            &["1700000000000", "1700000001000", "1406073600"][..],
            &["1700000000000000", "1700000001000000", "1600000000000"],
            &["1700000000000", "150000000"],
        ] {
            assert!(column(texts).iter().any(Result::is_err), "{texts:?}");
        }
        // So many are no few.
        let mut many = vec!["150000000"; FEW + 1];
        many.extend(vec!["1700000000000"; FEW + 2]);
        assert_eq!(column(&many).iter().filter(|time| time.is_err()).count(), SHOWN);
    }

    #[test]
    fn digits_that_could_be_dates_are_refused_where_most_are() {
        // Down to milliseconds: as microseconds this would be the year 2608.
        for date in ["20140723", "20140723.0", "2014072310", "201407231011", "20140513165320123"] {
            for texts in [&["0", date, date][..], &[date, "99999999", "0"]] {
                let got = column(texts);
                let said = got[texts.iter().position(|text| *text == date).unwrap()].as_ref().unwrap_err();
                assert!(said.contains("could be either"), "{got:?}");
            }
        }
        // Some numbers look like a date by chance.
        let got = column(&["20140723", "7", "20141341", "soon"]);
        assert_eq!(got[..3], [Ok(20_140_723), Ok(7), Ok(20_141_341)]);
        assert!(got[3].is_err());
    }
}
