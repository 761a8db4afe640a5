//! One mirror over HTTP: asked until it has given the file, for as long as asking again makes sense.

use super::content_range::ContentRange;
use super::error::{DownloadError, DownloadProblem, End, shown};
use super::options::DownloadOptions;
use super::part::Part;
use super::part::Version;
use super::progress::{Listener, Progress, tell};
use anchorrec_data::manifest::RawFile;
use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::{HeaderMap, Uri, header};
use ureq::{Agent, Timeout};

/// So many new bytes show that a mirror works: failures are counted again. What is bounded is the number of failures for each of these, so a
/// large file may come in many pieces and a mirror that never gets further is given up.
const LEAP: u64 = 1 << 20;

/// Waits double up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A mirror.
pub(super) struct Mirror<'a> {
    address: &'a str,
    source: &'a RawFile,
    options: &'a DownloadOptions,
    agent: Agent,
}

impl<'a> Mirror<'a> {
    pub(super) fn new(address: &'a str, source: &'a RawFile, options: &'a DownloadOptions) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // What the manifest promises to be safe from listeners stays so over redirects.
            .https_only(address.starts_with("https://"))
            .max_redirects(options.redirects)
            .timeout_resolve(Some(options.connect_timeout))
            .timeout_connect(Some(options.connect_timeout))
            .timeout_recv_response(Some(options.stall_timeout))
            // No limit for the body as a whole: a slow line is no fault.
            .timeout_per_read(Some(options.stall_timeout))
            .timeout_per_write(Some(options.stall_timeout))
            .user_agent(concat!("anchorrec/", env!("CARGO_PKG_VERSION")));
        if is_this_machine(address) {
            // A proxy would reach itself.
            config = config.proxy(None);
        }
        Mirror { address, source, options, agent: config.build().into() }
    }

    /// Brings all bytes into the part. On failure also says how often it asked.
    pub(super) fn download(&self, part: &mut Part, listener: &mut Listener<'_>) -> Result<(), (u32, End)> {
        let (mut asked, mut failures, mut best, mut wait) = (0, 0, part.len(), self.options.backoff);
        loop {
            asked += 1;
            let problem = match self.ask(part, listener) {
                Ok(()) => return Ok(()),
                Err(End::Place(problem)) if problem.may_pass() => problem,
                Err(end) => return Err((asked, end)),
            };
            if part.len() >= best.saturating_add(LEAP) {
                (failures, wait) = (0, self.options.backoff);
            }
            best = best.max(part.len());
            failures += 1;
            if failures >= self.options.attempts {
                return Err((asked, problem.into()));
            }
            let failed = Progress::Failed { place: self.address, problem: &problem, again_in: Some(wait) };
            let waited = tell(listener, part, failed).and_then(|()| pause(wait, part, listener));
            waited.map_err(|error| (asked, error.into()))?;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Asks once.
    fn ask(&self, part: &mut Part, listener: &mut Listener<'_>) -> Result<(), End> {
        let mut request = self.agent.get(self.address).header(header::ACCEPT_ENCODING, "identity");
        let begun = part.continues(self.address, self.source.sha256.is_some()).cloned();
        let from = if begun.is_some() { part.len() } else { 0 };
        if let Some(version) = &begun {
            if version.total == Some(from) {
                // It ended between the last byte and the new name.
                return Ok(());
            }
            request = request.header(header::RANGE, format!("bytes={from}-"));
            if let Some(validator) = version.validator() {
                request = request.header(header::IF_RANGE, validator);
            }
        }
        let response = request.call().map_err(|error| self.problem(error))?;
        let (head, body) = response.into_parts();
        let range = text(&head.headers, header::CONTENT_RANGE);
        let total = match (head.status.as_u16(), begun) {
            // Also when a part was asked for: the server cannot send parts, or the file has changed.
            (200, _) => self.whole(&head.headers, part)?,
            (206, Some(begun)) => self.rest(&head.headers, range, &begun, part)?,
            (206, None) => return Err(DownloadProblem::Range { from, found: shown(range.unwrap_or("nothing")) }.into()),
            (416, Some(begun)) => {
                let total = range.and_then(ContentRange::parse).and_then(|range| range.total).or(self.source.bytes);
                if total == Some(from) && begun.agrees_with(&self.version(&head.headers, total)) {
                    return Ok(());
                }
                part.start_over(None)?;
                return Err(DownloadProblem::Changed.into());
            }
            (status, _) => return Err(DownloadProblem::Status(status).into()),
        };
        self.receive(body.into_reader(), total, part, listener)
    }

    /// The head of an answer with the whole file: the part starts over. Says how long the file is.
    fn whole(&self, headers: &HeaderMap, part: &mut Part) -> Result<Option<u64>, End> {
        // The length of a body in chunks is not that of a header.
        let chunked = headers.contains_key(header::TRANSFER_ENCODING);
        let promised =
            text(headers, header::CONTENT_LENGTH).filter(|_| !chunked).and_then(|length| length.parse().ok());
        self.refuse_other_bodies(headers)?;
        self.refuse_length(promised)?;
        let total = promised.or(self.source.bytes);
        if total.is_none() && !chunked && self.source.sha256.is_none() {
            return Err(DownloadProblem::NoLength.into());
        }
        part.start_over(Some(self.version(headers, total)))?;
        Ok(total)
    }

    /// The head of an answer with the rest of the file. Says how long the whole is.
    fn rest(
        &self,
        headers: &HeaderMap,
        range: Option<&str>,
        begun: &Version,
        part: &mut Part,
    ) -> Result<Option<u64>, End> {
        let from = part.len();
        let parsed = range.and_then(ContentRange::parse);
        let fits = parsed.as_ref().filter(|range| range.bytes.is_some_and(|(first, _)| first == from));
        let total = fits.and_then(|range| range.total.or(begun.total).or(self.source.bytes));
        if total.is_none() {
            part.start_over(None)?;
            return Err(DownloadProblem::Range { from, found: shown(range.unwrap_or("nothing")) }.into());
        }
        if !begun.agrees_with(&self.version(headers, total)) {
            part.start_over(None)?;
            return Err(DownloadProblem::Changed.into());
        }
        self.refuse_other_bodies(headers)?;
        self.refuse_length(total)?;
        Ok(total)
    }

    /// The body.
    fn receive(
        &self,
        mut body: impl Read,
        total: Option<u64>,
        part: &mut Part,
        listener: &mut Listener<'_>,
    ) -> Result<(), End> {
        let mut piece = vec![0; 1 << 16];
        loop {
            tell(listener, part, Progress::Bytes { have: part.len(), total })?;
            let read = match body.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    let words = || DownloadProblem::Connection("the connection ended before the file did".to_owned());
                    return Err(total
                        .map_or_else(words, |total| DownloadProblem::Short { total, have: part.len() })
                        .into());
                }
                Err(error) => return Err(self.problem(error.into()).into()),
            };
            let have = part.len() + read as u64;
            let problem = match total {
                Some(total) if have > total => DownloadProblem::Long { total },
                None if have > self.options.max_bytes => DownloadProblem::TooLarge { most: self.options.max_bytes },
                _ => {
                    part.append(&piece[..read])?;
                    continue;
                }
            };
            // Of a file that is longer than it should be, the beginning is worth nothing.
            part.start_over(None)?;
            return Err(problem.into());
        }
        match total {
            Some(total) if part.len() < total => Err(DownloadProblem::Short { total, have: part.len() }.into()),
            _ => Ok(()),
        }
    }

