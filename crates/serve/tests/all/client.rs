//! A client that says exactly what a test wants it to.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    }

    /// The reason of a refusal and its sentence.
    #[track_caller]
    pub fn refusal(&self) -> (String, String) {
        let error = &self.json()["error"];
        let of = |key: &str| error[key].as_str().unwrap_or_else(|| panic!("no {key}: {}", self.text())).to_owned();
        (of("reason"), of("message"))
    }
}

/// A connection that is kept between requests.
pub struct Connection(pub TcpStream);

impl Connection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection(stream)
    }

    /// Sends these bytes and reads an answer; nothing where the server ended the connection.
    pub fn raw(&mut self, bytes: &[u8]) -> Option<Answer> {
        // A server may answer and end the connection before it has read everything.
        let _ = self.0.write_all(bytes);
        self.answer()
    }

    pub fn answer(&mut self) -> Option<Answer> {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            match self.0.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return None,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1)?.parse().unwrap();
        let mut answer = Answer { status, head, body: Vec::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        answer.body = vec![0; length];
        self.0.read_exact(&mut answer.body).unwrap();
        Some(answer)
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.raw(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).expect("an answer")
    }

    pub fn post(&mut self, path: &str, body: &str) -> Answer {
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        self.raw(request.as_bytes()).expect("an answer")
    }
}

pub fn get(address: SocketAddr, path: &str) -> Answer {
    Connection::open(address).get(path)
}

pub fn post(address: SocketAddr, path: &str, body: &str) -> Answer {
    Connection::open(address).post(path, body)
}
