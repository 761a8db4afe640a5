//! Work that a dedicated thread does ahead of its consumer.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

/// What an iterator gives, in its order. A thread makes it: one item waits to be taken while the next is in the making, so that there are three with
/// the one in the caller's hands. Dropped, the thread ends at its next item.
pub(crate) struct Ahead<T> {
    items: Receiver<T>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Ahead<T> {
    /// Starts the thread.
    pub(crate) fn of(mut items: impl Iterator<Item = T> + Send + 'static) -> Self {
        let (sender, receiver) = sync_channel(1);
        let make = move || {
            // Refused where nobody takes them any more.
            let _ = items.try_for_each(|item| sender.send(item));
        };
        Ahead { items: receiver, thread: Some(thread::spawn(make)) }
    }
}

impl<T> Iterator for Ahead<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let item = self.items.recv().ok();
        // At the end: a panic is the caller's, and no end.
        if let (None, Some(thread)) = (&item, self.thread.take_if(|_| item.is_none()))
            && let Err(panic) = thread.join()
        {
            resume_unwind(panic);
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn items_come_in_order_to_the_end() {
        let mut ahead = Ahead::of(0..1000);
        assert!(ahead.by_ref().eq(0..1000));
        assert_eq!((ahead.next(), ahead.next()), (None, None));
        // Left before its end.
        assert_eq!(Ahead::of(0..).next(), Some(0));
    }

    #[test]
    fn a_panic_is_no_end() {
        let mut ahead = Ahead::of((0..3).inspect(|&item| assert!(item < 2, "meant")));
        assert_eq!((ahead.next(), ahead.next()), (Some(0), Some(1)));
        assert!(catch_unwind(AssertUnwindSafe(|| ahead.next())).is_err());
    }
}
