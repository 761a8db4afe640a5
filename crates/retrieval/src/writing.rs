//! Lists of many users as one file: made a piece at a time, each written while the next is made.
//!
//! Memory holds three pieces at most, however many users there are.

use crate::retriever::{List, Scored};
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
    user: impl Fn(U) -> String,
    lists: impl Fn(&[U]) -> Vec<List> + Sync,
    add: &mut dyn FnMut(&str, &[Scored]) -> io::Result<()>,
) -> io::Result<usize> {
    let (send, receive) = sync_channel::<Vec<List>>(1);
    let lists = &lists;
    thread::scope(|scope| {
        let maker = scope.spawn(move || {
            // Nobody receives any more where writing failed.
            users.chunks(piece(top)).map(lists).try_for_each(|piece| send.send(piece)).ok()
        });
        let mut short = 0;
        for (&wanted, list) in users.iter().zip(receive.into_iter().flatten()) {
            short += usize::from(list.len() < top);
            add(&user(wanted), &list)?;
        }
        maker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(short)
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
        let short = hand_over(&users, 2, |user| format!("u{user}"), lists, &mut |user, list| {
            seen.push((user.to_owned(), list.to_vec()));
            Ok(())
        });
        assert_eq!(short.unwrap(), users.len());
        let want = users.iter().map(|user| (format!("u{user}"), vec![(*user % 2, *user as f32)]));
        assert!(seen.into_iter().eq(want));
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
