//! The programs of `docs/serving` against a server of a small synthetic twin.

use crate::gate::{Outcome, Part};
use crate::outside::answers;
use crate::{root, run, target_dir};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Uses a client that the standard generator makes of the description.
pub fn generated_client() -> Part {
    let Some(python) = python() else { return skipped("python3 makes no virtual environments here (python3-venv)") };
    let install = ["-m", "pip", "install", "--quiet", "openapi-python-client"];
    if !answers(Command::new(&python).args(install)) {
        return skipped("pip reaches no package index");
    }
    let generators = python.parent().expect("a folder of programs").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([generators].into_iter().chain(std::env::split_paths(&path)));
    let path = path.map_err(|error| error.to_string())?;
    let server = Server::start()?;
    run(Command::new(&python).arg(program("client.py")).args([&server.address, "0", "TWIN0000000"]).env("PATH", path))?;
    Ok(Outcome::Done)
}

/// Opens the page in a browser.
pub fn page() -> Part {
    const VARIABLE: &str = "ANCHORREC_CHROMIUM";
    let named = std::env::var_os(VARIABLE).map(PathBuf::from).into_iter();
    let browsers = named.chain(["chromium", "chromium-browser", "google-chrome"].map(PathBuf::from));
    let browser = browsers.into_iter().find_map(|browser| found(&browser));
    let Some(browser) = browser else { return skipped(&format!("there is no Chromium (${VARIABLE} can name one)")) };
    // A program finds its packages beside itself.
    let folder = folder("page")?;
    let packages = folder.join("node_modules/playwright-core").is_dir()
        || answers(Command::new("npm").args(["install", "--silent", "playwright-core@1"]).current_dir(&folder));
    if !packages {
        return skipped("node and its package playwright-core are not here (npm install playwright-core@1)");
    }
    let copy = folder.join("page.mjs");
    std::fs::copy(program("page.mjs"), &copy).map_err(|error| error.to_string())?;
    let server = Server::start()?;
    run(Command::new("node").arg(&copy).arg(&server.address).arg(browser).arg(&folder).current_dir(&folder))?;
    Ok(Outcome::Done)
}

/// Sends good and bad requests for some seconds, and swaps the run twice.
pub fn soak() -> Part {
    if !cfg!(target_os = "linux") || !answers(Command::new("python3").arg("--version")) {
        return skipped("only for Linux with a python3");
    }
    let server = Server::start()?;
    let (lists, vectors) = (server.folder.join("lists.jsonl"), server.folder.join("vectors"));
    let _ = (std::fs::remove_file(&lists), std::fs::remove_dir_all(&vectors));
    run(anchorrec().arg("recommend").arg(&server.run).arg("--out").arg(&lists))?;
    run(anchorrec().arg("export").arg(&server.run).arg("--out").arg(&vectors).args(["--format", "npy"]))?;
    let address = server.address.trim_start_matches("http://");
    let mut soak = Command::new("python3");
    soak.arg(program("soak.py")).args([address, &server.child.id().to_string()]).arg(lists);
    run(soak.arg(vectors.join("items.ids.txt")).args(["20", "200"]))?;
    Ok(Outcome::Done)
}

/// A server of a small twin; ends when it is dropped.
struct Server {
    child: Child,
    address: String,
    run: PathBuf,
    folder: PathBuf,
    /// Kept open, since a server that cannot say something ends.
    _said: BufReader<ChildStdout>,
}

impl Server {
    /// Trains a model on the twin, with the build that the tests have left, and serves it.
    fn start() -> Result<Self, String> {
        let folder = folder("runs")?;
        let mut train = anchorrec();
        train.args(["train", "--dataset", "amazon-sports", "--model", "lightgcn", "--scale", "0.02", "--epochs", "2"]);
        let output = train.arg("--out").arg(&folder).output().map_err(|error| format!("{train:?}: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let report = said.lines().find_map(|line| line.strip_prefix("report: "));
        let report = report.ok_or_else(|| format!("no report: {}", String::from_utf8_lossy(&output.stderr)))?;
        let run = root().join(report).parent().expect("a record is in the folder of its run").to_owned();
        let mut serve = anchorrec();
        serve.arg("serve").arg(&run).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        let mut child = serve.spawn().map_err(|error| format!("{serve:?}: {error}"))?;
        let mut said = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        let read = said.read_line(&mut line);
        let address = line.trim().strip_prefix("listening on ").unwrap_or_default().to_owned();
        let server = Server { child, address, run, folder, _said: said };
        match read.is_ok() && !server.address.is_empty() {
            true => Ok(server),
            false => Err(format!("{serve:?} does not listen")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `anchorrec`, as the tests have built it. Data that somebody has at hand would take long; the twin is made for this.
fn anchorrec() -> Command {
    let program = target_dir().join("debug").join(format!("anchorrec{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command.current_dir(root()).env_remove("ANCHORREC_DATA");
    command
}

fn program(name: &str) -> PathBuf {
    root().join("docs/serving").join(name)
}

/// A folder for one purpose.
fn folder(name: &str) -> Result<PathBuf, String> {
    let folder = target_dir().join("check-serving").join(name);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// A Python with a folder of packages of its own.
fn python() -> Option<PathBuf> {
    let folder = target_dir().join("check-serving").join("python");
    let programs = if cfg!(windows) { "Scripts" } else { "bin" };
    let python = folder.join(programs).join(format!("python{}", std::env::consts::EXE_SUFFIX));
    let is_there = python.is_file() || answers(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    is_there.then_some(python)
}

/// Where a program is, if it says its version.
fn found(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return answers(Command::new(program).arg("--version")).then(|| program.to_owned());
    }
    let path = std::env::var_os("PATH")?;
    let places = std::env::split_paths(&path).map(|folder| folder.join(program));
    places.into_iter().find(|place| answers(Command::new(place).arg("--version")))
}

fn skipped(why: &str) -> Part {
    Ok(Outcome::Skipped(why.to_owned()))
}
