//! Calls into libraries that assert some things about files which damaged ones do not keep.
//!
//! Such a panic becomes an error, but the process's panic hook has printed it by then. The hook belongs to the program and not to this
//! crate, which leaves it alone: a program that wants one line and no more asks [`is_guarded`] in its hook, or calls [`quiet`] when it starts.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Calls `work`; `None` when it panics.
pub(crate) fn call<T>(work: impl FnOnce() -> T) -> Option<T> {
    let outer = GUARDED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    outcome.ok()
}

/// Returns whether a panic of this thread would become an error: then a hook has nothing to print.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Makes the process's panic hook pass over guarded panics and leaves it as it is for all others. For programs, once, at their start.
pub fn quiet() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !is_guarded() {
            before(panic);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_and_the_mark_is_taken_away() {
        assert!(!is_guarded());
        assert_eq!(call(|| call(|| panic!("meant")).is_none() && is_guarded()), Some(true));
        assert!(!is_guarded());
    }
}
