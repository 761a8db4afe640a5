//! Asking for memory before it is needed.

/// Bytes of a cache line.
const LINE: usize = 64;

/// Asks the processor to bring `data` into its caches. A hint: it changes no value, and is nothing on processors for which
/// no instruction is known here.
#[inline(always)]
pub fn prefetch<T>(data: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start = data.as_ptr().cast::<i8>();
        for offset in (0..size_of_val(data)).step_by(LINE) {
            #[allow(unsafe_code)]
            // SAFETY: `offset` is inside `data`, so the address is too; and prefetching is no access: it cannot
            // fault and has no effect that a program can observe. SSE is part of every x86-64.
            unsafe {
                _mm_prefetch::<_MM_HINT_T0>(start.add(offset));
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = data;
}
