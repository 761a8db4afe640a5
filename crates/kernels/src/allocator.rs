//! Keeping the memory that a training step frees.
//!
//! A step makes and drops some dozens of arrays of several megabytes. The GNU allocator returns memory of that size to the
//! system and asks for it again a moment later, and every page then costs a fault: measured, a third of a step of LightGCN.
//! Raising two thresholds keeps it. Other systems' allocators are left as they are.
//!
//! The tables of a model and their moments are gigabytes that are touched for the first time at the start, 4 KiB a fault.
//! [`HugePages`] asks for pages of 2 MiB instead, which takes a second off the start of Amazon Sports.

use std::alloc::{GlobalAlloc, Layout, System};

/// Asks the allocator to keep up to 4 GiB of freed memory for reuse, and to serve all but huge requests from it.
///
/// Meant for the start of a program that trains: it changes the whole process. Does nothing where the C library is
/// not GNU's.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code)]
    // SAFETY: mallopt takes two integers and changes settings under the allocator's own lock; it is documented as
    // thread-safe and has no effect on memory already handed out.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        // More heaps than threads that allocate would each keep their own.
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// The system's allocator, with huge pages for large allocations where the system gives them on request (Linux's `madvise`).
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: anchorrec_kernels::allocator::HugePages = anchorrec_kernels::allocator::HugePages;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HugePages;

/// Allocations from this size on: two huge pages, so that one is inside wherever the allocation starts.
const LARGE: usize = 4 << 20;

impl HugePages {
    fn advise(allocation: *mut u8, layout: Layout) -> *mut u8 {
        #[cfg(target_os = "linux")]
        if layout.size() >= LARGE && !allocation.is_null() {
            const PAGE: usize = 4096;
            let inside = allocation.align_offset(PAGE);
            // SAFETY: the range lies inside the allocation; the advice changes what backs the memory, never what it holds. Where the
            // system does not know it, nothing happens.
            #[allow(unsafe_code)]
            unsafe {
                let start = allocation.add(inside).cast();
                libc::madvise(start, (layout.size() - inside) / PAGE * PAGE, libc::MADV_HUGEPAGE);
            }
        }
        allocation
    }
}

// SAFETY: every call goes to the system's allocator unchanged.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for HugePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that `System` asks for; so below.
        Self::advise(unsafe { System.alloc(layout) }, layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see `alloc`.
        Self::advise(unsafe { System.alloc_zeroed(layout) }, layout)
    }

    unsafe fn dealloc(&self, allocation: *mut u8, layout: Layout) {
        // SAFETY: see `alloc`.
        unsafe { System.dealloc(allocation, layout) }
    }

    unsafe fn realloc(&self, allocation: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: see `alloc`.
        let grown = unsafe { System.realloc(allocation, layout, size) };
        // What grows by doubling was small when it was allocated.
        match Layout::from_size_align(size, layout.align()) {
            Ok(layout) => Self::advise(grown, layout),
            Err(_) => grown,
        }
    }
}
