//! Keeping the memory that a training step frees.
//!
//! A step makes and drops some dozens of arrays of several megabytes. The GNU allocator returns memory of that size to the
//! system and asks for it again a moment later, and every page then costs a fault: measured, a third of a step of LightGCN.
//! Raising two thresholds keeps it. Other systems' allocators are left as they are.

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
