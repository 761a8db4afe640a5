//! Lists of many users as one file: made a piece at a time, each written while the next is made.
//!
//! Memory holds three pieces at most, however many users there are.

use crate::retriever::List;
use crate::table::Entry;
use anchorrec_data::Dataset;
use std::io;
use std::sync::mpsc::sync_channel;
use std::thread;

/// Users whose lists are made at once.
const PIECE: usize = 2048;

/// What items are called outside.
pub struct Names {
    ids: Vec<String>,
    titles: Vec<Option<String>>,
}

impl Names {
    /// Collects the ids and titles of all items.
    pub fn of_items(dataset: &Dataset) -> Self {
        let items = dataset.interactions.items;
        Names {
            ids: (0..items as u32).map(|item| dataset.item_name(item)).collect(),
            titles: dataset.titles.clone().unwrap_or_else(|| vec![None; items]),
        }
    }

    /// Returns what an item is called.
    ///
    /// # Panics
    /// When there is no such item.
    pub fn id(&self, item: u32) -> &str {
        &self.ids[item as usize]
    }

    /// Returns a list as it is written.
    ///
    /// # Panics
    /// When an item has no name.
    pub fn entries(&self, list: &[(u32, f32)]) -> Vec<Entry<'_>> {
        let entry = |&(item, score): &(u32, f32)| Entry {
            item: &self.ids[item as usize],
            title: self.titles[item as usize].as_deref(),
            score,
        };
        list.iter().map(entry).collect()
    }
}

/// Makes the lists of `users` with `lists`, which gets a piece of them, and hands each to `add` under the name that `user` gives; in order. Returns
/// how many are shorter than `top`.
///
/// # Errors
/// When `add` fails: nothing is made after that.
///
/// # Panics
/// When `lists` panics.
pub fn hand_over<U: Copy + Sync>(
    users: &[U],
    top: usize,
    names: &Names,
    user: impl Fn(U) -> String,
    lists: impl Fn(&[U]) -> Vec<List> + Sync,
    add: &mut dyn FnMut(&str, &[Entry]) -> io::Result<()>,
) -> io::Result<usize> {
    let (send, receive) = sync_channel::<Vec<List>>(1);
    let lists = &lists;
    thread::scope(|scope| {
        let maker = scope.spawn(move || {
            // Nobody receives any more where writing failed.
            users.chunks(PIECE).map(lists).try_for_each(|piece| send.send(piece)).ok()
        });
        let mut short = 0;
        for (&wanted, list) in users.iter().zip(receive.into_iter().flatten()) {
            short += usize::from(list.len() < top);
            add(&user(wanted), &names.entries(&list))?;
        }
        maker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(short)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { ids: ["pot", "pan"].map(str::to_owned).to_vec(), titles: vec![Some("A pot".to_owned()), None] }
    }

    #[test]
    fn every_list_arrives_under_its_users_name_and_in_order() {
        let users: Vec<u32> = (0..2 * PIECE as u32 + 3).rev().collect();
        let lists = |piece: &[u32]| piece.iter().map(|&user| vec![(user % 2, user as f32)]).collect();
        let mut seen = Vec::new();
        let short = hand_over(&users, 2, &names(), |user| format!("u{user}"), lists, &mut |user, list| {
            seen.push((user.to_owned(), list[0].item.to_owned(), list[0].score));
            Ok(())
        });
        assert_eq!(short.unwrap(), users.len());
        let want =
            users.iter().map(|user| (format!("u{user}"), ["pot", "pan"][*user as usize % 2].to_owned(), *user as f32));
        assert!(seen.into_iter().eq(want));
    }

    #[test]
    fn a_file_that_cannot_be_written_ends_the_work() {
        let users: Vec<u32> = (0..9 * PIECE as u32).collect();
        let made = std::sync::atomic::AtomicUsize::new(0);
        let lists = |piece: &[u32]| {
            made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            vec![Vec::new(); piece.len()]
        };
        let full = || io::Error::new(io::ErrorKind::StorageFull, "full");
        let ended = hand_over(&users, 1, &names(), |_| String::new(), lists, &mut |_, _| Err(full()));
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(made.into_inner() < 9);
    }
}
