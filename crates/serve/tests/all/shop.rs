//! A small shop, and a server of it.

use anchorrec_data::Dataset;
use anchorrec_recommender::Embeddings;
use anchorrec_retrieval::fold_in::Way;
use anchorrec_serve::load_error::LoadError;
use anchorrec_serve::server::Handle;
use anchorrec_serve::swap::Log;
use anchorrec_serve::{About, Limits, Options, Served, Server};
use anchorrec_testkit::random;
use ndarray::Array2;
use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const USERS: usize = 60;
pub const ITEMS: usize = 700;

/// A folder with a data set: `u0` to `u59` have ten items each of `i0` to `i699`; the last user has a test row only, item 5 no image of its own.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let mut rows = "userID\titemID\tx_label\n".to_owned();
    for user in 0..USERS - 1 {
        for n in 0..10 {
            writeln!(rows, "{user}\t{}\t{}", (user * 37 + n * n * 11) % ITEMS, [0, 0, 0, 0, 0, 0, 0, 0, 1, 2][n])
                .unwrap();
        }
    }
    writeln!(rows, "{}\t3\t2", USERS - 1).unwrap();
    write("shop.inter", &rows);
    let ids = |head: &str, letter: char, count: usize| {
        (0..count).fold(format!("{head}\n"), |text, n| text + &format!("{letter}{n},{n}\n"))
    };
    write("i_id_mapping.csv", &ids("asin,itemID", 'i', ITEMS));
    write("u_id_mapping.csv", &ids("user_id,userID", 'u', USERS));
    let title = |n: usize| match n % 3 {
        0 => format!("{{\"itemID\":{n},\"asin\":\"i{n}\",\"title\":\"Pot \\\"{n}\\\", <b>red</b>\"}}\n"),
        _ => format!("{{\"itemID\":{n},\"asin\":\"i{n}\"}}\n"),
    };
    write("items.jsonl", &(0..ITEMS).map(title).collect::<String>());
    let image = |n: usize| format!("{{\"itemID\":{n},\"image\":\"https://shop.example/{n}.jpg?a=1&b=2\"}}\n");
    write("items_images.jsonl", &(0..ITEMS).step_by(2).map(image).collect::<String>());
    write("missing_image.csv", "itemID,asin,filled_with\n5,i5,mean\n");
    folder
}

pub fn embeddings(seed: u64) -> Embeddings<f32> {
    let rng = &mut random::generator(seed);
    let mut table = |rows| random::matrix(rows, 16, rng).mapv(|x| x as f32);
    Embeddings { users: table(USERS), items: table(ITEMS) }
}

pub fn spaces(seed: u64) -> Vec<(String, Array2<f32>)> {
    let mut text = random::matrix(ITEMS, 8, &mut random::generator(seed + 1)).mapv(|x| x as f32);
    text.row_mut(9).fill(0.0);
    vec![
        ("final".to_owned(), embeddings(seed).items),
        ("text".to_owned(), text),
        ("vision".to_owned(), random::matrix(ITEMS, 8, &mut random::generator(seed + 2)).mapv(|x| x as f32)),
    ]
}

/// What is served of a seed.
pub fn served(folder: &TempDir, seed: u64) -> Served {
    let dataset = Dataset::load(folder.path()).unwrap();
    let weights_sha256 = Some(format!("{seed:064x}").chars().rev().collect());
    let about = About { model: "Random".to_owned(), data: "shop".to_owned(), weights_sha256, ..About::default() };
    Served::by_vectors(about, &dataset, embeddings(seed), None, Way::Mean, spaces(seed)).unwrap()
}

/// A server that runs until it is dropped.
pub struct Shop {
    pub folder: TempDir,
    pub address: SocketAddr,
    pub handle: Option<Handle>,
    pub log: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
}

pub struct Opened {
    pub limits: Limits,
    pub address: &'static str,
    pub token: Option<&'static str>,
    pub watch: Option<PathBuf>,
    pub threads: usize,
    /// Whether the shop is there when its run is loaded; else as soon as it listens.
    pub is_ready: bool,
}

impl Default for Opened {
    fn default() -> Self {
        Opened {
            limits: Limits::default(),
            address: "127.0.0.1:0",
            token: None,
            watch: None,
            threads: 2,
            is_ready: true,
        }
    }
}

impl Shop {
    pub fn open() -> Self {
        Self::with(Opened::default(), |folder| Ok(served(folder, 1)))
    }

    pub fn limited(limits: Limits) -> Self {
        Self::with(Opened { limits, ..Opened::default() }, |folder| Ok(served(folder, 1)))
    }

    /// A server of what `load` returns.
    pub fn with(opened: Opened, load: impl Fn(&TempDir) -> Result<Served, LoadError> + Send + Sync + 'static) -> Self {
        let folder = folder();
        let files = Arc::new(self::folder());
        let token_file = opened.token.map(|token| {
            let path = folder.path().join("token");
            fs::write(&path, token).unwrap();
            path
        });
        let options = Options {
            address: opened.address.parse().unwrap(),
            token_file,
            watch: opened.watch,
            threads: opened.threads,
            limits: opened.limits,
        };
        let said = Arc::new(Mutex::new(Vec::new()));
        let log: Log = {
            let said = said.clone();
            Arc::new(move |line: &str| said.lock().unwrap().push(line.to_owned()))
        };
        let (send, receive) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let server = Server::bind(options, Box::new(move || load(&files)), log).await.unwrap();
                let address = server.address();
                let (handle, ended) = server.start();
                if !opened.is_ready {
                    send.send((address, handle.clone())).unwrap();
                    let load = async { handle.load().await.map(|_| ()).unwrap() };
                    let _ = tokio::join!(ended, load);
                    return;
                }
                handle.load().await.unwrap();
                send.send((address, handle)).unwrap();
                ended.await;
            });
        });
        let (address, handle) = receive.recv().unwrap();
        Shop { folder, address, handle: Some(handle), log: said, thread: Some(thread) }
    }

    pub fn handle(&self) -> &Handle {
        self.handle.as_ref().unwrap()
    }

    pub fn said(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Ends the server and waits for it.
    pub fn end(&mut self) {
        self.handle().stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.end();
        }
    }
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !what() {
        assert!(Instant::now() < deadline, "it does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}
