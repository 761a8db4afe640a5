//! Lists to a file, or to the screen.

use crate::say::Output;
use anchorrec_data::Dataset;
use anchorrec_retrieval::List;
use anchorrec_retrieval::names::Names;
use anchorrec_retrieval::table::{TableFormat, write, write_file};
use anchorrec_retrieval::writing::{Handed, hand_over};
use anyhow::Result;
use std::io::{self, BufWriter};
use std::path::Path;

/// Writes the lists of users to a file, or to the screen; returns who has which.
pub fn write_lists(
    dataset: &Dataset,
    out: Option<&Path>,
    top: usize,
    users: &[u32],
    lists: impl Fn(&[u32]) -> Vec<List> + Sync,
) -> Result<Handed> {
    let mut handed = Handed::default();
    write_to(dataset, out, |add| {
        handed = hand_over(users, top, |user| dataset.user_name(user), lists, add)?;
        Ok(())
    })?;
    Ok(handed)
}

/// Writes the lists of new users to a file, or to the screen; returns who has which.
pub fn write_new(
    dataset: &Dataset,
    out: Option<&Path>,
    top: usize,
    users: &[String],
    lists: &[List],
) -> Result<Handed> {
    let mut handed = Handed::default();
    write_to(dataset, out, |add| {
        users.iter().zip(lists).try_for_each(|(user, list)| {
            handed.count(user, list, top);
            add(user, list)
        })
    })?;
    Ok(handed)
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
