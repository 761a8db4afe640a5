//! Connections: how many there are, and how slow a client may be.

use crate::limits::{Limits, SLOWEST, TURNS};
use crate::metrics::Metrics;
use crate::swap::Log;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, Sleep, sleep, timeout};

/// Bytes of a request line with its headers.
const HEADERS: usize = 64 << 10;

/// Accepts connections until `stop` holds true; then ends each after the request that it is at, within the time of the limits.
pub async fn accept(
    listener: TcpListener,
    routes: Router,
    limits: Arc<Limits>,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
    log: Log,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut faults = Faults::default();
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place.expect("nobody closes the places"),
            () = stopped(&mut stop) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => {
                faults.end();
                stream
            }
            Err(error) => {
                // Too many open files, or a client that went away before it was there: neither ends the server.
                faults.next(&error).into_iter().for_each(|line| log(&line));
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (routes, limits, metrics, stop) = (routes.clone(), limits.clone(), metrics.clone(), stop.clone());
        tokio::spawn(async move {
            metrics.connections.fetch_add(1, Relaxed);
            answer(stream, routes, &limits, &metrics, stop).await;
            metrics.connections.fetch_sub(1, Relaxed);
            drop(place);
        });
    }
    drop(listener);
    let open = places.acquire_many(limits.connections as u32);
    if timeout(limits.grace + Duration::from_millis(500), open).await.is_err() {
        log("some requests had not ended in time and were cut off");
    }
}

async fn answer(
    stream: TcpStream,
    routes: Router,
    limits: &Limits,
    metrics: &Metrics,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and whole: nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.header).max_buf_size(HEADERS);
    let has_begun = Arc::new(AtomicBool::new(false));
    let stream = TokioIo::new(Impatient::new(stream, limits.write, has_begun.clone()));
    let mut connection = pin!(http.serve_connection(stream, TowerToHyperService::new(routes)));
    let ended = tokio::select! {
        ended = connection.as_mut() => Ok(ended),
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            timeout(limits.grace, connection).await
        }
    };
    let counter = match ended {
        // The time for a head runs between two requests too: a connection that is kept for a request that never comes is not slow.
        Ok(Err(error)) if error.is_timeout() && !has_begun.load(Relaxed) => &metrics.idle,
        Ok(Err(error)) if error.is_timeout() || is_slow(&error) => &metrics.slow,
        _ => return,
    };
    counter.fetch_add(1, Relaxed);
}

/// Waits until the server ends.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Whoever could say so went away: that is an end too.
    let _ = stop.wait_for(|stop| *stop).await.is_ok();
}

fn is_slow(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}

/// Connections that cannot be accepted: the same fault is said once, however often it comes.
#[derive(Default)]
struct Faults(Option<String>);

impl Faults {
    /// Returns what the log should say of a fault; nothing where it was said before.
    fn next(&mut self, error: &io::Error) -> Option<String> {
        let fault = error.to_string();
        let is_new = self.0.as_ref() != Some(&fault);
        let line = || format!("error: connections cannot be accepted; the server tries again: {fault}");
        let line = is_new.then(line);
        self.0 = Some(fault);
        line
    }

    /// Forgets the fault, since a connection was accepted.
    fn end(&mut self) {
        self.0 = None;
    }
}

/// How fast the other side takes what is written.
struct Pace {
    patience: Duration,
    /// The end of the time in which the next part must go; runs while something waits to be written.
    until: Pin<Box<Sleep>>,
    is_waiting: bool,
    /// The most bytes that waited to be written since the other side fell behind: about the length of the answer.
    behind: usize,
    /// Bytes that went since the time began.
    written: usize,
}

impl Pace {
    fn new(patience: Duration) -> Self {
        Pace { patience, until: Box::pin(sleep(patience)), is_waiting: false, behind: 0, written: 0 }
    }

    /// Looks at the clock where nothing of `asked` bytes can be written.
    fn wait(&mut self, asked: usize, context: &mut Context) -> Poll<io::Result<usize>> {
        if !self.is_waiting {
            (self.is_waiting, self.behind, self.written) = (true, 0, 0);
            self.until.as_mut().reset(Instant::now() + self.patience);
        }
        self.behind = self.behind.max(asked);
        while self.until.as_mut().poll(context).is_ready() {
            if self.written < SLOWEST.max(self.behind / TURNS) {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")));
            }
            self.written = 0;
            self.until.as_mut().reset(Instant::now() + self.patience);
        }
        Poll::Pending
    }

    fn wrote(
        &mut self,
        written: Poll<io::Result<usize>>,
        asked: usize,
        context: &mut Context,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => self.wait(asked, context),
            Poll::Ready(Ok(bytes)) => {
                self.written += bytes;
                // Everything went at once: the client keeps up.
                self.is_waiting &= bytes < asked;
                Poll::Ready(Ok(bytes))
            }
            error => error,
        }
    }
}

/// A stream that ends where the other side does not take what is written.
struct Impatient {
    stream: TcpStream,
    pace: Pace,
    /// Whether bytes of a request came since the last answer went.
    has_begun: Arc<AtomicBool>,
}

impl Impatient {
    fn new(stream: TcpStream, patience: Duration, has_begun: Arc<AtomicBool>) -> Self {
        Impatient { stream, pace: Pace::new(patience), has_begun }
    }

    fn wrote(
        &mut self,
        written: Poll<io::Result<usize>>,
        asked: usize,
        context: &mut Context,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.has_begun.store(false, Relaxed);
        }
        self.pace.wrote(written, asked, context)
    }
}

impl AsyncRead for Impatient {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            this.has_begun.store(true, Relaxed);
        }
        read
    }
}

impl AsyncWrite for Impatient {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.wrote(written, bytes.len(), context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context,
        slices: &[io::IoSlice],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.wrote(written, slices.iter().map(|slice| slice.len()).sum(), context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    /// What comes of an answer of a million bytes of which a client takes so many in each 40 ms, where the patience is half a second.
    async fn taken(each: usize) -> io::Result<usize> {
        let (mut pace, mut left) = (Pace::new(Duration::from_millis(500)), 1_000_000);
        while left > 0 {
            let mut pause = pin!(sleep(Duration::from_millis(40)));
            poll_fn(|context| match pace.wrote(Poll::Pending, left, context) {
                Poll::Pending => pause.as_mut().poll(context).map(|()| Ok(0)),
                late => late,
            })
            .await?;
            let bytes = each.min(left);
            left -= poll_fn(|context| pace.wrote(Poll::Ready(Ok(bytes)), left, context)).await?;
        }
        Ok(left)
    }

    #[tokio::test]
    async fn a_long_answer_must_be_read_in_a_bounded_time() {
        assert_eq!(taken(200_000).await.unwrap(), 0);
        // More than the slowest that is allowed, and too little for a million bytes.
        const { assert!(10_000 * 12 > SLOWEST) };
        assert_eq!(taken(10_000).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_fault_that_comes_again_and_again_is_said_once() {
        let (mut faults, many) = (Faults::default(), || io::Error::from_raw_os_error(24));
        assert!(faults.next(&many()).unwrap().contains("os error 24"));
        assert_eq!((faults.next(&many()), faults.next(&many())), (None, None));
        assert!(faults.next(&io::Error::from_raw_os_error(103)).is_some(), "another fault");
        faults.end();
        assert!(faults.next(&many()).is_some(), "after a time without one");
    }
}
