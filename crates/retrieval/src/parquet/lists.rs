//! Lists of users as Parquet.

use super::rows::{Column, Rows};
use crate::names::Names;
use crate::table::row::Table;
use parquet::data_type::ByteArray;
use std::io::{self, Write};

const SCHEMA: &str = "message lists {
    REQUIRED BYTE_ARRAY user (UTF8);
    REQUIRED INT32 rank;
    REQUIRED BYTE_ARRAY item (UTF8);
    OPTIONAL BYTE_ARRAY title (UTF8);
    REQUIRED FLOAT score;
}";
/// Rows of a group.
const GROUP: usize = 1 << 17;

struct Lists<'a> {
    file: Rows<'a>,
    /// Each item's id and title: copies share their text.
    names: Vec<(ByteArray, Option<ByteArray>)>,
    users: Vec<ByteArray>,
    ranks: Vec<i32>,
    items: Vec<ByteArray>,
    titles: Vec<ByteArray>,
    titled: Vec<i16>,
    scores: Vec<f32>,
}

/// Begins a file of lists.
pub(crate) fn lists<'a>(out: &'a mut dyn Write, names: &Names) -> io::Result<Box<dyn Table + 'a>> {
    let file = Rows::new(out, SCHEMA, &[])?;
    let (users, ranks, items) = (Vec::new(), Vec::new(), Vec::new());
    let (titles, titled, scores) = (Vec::new(), Vec::new(), Vec::new());
    let names = names.all().map(|(id, title)| (id.into(), title.map(ByteArray::from))).collect();
    Ok(Box::new(Lists { file, names, users, ranks, items, titles, titled, scores }))
}

impl Lists<'_> {
    fn write_group(&mut self) -> io::Result<()> {
        let Lists { file, users, ranks, items, titles, titled, scores, .. } = self;
        file.group(&[
            Column::Text(users),
            Column::Whole(ranks),
            Column::Text(items),
            Column::MaybeText(titles, titled),
            Column::Float(scores),
        ])?;
        users.clear();
        ranks.clear();
        items.clear();
        titles.clear();
        titled.clear();
        scores.clear();
        Ok(())
    }
}

impl Table for Lists<'_> {
    fn add(&mut self, user: &str, list: &[(u32, f32)]) -> io::Result<()> {
        let user = ByteArray::from(user);
        for (&(item, score), rank) in list.iter().zip(1..) {
            let (id, title) = &self.names[item as usize];
            self.users.push(user.clone());
            self.ranks.push(rank);
            self.items.push(id.clone());
            self.titled.push(i16::from(title.is_some()));
            self.titles.extend(title.clone());
            self.scores.push(score);
        }
        if self.scores.len() >= GROUP { self.write_group() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if !self.scores.is_empty() {
            self.write_group()?;
        }
        self.file.finish()
    }
}
