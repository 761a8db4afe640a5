//! Work that would hold up the clients of a thread that reads requests: it goes to threads of its own, and only so much of it waits.

use crate::refusal::Refusal;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// A place for work that takes long: searches, long bodies, long histories.
pub struct Aside {
    places: Arc<Semaphore>,
    /// Time for a piece of work, waiting included.
    time: Duration,
}

impl Aside {
    /// Makes a place for `most` pieces of work, those that wait included, each to be done in `time`.
    pub fn new(most: usize, time: Duration) -> Self {
        Aside { places: Arc::new(Semaphore::new(most)), time }
    }

    /// Does a piece of work on another thread. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// When too much waits already, the work is not done in time, or it refuses something itself.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let late = || Refusal::new(503, "busy", "this was not done in time: try again in a second");
        let busy = |_| Refusal::new(503, "busy", "too many searches and long bodies wait: try again in a second");
        let place = self.places.clone().try_acquire_owned().map_err(busy)?;
        let until = Instant::now() + self.time;
        let done = tokio::task::spawn_blocking(move || {
            // The place is free when the work is over, not when its client gave up.
            let _place = place;
            if Instant::now() > until { Err(late()) } else { work() }
        });
        match timeout(self.time, done).await {
            Ok(done) => done.unwrap_or_else(|_| Err(Refusal::failed())),
            Err(_) => Err(late()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[tokio::test]
    async fn what_is_too_much_or_too_slow_is_refused_and_the_place_is_free_when_the_work_is_over() {
        let aside = Aside::new(1, Duration::from_millis(500));
        let (go, wait) = channel::<()>();
        let late = aside.run(move || Ok(wait.recv().is_ok())).await.unwrap_err();
        assert_eq!((late.status, late.message.contains("not done in time")), (503, true));
        let busy = aside.run(|| Ok(())).await.unwrap_err();
        assert_eq!((busy.reason, busy.message.contains("too many")), ("busy", true));
        go.send(()).unwrap();
        while aside.places.available_permits() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(aside.run(|| Ok(7)).await, Ok(7));
        let aside = Aside::new(1, Duration::from_secs(60));
        let failed = aside.run(|| -> Result<(), Refusal> { panic!("a fault") }).await.unwrap_err();
        assert_eq!((failed.status, failed.reason), (500, "failed"));
        assert_eq!(aside.run(|| Ok(8)).await, Ok(8));
    }
}
