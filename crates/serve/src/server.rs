//! The server: an address, a run, and the signals that it listens to.

use crate::app::App;
use crate::aside::Aside;
use crate::connection;
use crate::guard::{Guard, GuardError};
use crate::limits::Limits;
use crate::load_error::LoadError;
use crate::metrics::Metrics;
use crate::open_files;
use crate::queue::Queue;
use crate::routes::{PATHS, routes};
use crate::served::About;
use crate::stamp::Stamp;
use crate::swap::{Load, Log, Swap};
use crate::unread::Unread;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// How often a watched run is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Where and how a server listens.
pub struct Options {
    /// The address; port 0 takes any free one.
    pub address: SocketAddr,
    /// The file of the token that clients must send.
    pub token_file: Option<PathBuf>,
    /// The folder or record of a run that is loaded again when it changes.
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
    watch: Option<PathBuf>,
}

/// What loads the run of a server, again and again, and tells it to end.
#[derive(Clone)]
pub struct Handle {
    app: Arc<App>,
    watch: Option<PathBuf>,
    /// Asks for the run to be loaded again; what is asked for twice while a run is loaded is done once.
    again: Arc<Notify>,
    stop: watch::Sender<bool>,
}

impl Handle {
    /// Loads the first run; until then every request for lists is refused. From then on the run is loaded again when that is asked for, or when a watched
    /// one changes. Must be called in a tokio runtime, and once.
    ///
    /// # Errors
    /// When the run cannot be loaded.
    pub async fn load(&self) -> Result<About, ServeError> {
        // What changes while the run is loaded is a change.
        let watch = self.watch.as_ref().map(|path| (path.clone(), Stamp::of(path)));
        let swap = self.app.swap.clone();
        let loaded = spawn_blocking(move || swap.first()).await;
        let current = loaded.unwrap_or_else(|fault| Err(fault.into())).map_err(ServeError::Load)?;
        tokio::spawn(follow(self.app.clone(), watch, self.again.clone(), self.stop.subscribe()));
        Ok(current.served.about.clone())
    }

    /// Ends the server after the requests that it is at.
    pub fn stop(&self) {
        self.app.is_ending.store(true, Relaxed);
        self.stop.send_replace(true);
    }

    /// Loads the run and the token again; returns whether there is a new run. Waits for that, which can take minutes.
    pub fn reload(&self) -> bool {
        self.app.reload()
    }

    /// Asks for the run to be loaded again and does not wait for it. However often this is called while a run is loaded, one more is loaded behind it.
    pub fn ask_to_reload(&self) {
        self.again.notify_one();
    }
}

impl Server {
    /// Begins to listen. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// When the address is not safe or is taken.
    pub async fn bind(options: Options, load: Load, log: Log) -> Result<Self, ServeError> {
        let Options { address, token_file, watch, threads, mut limits } = options;
        let (guard, note) = Guard::new(address, token_file.as_deref())?;
        note.iter().for_each(|note| log(&format!("note: {note}")));
        // A taken address is known before the run is loaded, which takes long.
        let listen = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        limits.connections = open_files::connections(limits.connections, &log);
        let (metrics, limits) = (Arc::new(Metrics::new(PATHS)), Arc::new(limits));
        let swap = Arc::new(Swap::new(load, log.clone(), metrics.clone()));
        let queue = Queue::new(threads, &limits, metrics.clone())?;
        let (aside, unread) = (Aside::new(limits.aside, limits.request), Unread::new(limits.unread));
        let is_ending = AtomicBool::new(false);
        let app = Arc::new(App { swap, queue, aside, unread, metrics, limits, guard, log, is_ending });
        Ok(Server { listener, address, app, watch })
    }

    /// Returns the address, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to answer; whoever has the handle loads the run and ends the server. The future ends when the server does.
    pub fn start(self) -> (Handle, impl Future<Output = ()> + Send) {
        let (stop, stopped) = watch::channel(false);
        let Server { listener, app, watch, .. } = self;
        let handle = Handle { app: app.clone(), watch, again: Arc::default(), stop };
        let (limits, metrics, log) = (app.limits.clone(), app.metrics.clone(), app.log.clone());
        let ended = connection::accept(listener, routes(app), limits, metrics, stopped, log);
        (handle, ended)
    }
}

/// Loads a run again whenever that is asked for, and whenever a watched one has changed and then stayed as it is for a look: whoever copies a run writes
/// one file after another. A state that could not be loaded is not tried again until it changes or somebody asks.
async fn follow(
    app: Arc<App>,
    mut watched: Option<(PathBuf, Stamp)>,
    again: Arc<Notify>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut seen = watched.as_ref().map(|watched| watched.1.clone());
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = again.notified() => {}
            () = sleep(LOOK), if watched.is_some() => {
                let Some((path, loaded)) = &mut watched else { continue };
                let now = Stamp::of(path);
                let stays = seen.replace(now.clone()).is_some_and(|seen| seen == now);
                // While a run is replaced there may be none for a moment.
                if !stays || now == *loaded || !now.is_there() {
                    continue;
                }
                *loaded = now;
            }
        }
        let app = app.clone();
        // A fault in a run leaves the old one, like any other.
        let _ = spawn_blocking(move || app.reload()).await;
    }
}

/// Serves until SIGTERM or Ctrl-C; SIGHUP loads the run again. `ready` is called once with the address, when the run is loaded.
///
/// # Errors
/// When the server does not start.
pub fn serve(options: Options, load: Load, log: Log, ready: impl FnOnce(SocketAddr, &About)) -> Result<(), ServeError> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // Blocking threads parse long bodies, search, and load runs.
    runtime.enable_all().worker_threads(options.threads.clamp(1, 8)).max_blocking_threads(8).thread_name("http");
    let runtime = runtime.build()?;
    let ended = runtime.block_on(until_ended(options, load, log, ready));
    // Nobody waits for a run that is still being loaded.
    runtime.shutdown_background();
    ended
}

async fn until_ended(
    options: Options,
    load: Load,
    log: Log,
    ready: impl FnOnce(SocketAddr, &About),
) -> Result<(), ServeError> {
    let mut signals = Signals::new()?;
    let server = Server::bind(options, load, log.clone()).await?;
    let address = server.address();
    let (handle, ended) = server.start();
    log(&format!("loading the run; until then http://{address} answers 503, and /healthz 200"));
    let (mut ended, mut loaded) = (pin!(ended), pin!(handle.load()));
    let mut ready = Some(ready);
    let mut asked: Option<Instant> = None;
    loop {
        let signal = tokio::select! {
            () = ended.as_mut() => return Ok(()),
            loaded = loaded.as_mut(), if ready.is_some() => {
                let about = loaded?;
                ready.take().into_iter().for_each(|ready| ready(address, &about));
                continue;
            }
            signal = signals.next() => signal,
        };
        match signal {
            Signal::Reload => handle.ask_to_reload(),
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
