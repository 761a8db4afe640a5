//! Loops over blocks of work on all threads.
//!
//! Rayon's own loops are compiled again for each body, some 2,000 lines of intermediate code at a time, and the crates above have more than a
//! hundred bodies. Here the part that talks to rayon is compiled once. A task is handed to its body through a lock that nobody else asks
//! for, which costs some 20 ns: so a task is a block of rows, never a single number.

use rayon::prelude::*;
use std::sync::Mutex;

/// Runs `body` on each task, on all threads.
///
/// ```
/// use anchorrec_kernels::tasks::each;
/// let mut numbers = [1, 2, 3, 4, 5];
/// each(numbers.chunks_mut(2).enumerate(), |(block, numbers)| numbers.iter_mut().for_each(|n| *n += 10 * block));
/// assert_eq!(numbers, [1, 2, 13, 14, 25]);
/// ```
pub fn each<T: Send>(tasks: impl IntoIterator<Item = T>, body: impl Fn(T) + Sync) {
    let tasks: Vec<Mutex<Option<T>>> = tasks.into_iter().map(|task| Mutex::new(Some(task))).collect();
    on_all_threads(tasks.len(), &|n| body(take(&tasks[n])));
}

/// Returns what `body` makes of each task, in the order of the tasks.
///
/// ```
/// use anchorrec_kernels::tasks::map;
/// assert_eq!(map([1, 2, 3, 4, 5].chunks(2), |numbers| numbers.iter().sum::<i32>()), [3, 7, 5]);
/// ```
pub fn map<T: Send, R: Send>(tasks: impl IntoIterator<Item = T>, body: impl Fn(T) -> R + Sync) -> Vec<R> {
    let tasks: Vec<Mutex<Option<T>>> = tasks.into_iter().map(|task| Mutex::new(Some(task))).collect();
    let made: Vec<Mutex<Option<R>>> = tasks.iter().map(|_| Mutex::new(None)).collect();
    on_all_threads(tasks.len(), &|n| {
        let result = body(take(&tasks[n]));
        *made[n].lock().expect("a place that one task writes") = Some(result);
    });
    made.iter().map(take).collect()
}

/// What is in a place that is filled once and emptied once.
fn take<T>(place: &Mutex<Option<T>>) -> T {
    place.lock().expect("a place that one task holds").take().expect("a place that is emptied once")
}

/// The loop itself, compiled once for every body.
fn on_all_threads(tasks: usize, body: &(dyn Fn(usize) + Sync)) {
    if tasks == 1 {
        return body(0);
    }
    (0..tasks).into_par_iter().for_each(body);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn every_task_runs_once_and_results_keep_their_order() {
        for tasks in [0, 1, 2, 3, 1000] {
            let runs: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
            let count = |n: usize| {
                runs[n].fetch_add(1, Ordering::Relaxed);
                n * n
            };
            each(0..tasks, |n| assert_eq!(count(n), n * n));
            assert_eq!(map(0..tasks, count), (0..tasks).map(|n| n * n).collect::<Vec<_>>());
            assert!(runs.iter().all(|runs| runs.load(Ordering::Relaxed) == 2));
        }
    }

    #[test]
    fn tasks_within_tasks_and_a_panic_reach_the_caller() {
        let sums = map(0..20_u64, |n| map(0..n, |m| n * m).iter().sum::<u64>());
        assert_eq!(sums, (0..20_u64).map(|n| n * (n * n.saturating_sub(1) / 2)).collect::<Vec<_>>());
        let broken = catch_unwind(AssertUnwindSafe(|| each(0..9, |n| assert!(n != 5, "the sixth task"))));
        assert!(broken.is_err());
    }
}
