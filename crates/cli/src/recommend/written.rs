//! Lists to a file, or to the screen.

use crate::say::Output;
use anchorrec_data::Dataset;
use anchorrec_retrieval::List;
use anchorrec_retrieval::table::{Entry, TableFormat, write, write_file};
use anchorrec_retrieval::writing::{Names, hand_over};
use anyhow::Result;
use std::io::{self, BufWriter};
use std::path::Path;

/// Writes the lists of users to a file, or to the screen; returns how many are shorter than `top`.
pub fn write_lists(
    dataset: &Dataset,
    out: Option<&Path>,
    top: usize,
    users: &[u32],
    lists: impl Fn(&[u32]) -> Vec<List> + Sync,
) -> Result<usize> {
    let (names, mut short) = (Names::of_items(dataset), 0);
    write_to(out, |add| {
        short = hand_over(users, top, &names, |user| dataset.user_name(user), lists, add)?;
        Ok(())
    })?;
    Ok(short)
}

/// Writes the lists of new users to a file, or to the screen; returns how many are shorter than `top`.
pub fn write_new(dataset: &Dataset, out: Option<&Path>, top: usize, users: &[String], lists: &[List]) -> Result<usize> {
    let names = Names::of_items(dataset);
    write_to(out, |add| users.iter().zip(lists).try_for_each(|(user, list)| add(user, &names.entries(list))))?;
    Ok(lists.iter().filter(|list| list.len() < top).count())
}

/// Writes lists to a file, or to the screen.
fn write_to(
    out: Option<&Path>,
    lists: impl FnOnce(&mut dyn FnMut(&str, &[Entry]) -> io::Result<()>) -> io::Result<()>,
) -> Result<()> {
    match out {
        Some(path) => write_file(path, lists)?,
        None => write(TableFormat::Csv, &mut BufWriter::new(Output::lock()), lists)?,
    }
    Ok(())
}
