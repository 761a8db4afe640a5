//! Lists of many users as one file: made a piece at a time, each written while the next is made.
//!
//! Memory holds three pieces at most, however many users there are.

use crate::retriever::{List, Scored};
use anchorrec_files::{counted, few};
use std::io;
use std::sync::mpsc::sync_channel;
use std::thread;

/// Places in the lists of a piece. At the end of a piece all threads wait for the last one, so pieces are large; longer lists have smaller pieces, so
/// that memory does not grow with them.
const PLACES: usize = 1 << 18;

/// Users whose lists are made at once.
fn piece(top: usize) -> usize {
    (PLACES / top.max(1)).clamp(512, 8192)
}

/// What became of the lists that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handed {
    /// Users with a list.
    pub lists: usize,
    /// Users whose list has fewer items than were asked for, and at least one.
    pub short: usize,
    /// Users for whom no item is left.
    pub without: usize,
    /// The first users for whom no item is left, by their names.
    pub first_without: Vec<String>,
}

impl Handed {
    /// Counts the list of a user, of whom `top` items were asked for.
    pub fn count(&mut self, user: &str, list: &[Scored], top: usize) {
        self.lists += usize::from(!list.is_empty());
        self.short += usize::from(!list.is_empty() && list.len() < top);
        if list.is_empty() {
            self.without += 1;
            if self.first_without.len() < few::SHOWN {
                self.first_without.push(user.to_owned());
            }
        }
    }

    /// Says, a line each, which lists are shorter than the `top` that were asked for, and who has none.
    pub fn notes(&self, top: usize) -> Vec<String> {
        let short = (self.short > 0).then(|| {
            format!("{} fewer than {top} items left and a shorter list", counted(self.short, "user has", "users have"))
        });
        let without = (self.without > 0).then(|| {
            let users = counted(self.without, "user has", "users have");
            format!("{users} no item left and no list: {}", few(&self.first_without, self.without))
        });
        short.into_iter().chain(without).collect()
    }
}

/// Makes the lists of `users` with `lists`, which gets a piece of them, and hands each to `add` under the name that `user` gives; in order. Returns
/// how many have a list of `top` items, a shorter one, or none.
///
/// # Errors
/// When `add` fails: nothing is made after that.
///
/// # Panics
/// When `lists` panics.
pub fn hand_over<U: Copy + Sync>(
    users: &[U],
    top: usize,
    user: impl Fn(U) -> String,
    lists: impl Fn(&[U]) -> Vec<List> + Sync,
    add: &mut dyn FnMut(&str, &[Scored]) -> io::Result<()>,
) -> io::Result<Handed> {
    let (send, receive) = sync_channel::<Vec<List>>(1);
    let lists = &lists;
    thread::scope(|scope| {
        let maker = scope.spawn(move || {
            // Nobody receives any more where writing failed.
            users.chunks(piece(top)).map(lists).try_for_each(|piece| send.send(piece)).ok()
        });
        let mut handed = Handed::default();
        for (&wanted, list) in users.iter().zip(receive.into_iter().flatten()) {
            let name = user(wanted);
            handed.count(&name, &list, top);
            add(&name, &list)?;
        }
        maker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(handed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_arrives_under_its_users_name_and_in_order() {
        let users: Vec<u32> = (0..2 * piece(2) as u32 + 3).rev().collect();
        let lists = |piece: &[u32]| piece.iter().map(|&user| vec![(user % 2, user as f32)]).collect();
        let mut seen = Vec::new();
        let handed = hand_over(&users, 2, |user| format!("u{user}"), lists, &mut |user, list| {
            seen.push((user.to_owned(), list.to_vec()));
            Ok(())
        });
        let handed = handed.unwrap();
        assert_eq!((handed.lists, handed.short, handed.without), (users.len(), users.len(), 0));
        let want = users.iter().map(|user| (format!("u{user}"), vec![(*user % 2, *user as f32)]));
        assert!(seen.into_iter().eq(want));
    }

    #[test]
    fn whoever_has_no_list_is_counted_and_named() {
        let users: Vec<u32> = (0..9).collect();
        // Users 0 and 1 have all that was asked for, user 2 has one item, the others nothing.
        let lists = |piece: &[u32]| {
            piece
                .iter()
                .map(|&user| (0..2u32.saturating_sub(user.saturating_sub(1))).map(|n| (n, 1.0)).collect())
                .collect()
        };
        let mut rows = 0;
        let handed = hand_over(&users, 2, |user| format!("u{user}"), lists, &mut |_, list| {
            rows += list.len();
            Ok(())
        });
        let handed = handed.unwrap();
        assert_eq!((handed.lists, handed.short, handed.without, rows), (3, 1, 6, 5));
        assert_eq!(
            handed.notes(2),
            [
                "1 user has fewer than 2 items left and a shorter list",
                "6 users have no item left and no list: u3, u4, u5, u6, u7 and 1 more"
            ]
        );
    }

    #[test]
    fn a_file_that_cannot_be_written_ends_the_work() {
        let users: Vec<u32> = (0..9 * piece(1) as u32).collect();
        let made = std::sync::atomic::AtomicUsize::new(0);
        let lists = |piece: &[u32]| {
            made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            vec![Vec::new(); piece.len()]
        };
        let full = || io::Error::new(io::ErrorKind::StorageFull, "full");
        let ended = hand_over(&users, 1, |_| String::new(), lists, &mut |_, _| Err(full()));
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(made.into_inner() < 9);
    }

    #[test]
    fn longer_lists_come_in_smaller_pieces() {
        assert!(piece(1) >= piece(20) && piece(20) * 20 <= PLACES && piece(usize::MAX) == 512);
    }
}