    fn version(&self, headers: &HeaderMap, total: Option<u64>) -> Version {
        let owned = |name| text(headers, name).map(str::to_owned);
        Version {
            address: self.address.to_owned(),
            etag: owned(header::ETAG),
            last_modified: owned(header::LAST_MODIFIED),
            total,
        }
    }

    fn refuse_length(&self, promised: Option<u64>) -> Result<(), DownloadProblem> {
        match (promised, self.source.bytes) {
            (Some(found), Some(expected)) if found != expected => Err(DownloadProblem::Length { expected, found }),
            (Some(found), None) if found > self.options.max_bytes => {
                Err(DownloadProblem::TooLarge { most: self.options.max_bytes })
            }
            _ => Ok(()),
        }
    }

    /// Many a mirror that has moved answers 200 with a page that says so.
    fn refuse_other_bodies(&self, headers: &HeaderMap) -> Result<(), DownloadProblem> {
        let is_page = |name: &str| name.ends_with(".html") || name.ends_with(".htm");
        let kind = text(headers, header::CONTENT_TYPE).unwrap_or("").trim_start().to_ascii_lowercase();
        if kind.starts_with("text/html") && !is_page(&self.source.file) {
            return Err(DownloadProblem::WebPage);
        }
        // Some servers call a file that is packed by itself a packed answer; its bytes are the file's all the same.
        match text(headers, header::CONTENT_ENCODING) {
            Some(packed) if !packed.eq_ignore_ascii_case("identity") && !self.source.file.ends_with(".gz") => {
                Err(DownloadProblem::Packed(shown(packed)))
            }
            _ => Ok(()),
        }
    }

    fn problem(&self, error: ureq::Error) -> DownloadProblem {
        match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                DownloadProblem::Timeout { what: "no connection", seconds: self.options.connect_timeout }
            }
            ureq::Error::Timeout(_) => {
                DownloadProblem::Timeout { what: "no data", seconds: self.options.stall_timeout }
            }
            ureq::Error::HostNotFound => DownloadProblem::Refused("no such host, or no network".to_owned()),
            ureq::Error::Io(error) => DownloadProblem::Connection(shown(&error.to_string())),
            ureq::Error::Protocol(_) | ureq::Error::ConnectionFailed => {
                DownloadProblem::Connection(shown(&error.to_string()))
            }
            other => DownloadProblem::Refused(shown(&other.to_string())),
        }
    }
}

/// A header's text; none if it is not there or not text.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn is_this_machine(address: &str) -> bool {
    let uri = address.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or("");
    host == "localhost" || host == "[::1]" || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// Waits, and listens for a stop meanwhile.
fn pause(wait: Duration, part: &Part, listener: &mut Listener<'_>) -> Result<(), DownloadError> {
    let end = Instant::now() + wait;
    loop {
        tell(listener, part, Progress::Waiting)?;
        match end.saturating_duration_since(Instant::now()) {
            Duration::ZERO => return Ok(()),
            left => thread::sleep(left.min(Duration::from_millis(200))),
        }
    }
}
