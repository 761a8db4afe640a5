//! Connections: how many there are, and how slow a client may be.

use crate::limits::{Limits, SLOWEST};
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
use std::sync::atomic::Ordering::Relaxed;
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
            Ok((stream, _)) => stream,
            Err(error) => {
                // Too many open files, or a client that went away before it was there: neither ends the server.
                log(&format!("error: a connection could not be accepted: {error}"));
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
    let stream = TokioIo::new(Impatient::new(stream, limits.write));
    let mut connection = pin!(http.serve_connection(stream, TowerToHyperService::new(routes)));
    let ended = tokio::select! {
        ended = connection.as_mut() => Ok(ended),
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            timeout(limits.grace, connection).await
        }
    };
    if let Ok(Err(error)) = ended
        && (error.is_timeout() || is_slow(&error))
    {
        metrics.slow.fetch_add(1, Relaxed);
    }
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

/// A stream that ends where the other side does not take what is written.
struct Impatient {
    stream: TcpStream,
    patience: Duration,
    /// The end of the time in which [`SLOWEST`] bytes must go; runs while something waits to be written.
    until: Pin<Box<Sleep>>,
    is_waiting: bool,
    /// Bytes that went since the time began.
    written: usize,
}

impl Impatient {
    fn new(stream: TcpStream, patience: Duration) -> Self {
        Impatient { stream, patience, until: Box::pin(sleep(patience)), is_waiting: false, written: 0 }
    }

    /// Looks at the clock where nothing can be written.
    fn wait(&mut self, context: &mut Context) -> Poll<io::Result<usize>> {
        if !self.is_waiting {
            (self.is_waiting, self.written) = (true, 0);
            self.until.as_mut().reset(Instant::now() + self.patience);
        }
        while self.until.as_mut().poll(context).is_ready() {
            if self.written < SLOWEST {
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
            Poll::Pending => self.wait(context),
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

impl AsyncRead for Impatient {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
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
