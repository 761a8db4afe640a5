//! The server: an address, a run, and the signals that it listens to.

use crate::app::App;
use crate::connection;
use crate::guard::{Guard, GuardError};
use crate::limits::Limits;
use crate::load_error::LoadError;
use crate::metrics::Metrics;
use crate::queue::Queue;
use crate::routes::{PATHS, routes};
use crate::swap::{Load, Log, Stamp, Swap};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How often a watched run is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Where and how a server listens.
pub struct Options {
    /// The address; port 0 takes any free one.
    pub address: SocketAddr,
    /// The file of the token that clients must send.
    pub token_file: Option<PathBuf>,
    /// A run's folder or record that is loaded again when it changes.
    pub watch: Option<PathBuf>,
    /// Threads that make lists.
    pub threads: usize,
    /// How much one client may ask for.
    pub limits: Limits,
}

/// Why a server does not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address or the token is not safe.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// The run cannot be served.
    #[error(transparent)]
    Load(LoadError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: choose another one with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread or no signal.
    #[error("cannot start")]
    Start(#[from] io::Error),
}

/// A server that listens and has not begun to answer.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
    /// A run to be watched, as it was before it was loaded.
    watch: Option<(PathBuf, Stamp)>,
    log: Log,
}

/// What tells a server to end, or to load its run again.
#[derive(Clone)]
pub struct Handle {
    app: Arc<App>,
    stop: watch::Sender<bool>,
}

impl Handle {
    /// Ends the server after the requests that it is at.
    pub fn stop(&self) {
        self.app.is_ending.store(true, Relaxed);
        self.stop.send_replace(true);
    }

    /// Loads the run again; returns whether there is a new one. Waits for that, which can take minutes.
    pub fn reload(&self) -> bool {
        self.app.swap.reload()
    }
}

impl Server {
    /// Loads the first run and begins to listen. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// When the address is not safe, the run cannot be loaded, or the address is taken.
    pub async fn bind(options: Options, load: Load, log: Log) -> Result<Self, ServeError> {
        let Options { address, token_file, watch, threads, limits } = options;
        let (guard, note) = Guard::new(address, token_file.as_deref())?;
        note.iter().for_each(|note| log(&format!("note: {note}")));
        // A taken address is known before the run is loaded, which takes long.
        let listen = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        // What changes while the run is loaded is a change.
        let watch = watch.map(|path| (path.clone(), Stamp::of(&path)));
        let (metrics, limits) = (Arc::new(Metrics::new(PATHS)), Arc::new(limits));
        let swap = Arc::new(Swap::new(load, log.clone(), metrics.clone()).map_err(ServeError::Load)?);
        let queue = Queue::new(threads, &limits, metrics.clone())?;
        let app = Arc::new(App { swap, queue, metrics, limits, guard, is_ending: AtomicBool::new(false) });
        Ok(Server { listener, address, app, watch, log })
    }

    /// Returns the address, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what is said of the run that is served.
    pub fn about(&self) -> crate::served::About {
        self.app.swap.current().served.about.clone()
    }

    /// Begins to answer. The future ends when the server does; whoever has the handle ends it.
    pub fn start(self) -> (Handle, impl Future<Output = ()> + Send) {
        let (stop, stopped) = watch::channel(false);
        let handle = Handle { app: self.app.clone(), stop };
        let Server { listener, app, watch, log, .. } = self;
        if let Some((path, before)) = watch {
            tokio::spawn(look(path, before, handle.clone(), stopped.clone()));
        }
        let (limits, metrics) = (app.limits.clone(), app.metrics.clone());
        let ended = connection::accept(listener, routes(app), limits, metrics, stopped, log);
        (handle, ended)
    }
}

/// Loads a run again whenever its record is another one than before. A state that could not be loaded is not tried again until it changes.
async fn look(path: PathBuf, mut before: Stamp, handle: Handle, mut stopped: watch::Receiver<bool>) {
    while tokio::time::timeout(LOOK, stopped.wait_for(|stopped| *stopped)).await.is_err() {
        let now = Stamp::of(&path);
        // While a run is replaced there may be none for a moment.
        if now != before && now.is_there() {
            before = now;
            let handle = handle.clone();
            let _ = tokio::task::spawn_blocking(move || handle.reload()).await;
        }
    }
}

/// Serves until SIGTERM or Ctrl-C; SIGHUP loads the run again. `listening` is called once with the address, when requests are answered.
///
/// # Errors
/// When the server does not start.
pub fn serve(
    options: Options,
    load: Load,
    log: Log,
    listening: impl FnOnce(SocketAddr, &crate::served::About),
) -> Result<(), ServeError> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // Blocking threads parse long bodies and load runs.
    runtime.enable_all().worker_threads(options.threads.clamp(1, 8)).max_blocking_threads(8).thread_name("http");
    let runtime = runtime.build()?;
    runtime.block_on(async {
        let mut signals = Signals::new()?;
        let server = Server::bind(options, load, log.clone()).await?;
        listening(server.address(), &server.about());
        let (handle, ended) = server.start();
        let mut ended = std::pin::pin!(ended);
        let mut asked: Option<Instant> = None;
        loop {
            let signal = tokio::select! {
                () = ended.as_mut() => return Ok(()),
                signal = signals.next() => signal,
            };
            match signal {
                Signal::Reload => {
                    let handle = handle.clone();
                    tokio::task::spawn_blocking(move || handle.reload());
                }
                // `timeout` signals a process and then its group: what comes within a second is the same request. A later one does not wait.
                Signal::End if asked.is_some_and(|asked| asked.elapsed() > Duration::from_secs(1)) => return Ok(()),
                Signal::End if asked.is_some() => {}
                Signal::End => {
                    log("ending: requests that were begun are answered");
                    asked = Some(Instant::now());
                    handle.stop();
                }
            }
        }
    })
}

enum Signal {
    Reload,
    End,
}

#[cfg(unix)]
struct Signals {
    hangup: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.hangup.recv() => Signal::Reload,
            _ = self.terminate.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::End
    }
}
