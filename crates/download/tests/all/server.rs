//! A server on loopback that does what it is told, right or wrong.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What was asked. Names of headers in lower case.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub headers: HashMap<String, String>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// `N` of `Range: bytes=N-`.
    pub fn from(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// What is sent, and what happens then.
#[derive(Clone)]
pub struct Answer {
    head: String,
    body: Vec<u8>,
    then: Then,
}

#[derive(Clone, Copy)]
enum Then {
    Close,
    Stall,
    Endless,
}

/// An answer with these headers (`name: value` lines) and this body, whatever they claim about each other.
pub fn answer(status: &str, headers: &[&str], body: &[u8]) -> Answer {
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{lines}\r\n");
    Answer { head, body: body.to_vec(), then: Then::Close }
}

/// An honest answer with the whole body.
pub fn whole(body: &[u8]) -> Answer {
    answer("200 OK", &[&format!("Content-Length: {}", body.len())], body)
}

pub fn status(status: &str) -> Answer {
    answer(status, &["Content-Length: 0"], b"")
}

impl Answer {
    /// Only the first bytes of the body, then the connection is closed.
    pub fn cut(mut self, len: usize) -> Self {
        self.body.truncate(len);
        self
    }

    /// Only the first bytes of the body, then nothing more.
    pub fn stall(mut self, len: usize) -> Self {
        self.then = Then::Stall;
        self.cut(len)
    }

    /// The body again and again.
    pub fn endless(mut self) -> Self {
        self.then = Then::Endless;
        self
    }

    pub fn with(mut self, header: &str) -> Self {
        let end = self.head.len() - 2;
        self.head.insert_str(end, &format!("{header}\r\n"));
        self
    }
}

/// A server as it should be: parts, and tags that are minded.
pub fn file(request: &Request, body: &[u8], etag: &str) -> Answer {
    let wanted = request.from().filter(|_| request.header("if-range").is_none_or(|tag| tag == etag));
    let tag = format!("ETag: {etag}");
    match wanted {
        None => whole(body).with(&tag),
        Some(from) if from < body.len() => part(from, body, body.len()).with(&tag),
        Some(_) => answer("416 Range Not Satisfiable", &[&format!("Content-Range: bytes */{}", body.len())], b""),
    }
}

/// The rest of a body, said to be of so many bytes.
pub fn part(from: usize, body: &[u8], total: usize) -> Answer {
    let rest = &body[from..];
    let range = format!("Content-Range: bytes {from}-{}/{total}", body.len() - 1);
    answer("206 Partial Content", &[&range, &format!("Content-Length: {}", rest.len())], rest)
}

/// A running server. Its thread ends with the test.
pub struct Server {
    address: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers request number `n` (counted from 0) with `answers(n, request)`.
    pub fn new(answers: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let answers = Arc::new(answers);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), log, answers) = (stream, log.clone(), answers.clone()) else { return };
                thread::spawn(move || {
                    let Some(request) = read(&stream) else { return };
                    let n = {
                        let mut log = log.lock().unwrap();
                        log.push(request.clone());
                        log.len() - 1
                    };
                    send(stream, &answers(n, &request));
                });
            }
        });
        Server { address, seen }
    }

    /// Answers with these in turn, and with the last again and again.
    pub fn script(answers: Vec<Answer>) -> Self {
        Server::new(move |n, _| answers[n.min(answers.len() - 1)].clone())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.address)
    }

    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// Where each request wanted to begin.
    pub fn ranges(&self) -> Vec<Option<usize>> {
        self.seen().iter().map(Request::from).collect()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    for line in lines {
        let line = line.ok()?;
        if line.is_empty() {
            return Some(Request { path, headers });
        }
        let (name, value) = line.split_once(':')?;
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    None
}

fn send(mut stream: TcpStream, answer: &Answer) {
    // Whoever hangs up early ends this thread, and that is all.
    let _ = stream.write_all(answer.head.as_bytes()).and_then(|()| stream.write_all(&answer.body));
    match answer.then {
        Then::Close => {}
        Then::Stall => {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.read(&mut [0]);
        }
        Then::Endless => while stream.write_all(&answer.body).is_ok() {},
    }
}
