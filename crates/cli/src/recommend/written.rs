//! Lists to a file, or to the screen.

use crate::say::Output;
use anchorrec_data::Dataset;
use anchorrec_retrieval::List;
use anchorrec_retrieval::names::Names;
use anchorrec_retrieval::table::{TableFormat, write, write_file};
use anchorrec_retrieval::writing::hand_over;
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
    let mut short = 0;
    write_to(dataset, out, |add| {
        short = hand_over(users, top, |user| dataset.user_name(user), lists, add)?;
        Ok(())
    })?;
    Ok(short)
}

/// Writes the lists of new users to a file, or to the screen; returns how many are shorter than `top`.
pub fn write_new(dataset: &Dataset, out: Option<&Path>, top: usize, users: &[String], lists: &[List]) -> Result<usize> {
    write_to(dataset, out, |add| users.iter().zip(lists).try_for_each(|(user, list)| add(user, list)))?;
    Ok(lists.iter().filter(|list| list.len() < top).count())
}

/// Writes lists to a file, or to the screen.
fn write_to(
    dataset: &Dataset,
    out: Option<&Path>,
    lists: impl FnOnce(&mut dyn FnMut(&str, &[(u32, f32)]) -> io::Result<()>) -> io::Result<()>,
) -> Result<()> {
    let names = Names::of_items(dataset);
    match out {
        Some(path) => write_file(path, &names, lists)?,
        None => write(TableFormat::Csv, &mut BufWriter::new(Output::lock()), &names, lists)?,
    }
    Ok(())
}
