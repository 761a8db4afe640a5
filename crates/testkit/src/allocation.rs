//! How much memory something asks for, at its highest.
//!
//! A test binary declares [`Counting`] as its allocator and measures with `peak_of`. What is counted is what is *asked for*: a
//! request for a terabyte counts whether the system grants it or not, and memory that is never touched counts too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes that are allocated now, by all threads.
static NOW: AtomicUsize = AtomicUsize::new(0);
/// The most there ever were since the last start.
static HIGHEST: AtomicUsize = AtomicUsize::new(0);
/// Held while one test measures: the counters belong to the process.
static ALONE: Mutex<()> = Mutex::new(());

/// The system's allocator, which counts.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: anchorrec_testkit::allocation::Counting = anchorrec_testkit::allocation::Counting;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Counting;

fn add(bytes: usize) {
    let now = NOW.fetch_add(bytes, Relaxed).wrapping_add(bytes);
    HIGHEST.fetch_max(now, Relaxed);
}

fn remove(bytes: usize) {
    NOW.fetch_sub(bytes, Relaxed);
}

// SAFETY: every call goes to the system's allocator unchanged; counting neither allocates nor panics.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promises are those that `System` asks for; so below.
        let allocation = unsafe { System.alloc(layout) };
        if allocation.is_null() {
            remove(layout.size());
        }
        allocation
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: see `alloc`.
        let allocation = unsafe { System.alloc_zeroed(layout) };
        if allocation.is_null() {
            remove(layout.size());
        }
        allocation
    }

    unsafe fn dealloc(&self, allocation: *mut u8, layout: Layout) {
        remove(layout.size());
        // SAFETY: see `alloc`.
        unsafe { System.dealloc(allocation, layout) }
    }

    unsafe fn realloc(&self, allocation: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Old and new may both be there while one is copied into the other.
        add(size);
        // SAFETY: see `alloc`.
        let moved = unsafe { System.realloc(allocation, layout, size) };
        remove(if moved.is_null() { size } else { layout.size() });
        moved
    }
}

/// The right to measure, which one test of a process has at a time. Tests that allocate beside a measurement would be counted in
/// it, so every test of a binary that measures takes it, and keeps it to its end.
pub struct Alone(#[allow(dead_code, reason = "held, not read")] MutexGuard<'static, ()>);

/// Waits for the right to measure. A test that failed while it had it does not make the others fail.
pub fn alone() -> Alone {
    Alone(ALONE.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Alone {
    /// Runs `work` and returns its result, and the most bytes that were allocated during it above those that already were.
    ///
    /// # Panics
    /// When [`Counting`] is not the allocator of this process: zero would be a comfortable answer.
    pub fn peak_of<T>(&self, work: impl FnOnce() -> T) -> (T, usize) {
        let before = NOW.load(Relaxed);
        assert!(before > 0, "declare `Counting` as the #[global_allocator] of this binary");
        HIGHEST.store(before, Relaxed);
        let done = work();
        (done, HIGHEST.load(Relaxed).saturating_sub(before))
    }
}
