//! Ranks that are threads of one process.
//!
//! Each pair of ranks has a queue in either direction. A rank that ends, by a panic too, closes its queues: whoever waits for it stops waiting at once. The
//! first failure of any rank is kept for all, so each of them names the rank that it began with, and not the neighbour that gave up because of it.
//!
//! A rank waits on its own thread. It must not be a thread of the pool that computes: a pool whose threads all wait computes nothing.

use crate::{RanksError, Traffic, Transport};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

type Message = Arc<[u8]>;

/// A rank among the threads of this process.
#[derive(Debug)]
pub struct Threads {
    rank: usize,
    limit: Duration,
    /// A queue to each rank; the one to itself stays empty.
    to: Vec<Sender<Message>>,
    /// A queue from each rank.
    from: Vec<Mutex<Receiver<Message>>>,
    first_failure: Arc<Mutex<Option<RanksError>>>,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Threads {
    /// Makes the connections of `size` ranks, one for each thread, in the order of the ranks; an exchange waits for at most `limit`.
    ///
    /// ```
    /// use anchorrec_ranks::{Threads, Transport};
    /// use std::time::Duration;
    ///
    /// let group = Threads::group(3, Duration::from_secs(60));
    /// assert!(group.iter().map(|transport| transport.rank()).eq(0..3));
    /// ```
    pub fn group(size: usize, limit: Duration) -> Vec<Threads> {
        let first_failure = Arc::new(Mutex::new(None));
        let mut from: Vec<Vec<Mutex<Receiver<Message>>>> = (0..size).map(|_| Vec::new()).collect();
        let mut to = Vec::new();
        for _ in 0..size {
            let queues = from.iter_mut().map(|from| {
                let (sender, receiver) = channel();
                from.push(Mutex::new(receiver));
                sender
            });
            to.push(queues.collect());
        }
        let ranks = to.into_iter().zip(from).enumerate().map(|(rank, (to, from))| Threads {
            rank,
            limit,
            to,
            from,
            first_failure: first_failure.clone(),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
        });
        ranks.collect()
    }

    /// Keeps a failure unless there was one before; returns the first one.
    fn fail(&self, failure: RanksError) -> RanksError {
        let mut first = self.first_failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(failure).clone()
    }

    fn send(&self, to: usize, message: Message) -> Result<(), RanksError> {
        self.sent.fetch_add(message.len() as u64, Ordering::Relaxed);
        self.to[to].send(message).map_err(|_| self.fail(RanksError::Ended { rank: to }))
    }

    fn receive(&self, rank: usize, into: &mut [u8]) -> Result<(), RanksError> {
        let queue = self.from[rank].lock().unwrap_or_else(PoisonError::into_inner);
        let message = queue.recv_timeout(self.limit).map_err(|problem| {
            self.fail(match problem {
                RecvTimeoutError::Timeout => RanksError::Silent { rank, limit: self.limit },
                RecvTimeoutError::Disconnected => RanksError::Ended { rank },
            })
        })?;
        if message.len() != into.len() {
            return Err(self.fail(RanksError::Length { rank, expected: into.len(), found: message.len() }));
        }
        self.received.fetch_add(message.len() as u64, Ordering::Relaxed);
        into.copy_from_slice(&message);
        Ok(())
    }

    fn send_to_others(&self, bytes: &[u8]) -> Result<(), RanksError> {
        let message: Message = bytes.into();
        (0..self.size()).filter(|&rank| rank != self.rank).try_for_each(|rank| self.send(rank, message.clone()))
    }
}

/// The others may still wait for this rank: it is named as the first that ended, before its queues are closed.
impl Drop for Threads {
    fn drop(&mut self) {
        self.fail(RanksError::Ended { rank: self.rank });
    }
}

impl Transport for Threads {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.to.len()
    }

    fn time_out(&self) -> Duration {
        self.limit
    }

    fn traffic(&self) -> Traffic {
        Traffic { sent: self.sent.load(Ordering::Relaxed), received: self.received.load(Ordering::Relaxed) }
    }

    fn all_gather(&self, own: &[u8], lengths: &[usize], mut whole: &mut [u8]) -> Result<(), RanksError> {
        self.send_to_others(own)?;
        for (rank, &length) in lengths.iter().enumerate() {
            let (part, rest) = whole.split_at_mut(length);
            if rank == self.rank {
                part.copy_from_slice(own);
            } else {
                self.receive(rank, part)?;
            }
            whole = rest;
        }
        Ok(())
    }

    fn broadcast(&self, root: usize, bytes: &mut [u8]) -> Result<(), RanksError> {
        if root == self.rank { self.send_to_others(bytes) } else { self.receive(root, bytes) }
    }

    fn send_to_next(&self, bytes: &[u8]) -> Result<(), RanksError> {
        self.send(self.rank + 1, bytes.into())
    }

    fn receive_from_previous(&self, bytes: &mut [u8]) -> Result<(), RanksError> {
        self.receive(self.rank - 1, bytes)
    }
}
