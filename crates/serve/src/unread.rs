//! Answers that their clients have not read yet: how many bytes they may have, of all clients together.

use crate::refusal::Refusal;
use axum::body::Bytes;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of an answer that needs no room: as many connections as there may be hold little with answers of this length.
const SMALL: usize = 64 << 10;
/// Bytes of an item in a list, as far as they are known before the list is made.
const PLACE: usize = 64;

/// Room for the long answers of all clients together.
pub struct Unread(Arc<Semaphore>);

/// Room for one answer, free again when the last byte has gone out.
pub struct Room {
    all: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

/// The bytes of an answer with the room that they take.
struct Held {
    bytes: Vec<u8>,
    _room: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Unread {
    /// Makes room for this many bytes.
    pub fn new(bytes: usize) -> Self {
        Unread(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    /// Takes room for an answer before it is made: for `places` items in its lists.
    ///
    /// # Errors
    /// When there is none.
    pub fn room(&self, places: usize) -> Result<Room, Refusal> {
        let mut room = Room { all: self.0.clone(), taken: None };
        room.reach(places.saturating_mul(PLACE))?;
        Ok(room)
    }
}

impl Room {
    /// Holds the bytes of an answer until they have gone out.
    ///
    /// # Errors
    /// When they are more than there is room for.
    pub fn hold(mut self, bytes: Vec<u8>) -> Result<Bytes, Refusal> {
        self.reach(bytes.capacity())?;
        Ok(match self.taken {
            None => bytes.into(),
            room => Bytes::from_owner(Held { bytes, _room: room }),
        })
    }

    /// Grows or shrinks to what an answer of so many bytes takes.
    fn reach(&mut self, bytes: usize) -> Result<(), Refusal> {
        let bytes = if bytes > SMALL { bytes } else { 0 };
        let taken = self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        if bytes < taken {
            drop(self.taken.as_mut().and_then(|room| room.split(taken - bytes)));
        } else if bytes > taken {
            let busy = || {
                let message = "other clients have not read their long answers yet: try again in a second, or ask for less at once";
                Refusal::new(503, "busy", message)
            };
            let more = u32::try_from(bytes - taken).map_err(|_| busy())?;
            let more = self.all.clone().try_acquire_many_owned(more).map_err(|_| busy())?;
            match &mut self.taken {
                Some(room) => room.merge(more),
                None => self.taken = Some(more),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_answers_take_room_until_their_bytes_are_gone() {
        let unread = Unread::new(500_000);
        let free = || unread.0.available_permits();
        let small = unread.room(20).unwrap().hold(vec![1; 2000]).unwrap();
        assert_eq!((small.len(), free()), (2000, 500_000));
        // Taken before it is made, and made to fit.
        let room = unread.room(5000).unwrap();
        assert_eq!(free(), 180_000);
        assert_eq!(unread.room(5000).map(|_| ()).unwrap_err().reason, "busy");
        let long = room.hold(vec![2; 400_000]).unwrap();
        assert_eq!((free(), long[399_999]), (100_000, 2));
        let part = long.slice(0..10);
        drop(long);
        assert_eq!(free(), 100_000, "a part of the bytes is still there");
        assert_eq!(unread.room(0).unwrap().hold(vec![3; 200_000]).map(|_| ()).unwrap_err().status, 503);
        drop(part);
        let room = unread.room(5000).unwrap();
        drop(room.hold(vec![4; 100]).unwrap());
        assert_eq!(free(), 500_000);
    }
}
