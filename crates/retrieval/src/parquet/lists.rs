//! Lists of users as Parquet.

use super::rows::{Column, Rows};
use crate::table::row::{Entry, Table};
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
    users: Vec<ByteArray>,
    ranks: Vec<i32>,
    items: Vec<ByteArray>,
    titles: Vec<ByteArray>,
    titled: Vec<i16>,
    scores: Vec<f32>,
}

/// Begins a file of lists.
pub(crate) fn lists<'a>(out: &'a mut dyn Write) -> io::Result<Box<dyn Table + 'a>> {
    let file = Rows::new(out, SCHEMA, &[])?;
    let (users, ranks, items) = (Vec::new(), Vec::new(), Vec::new());
    Ok(Box::new(Lists { file, users, ranks, items, titles: Vec::new(), titled: Vec::new(), scores: Vec::new() }))
}

impl Lists<'_> {
    fn write_group(&mut self) -> io::Result<()> {
        let Lists { file, users, ranks, items, titles, titled, scores } = self;
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
    fn add(&mut self, user: &str, list: &[Entry]) -> io::Result<()> {
        let user = ByteArray::from(user);
        for (Entry { item, title, score }, rank) in list.iter().zip(1..) {
            self.users.push(user.clone());
            self.ranks.push(rank);
            self.items.push((*item).into());
            self.titled.push(i16::from(title.is_some()));
            self.titles.extend(title.map(ByteArray::from));
            self.scores.push(*score);
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
