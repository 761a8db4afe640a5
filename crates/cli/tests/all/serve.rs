//! `anchorrec serve`: the lists of `anchorrec recommend`, over HTTP, byte for byte; runs that are swapped, and servers that do not start.

use crate::workplace::{Workplace, assert_fails_with, text};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

struct Server {
    child: Child,
    address: String,
    /// Lines of the standard error.
    said: Receiver<String>,
}

impl Server {
    fn start(place: &Workplace, args: &[&str]) -> Self {
        Self::by(place.anchorrec("serve").args(args).args(["--listen", "127.0.0.1:0"])).loaded()
    }

    /// A server that listens; its run may not be loaded yet.
    fn by(command: &mut Command) -> Self {
        command.args(["--threads", "2"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (send, said) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut server = Server { address: String::new(), child, said };
        let line = server.wait_for("loading the run");
        server.address =
            line.split(['/', ' ']).find(|word| word.contains(':') && !word.ends_with(':')).unwrap().to_owned();
        server
    }

    /// Waits until the run is loaded.
    fn loaded(mut self) -> Self {
        let mut line = String::new();
        BufReader::new(self.child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = line.trim().strip_prefix("listening on http://") else {
            panic!("{line}{}", self.said.iter().collect::<Vec<_>>().join("\n"));
        };
        assert_eq!(address, self.address);
        self
    }

    /// The status and the body of an answer.
    fn ask(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    fn post(&self, path: &str, body: &str) -> (u16, String) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        );
        self.ask(&format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()))
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for a line with `part`.
    #[track_caller]
    fn wait_for(&self, part: &str) -> String {
        let mut seen = Vec::new();
        loop {
            match self.said.recv_timeout(Duration::from_secs(60)) {
                Ok(line) if line.contains(part) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!("no line with `{part}`, {error}: {seen:?}"),
            }
        }
    }

    fn end(mut self) {
        self.signal("-TERM");
        self.wait_for("ending");
        let asked = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(asked.elapsed() < Duration::from_secs(20), "the server does not end"),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        assert!(status.success(), "an end that was asked for is none of an error");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Trains; returns the run's folder.
fn train(place: &Workplace, args: &[&str]) -> String {
    let quick = ["--dataset", "small", "--epochs", "2", "--set", "train.batch_size=256", "--model", "lightgcn"];
    let output = place.run(&[&quick[..], args].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let path = text(&output.stdout).lines().find_map(|line| line.strip_prefix("report: ").map(str::to_owned)).unwrap();
    Path::new(&path).parent().unwrap().display().to_string()
}

#[track_caller]
fn recommend(place: &Workplace, args: &[&str]) -> Vec<String> {
    let output = place.anchorrec("recommend").args(args).args(["--out", "lists.jsonl"]).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    fs::read_to_string(place.path("lists.jsonl")).unwrap().lines().map(|line| format!("{line}\n")).collect()
}

fn user(line: &str) -> String {
    serde_json::from_str::<serde_json::Value>(line).unwrap()["user"].as_str().unwrap().to_owned()
}

#[test]
fn the_answers_are_the_lines_of_recommend_byte_for_byte() {
    let place = Workplace::new();
    let run = train(&place, &["--fuse"]);
    let closed = place.anchorrec("baselines").args(["--dataset", "small"]).output().unwrap();
    assert!(closed.status.success(), "{}", text(&closed.stderr));
    let said = text(&closed.stdout);
    let closed = said.lines().find_map(|line| line.strip_prefix("report: ")).unwrap();
    let some = recommend(&place, &[&run]);
    let items: Vec<String> = serde_json::from_str::<serde_json::Value>(&some[0]).unwrap()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["item"].as_str().unwrap().to_owned())
        .collect();
    let rows: String = items[..4].iter().map(|item| format!("ann,{item}\n")).collect();
    fs::write(place.path("new.csv"), format!("user,item\n{rows}")).unwrap();
    let history = serde_json::json!({ "user": "ann", "items": items[..4] }).to_string();
    fs::write(place.path("some.txt"), items[2..9].iter().map(|item| format!("{item}\n")).collect::<String>()).unwrap();
    for (args, served) in [
        (vec![run.as_str()], vec![run.as_str()]),
        (vec![&run, "--fuse"], vec![&run, "--fuse"]),
        (vec![&run, "--deny", "some.txt"], vec![&run, "--deny", "some.txt"]),
        (vec![&run, "--allow", "some.txt"], vec![&run, "--allow", "some.txt"]),
        (vec![closed, "--deny", "some.txt"], vec![closed, "--deny", "some.txt"]),
        (vec![closed], vec![closed]),
        (vec![closed, "--closed-form", "item-knn"], vec![closed, "--closed-form", "item-knn"]),
    ] {
        let server = Server::start(&place, &served);
        for line in recommend(&place, &args) {
            assert_eq!(server.get(&format!("/recommend?user={}", user(&line))), (200, line), "{args:?}");
        }
        let new = recommend(&place, &[&args[..], &["--new-users", "new.csv", "--top", "7"]].concat());
        let asked = history.replace('}', ",\"top\":7}");
        assert_eq!(server.post("/recommend", &asked), (200, new[0].clone()), "{args:?}");
        if args.contains(&"--deny") {
            let (_, popular) = server.get("/recommend?user=nobody&fallback=popular&top=1000");
            assert!(!popular.contains(&format!("\"{}\"", items[2])), "{popular}");
        }
        server.end();
    }
    for way in ["ridge", "propagation"] {
        let server = Server::start(&place, &[&run, "--fold-in", way]);
        let new = recommend(&place, &[&run, "--new-users", "new.csv", "--fold-in", way]);
        assert_eq!(server.post("/recommend", &history), (200, new[0].clone()), "{way}");
    }
    // Similar items, as `similar` finds them.
    let server = Server::start(&place, &[&run, "--spaces", "final,raw_text"]);
    for space in ["final", "raw_text"] {
        let output = place.anchorrec("similar").args([&run, "--item", &items[0], "--space", space]).output().unwrap();
        let rows = text(&output.stdout);
        let want: Vec<(&str, f64)> = rows
            .lines()
            .skip(1)
            .map(|row| row.split(',').collect::<Vec<_>>())
            .map(|row| (row[2], row[4].parse().unwrap()))
            .collect();
        let (_, found) = server.get(&format!("/similar?item={}&space={space}", items[0]));
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let found = found["items"].as_array().unwrap();
        let found: Vec<(&str, f64)> =
            found.iter().map(|item| (item["item"].as_str().unwrap(), item["score"].as_f64().unwrap())).collect();
        assert_eq!(found, want, "{space}");
    }
}

#[test]
fn a_run_is_swapped_by_a_signal_and_a_damaged_one_is_not() {
    let place = Workplace::new();
    let (one, two) = (train(&place, &[]), train(&place, &["--set", "lightgcn.layers=2"]));
    let link = |run: &str| {
        let _ = fs::remove_file(place.path("new"));
        std::os::unix::fs::symlink(place.path(run), place.path("new")).unwrap();
        fs::rename(place.path("new"), place.path("now")).unwrap();
    };
    link(&one);
    let server = Server::start(&place, &["now"]);
    let lists = [recommend(&place, &[&one]), recommend(&place, &[&two])];
    assert_ne!(lists[0], lists[1]);
    let id = user(&lists[0][0]);
    let get = || server.get(&format!("/recommend?user={id}"));
    assert_eq!(get(), (200, lists[0][0].clone()));
    link(&two);
    server.signal("-HUP");
    server.wait_for("now serving");
    assert_eq!(get(), (200, lists[1][0].clone()));
    // A damaged run leaves the one that is served.
    let weights = place.path(&one).join("seed-999.best.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    link(&one);
    server.signal("-HUP");
    let said = server.wait_for("stays");
    assert!(said.contains("these weights are not those of the report"), "{said}");
    // A run behind a link is found once: a link that is switched meanwhile mixes no two runs.
    assert!(said.contains(&format!("{one}/seed-999")) && !said.contains("now/seed-999"), "{said}");
    assert_eq!(get(), (200, lists[1][0].clone()));
    server.end();
    let watching = Server::start(&place, &[&two, "--watch"]);
    let report = place.path(&two).join("report.json");
    let before = fs::read(&report).unwrap();
    fs::write(&report, [&before[..], b"\n"].concat()).unwrap();
    watching.wait_for("now serving");
    watching.end();
}

/// A run whose weights are a pipe that nobody writes to: to load it takes for ever.
fn endless(place: &Workplace, run: &str) {
    let weights = place.path(run).join("seed-999.best.safetensors");
    fs::remove_file(&weights).unwrap();
    assert!(Command::new("mkfifo").arg(&weights).status().unwrap().success());
}

#[test]
fn a_server_answers_and_ends_whatever_it_is_loading() {
    let place = Workplace::new();
    let (one, two) = (train(&place, &[]), train(&place, &["--set", "lightgcn.layers=2"]));
    endless(&place, &two);
    for signal in ["-TERM", "-INT"] {
        let server = Server::by(place.anchorrec("serve").args([&two, "--listen", "localhost:0"]));
        assert_eq!(server.get("/healthz").0, 200);
        for path in ["/readyz", "/run", "/recommend?user=0"] {
            let (status, body) = server.get(path);
            assert!(status == 503 && body.contains("\"reason\":\"loading\""), "{path} {status} {body}");
        }
        server.signal("-HUP");
        server.signal(signal);
        server.end();
    }
    // A reload that does not end, asked for again and again.
    std::os::unix::fs::symlink(place.path(&one), place.path("now")).unwrap();
    let server = Server::start(&place, &["now"]);
    fs::remove_file(place.path("now")).unwrap();
    std::os::unix::fs::symlink(place.path(&two), place.path("now")).unwrap();
    for _ in 0..20 {
        server.signal("-HUP");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(server.get("/items?search=").0, 200);
    server.end();
}

#[test]
fn fewer_open_files_are_fewer_connections() {
    let place = Workplace::new();
    let run = train(&place, &[]);
    let mut limited = Command::new("sh");
    limited.current_dir(place.0.path()).args(["-c", "ulimit -n 200 && exec \"$@\"", "sh"]);
    limited.args([env!("CARGO_BIN_EXE_anchorrec"), "serve", &run, "--listen", "127.0.0.1:0"]);
    let server = Server::by(&mut limited).loaded();
    // As many as the server may not accept, and no more than the system lets wait.
    let silent: Vec<TcpStream> = (0..195).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    std::thread::sleep(Duration::from_millis(500));
    drop(silent);
    assert_eq!(server.get("/healthz").0, 200);
    let said: Vec<String> = server.said.try_iter().collect();
    assert!(!said.iter().any(|line| line.contains("cannot be accepted")), "{said:?}");
    server.end();
}

#[test]
fn a_server_that_would_be_unsafe_or_cannot_be_does_not_start() {
    let place = Workplace::new();
    let run = train(&place, &[]);
    fs::write(place.path("short"), "secret\n").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (args, part) in [
        (vec![run.as_str(), "--listen", "0.0.0.0:0"], "others can reach this address: give --token-file"),
        (vec![&run, "--listen", "[::]:0"], "others can reach this address"),
        (vec![&run, "--listen", "0.0.0.0:0", "--token-file", "short"], "expected a token of 16 or more"),
        (vec![&run, "--listen", "0.0.0.0:0", "--token-file", "none"], "none: cannot read the token: No such file"),
        (vec![&run, "--listen", &taken], "cannot listen on 127.0.0.1"),
        (
            vec![&run, "--listen", "8080"],
            "expected an address with a port: 127.0.0.1:8080, [::1]:8080 or localhost:8080",
        ),
        (vec![&run, "--spaces", "smell"], "no item space `smell`: expected one of final"),
        (vec![&run, "--fuse"], "this run was not fused"),
        (vec![&run, "--closed-form", "ease"], "expected a closed-forms.json"),
        (vec!["nowhere"], "nowhere: expected the folder of a finished run"),
    ] {
        // The port that is taken where nothing is said may be somebody's.
        let listen = if args.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:0"] };
        let output = place.anchorrec("serve").args(&args).args(listen).output().unwrap();
        assert_fails_with(&output, &[part]);
    }
}
