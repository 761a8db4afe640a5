//! The guard of a server answers anybody on this machine, or whoever sends the token.
//!
//! Without a token, a server on a loopback address answers to the loopback's own names only: a page in a browser can point a name of its own at
//! 127.0.0.1, and would then read what only this machine should.

use crate::refusal::Refusal;
use crate::swap::Log;
use anchorrec_files::with_causes;
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use thiserror::Error;

/// The fewest characters of a token.
const SHORTEST: usize = 16;

/// What a request must show.
pub enum Guard {
    /// A `Host` of the loopback.
    Loopback,
    /// The token of a file.
    Token {
        /// The file.
        path: PathBuf,
        /// The SHA-256 of the token.
        hash: RwLock<[u8; 32]>,
    },
}

/// Why a server is not started at an address or with a token.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GuardError {
    /// An address that others reach, without a token.
    #[error(
        "{address}: others can reach this address: give --token-file, a file with a secret of {SHORTEST} characters or more that clients send as \
         `Authorization: Bearer ...`, or listen on 127.0.0.1"
    )]
    Open {
        /// The address.
        address: SocketAddr,
    },
    /// The token cannot be read.
    #[error("{path}: cannot read the token")]
    Unread {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file holds something else than one token.
    #[error(
        "{path}: expected a token of {SHORTEST} or more visible ASCII characters on one line, such as `openssl rand -hex 32` prints, found {found}"
    )]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What was found, without showing it.
        found: String,
    },
}

impl Guard {
    /// Decides what requests to this address must show. Returns also what whoever runs the server should know.
    ///
    /// # Errors
    /// When the address can be reached by others and there is no token, or the token cannot be read or is none.
    pub fn new(address: SocketAddr, token_file: Option<&Path>) -> Result<(Self, Option<String>), GuardError> {
        let Some(path) = token_file else {
            let is_loopback = address.ip().to_canonical().is_loopback();
            return if is_loopback { Ok((Guard::Loopback, None)) } else { Err(GuardError::Open { address }) };
        };
        let hash = RwLock::new(token(path)?);
        Ok((Guard::Token { path: path.to_owned(), hash }, readable_by_others(path)))
    }

    /// Reads the file of the token again. Where that fails, the old token stays, and the log says why.
    pub fn read_again(&self, log: &Log) {
        let Guard::Token { path, hash } = self else { return };
        match token(path) {
            Ok(new) => *hash.write().unwrap_or_else(PoisonError::into_inner) = new,
            Err(error) => log(&format!("error: the token stays as it was: {}", with_causes(&error))),
        }
    }

    /// Checks what a request shows.
    ///
    /// # Errors
    /// When it shows the wrong thing or nothing.
    pub fn check(&self, host: Option<&[u8]>, authorization: Option<&[u8]>) -> Result<(), Refusal> {
        match self {
            Guard::Loopback if is_loopback(host) => Ok(()),
            Guard::Loopback => Err(Refusal::new(
                421,
                "wrong-host",
                "expected the Host localhost, 127.0.0.1 or [::1]: a server without a token answers to this machine's own names only",
            )),
            Guard::Token { hash: expected, .. } => {
                let expected = *expected.read().unwrap_or_else(PoisonError::into_inner);
                match authorization.and_then(bearer).is_some_and(|given| same(&hash(given), &expected)) {
                    true => Ok(()),
                    false => Err(Refusal::new(
                        401,
                        "no-token",
                        "expected the header `Authorization: Bearer` with the server's token",
                    )),
                }
            }
        }
    }
}

/// Reads the token in a file; returns its SHA-256.
fn token(path: &Path) -> Result<[u8; 32], GuardError> {
    let unread = |source| GuardError::Unread { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(unread)?;
    let token = text.trim_end_matches(['\n', '\r']);
    let found = match token.lines().count() {
        0 | 1 if !token.bytes().all(|byte| byte.is_ascii_graphic()) => "spaces or other characters".to_owned(),
        0 | 1 if token.len() < SHORTEST => format!("{} characters", token.len()),
        0 | 1 => return Ok(hash(token.as_bytes())),
        lines => format!("{lines} lines"),
    };
    Err(GuardError::Unfit { path: path.to_owned(), found })
}

/// The token in a header `Authorization: Bearer TOKEN`, the scheme in any case.
fn bearer(authorization: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = authorization.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Compares in a time that does not depend on where the two differ.
fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    std::hint::black_box(one.iter().zip(other).fold(0, |any, (a, b)| any | (a ^ b))) == 0
}

fn is_loopback(host: Option<&[u8]>) -> bool {
    let Some(host) = host.and_then(|host| std::str::from_utf8(host).ok()) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let number = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || number.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata().ok()?.permissions().mode() & 0o777;
    let said = || format!("{}: others on this machine can read the token (mode {mode:o}): chmod 600", path.display());
    (mode & 0o077 != 0).then(said)
}

#[cfg(not(unix))]
fn readable_by_others(_path: &Path) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_server_answers_to_the_names_of_the_loopback() {
        let (guard, _) = Guard::new("127.0.0.1:80".parse().unwrap(), None).unwrap();
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.8.8.8", "[::1]:80", "[::1]"] {
            assert_eq!(guard.check(Some(host.as_bytes()), None), Ok(()), "{host}");
        }
        for host in ["example.org", "localhost.example.org", "10.0.0.1", "", "127.0.0.1.nip.io", "localhost:x"] {
            assert_eq!(guard.check(Some(host.as_bytes()), None).unwrap_err().status, 421, "{host}");
        }
        assert_eq!(guard.check(None, None).unwrap_err().status, 421);
    }

    #[test]
    fn an_address_that_others_reach_needs_a_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let open = "0.0.0.0:80".parse().unwrap();
        assert!(Guard::new(open, None).is_err_and(|error| error.to_string().contains("--token-file")));
        for (text, part) in [
            ("short\n", "found 5 characters"),
            ("", "found 0 characters"),
            ("0123456789 123456", "found spaces"),
            ("0123456789abcdef\n0123456789abcdef\n", "found 2 lines"),
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(Guard::new(open, Some(&path)).is_err_and(|error| error.to_string().contains(part)), "{text}");
        }
        std::fs::write(&path, "0123456789abcdef\n").unwrap();
        let (guard, _) = Guard::new(open, Some(&path)).unwrap();
        for given in [&b"Bearer 0123456789abcdef"[..], b"bearer 0123456789abcdef", b"BEARER  0123456789abcdef "] {
            assert_eq!(guard.check(None, Some(given)), Ok(()));
        }
        for given in
            [&b"Bearer 0123456789abcdeg"[..], b"0123456789abcdef", b"Bearer ", b"Bearer", b"Basic 0123456789abcdef"]
        {
            assert_eq!(guard.check(Some(b"localhost"), Some(given)).unwrap_err().status, 401);
        }
    }

    #[test]
    fn a_token_is_read_again_and_stays_where_the_new_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "0123456789abcdef\n").unwrap();
        let (guard, _) = Guard::new("0.0.0.0:80".parse().unwrap(), Some(&path)).unwrap();
        let said = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let log: Log = {
            let said = said.clone();
            std::sync::Arc::new(move |line: &str| said.lock().unwrap().push_str(line))
        };
        let passes = |token: &str| guard.check(None, Some(format!("Bearer {token}").as_bytes())).is_ok();
        std::fs::write(&path, "short\n").unwrap();
        guard.read_again(&log);
        assert!(passes("0123456789abcdef"));
        assert!(said.lock().unwrap().contains("the token stays as it was"), "{said:?}");
        std::fs::write(&path, "fedcba9876543210\n").unwrap();
        guard.read_again(&log);
        assert!(passes("fedcba9876543210") && !passes("0123456789abcdef"));
    }

    #[test]
    #[cfg(unix)]
    fn a_token_that_others_can_read_is_said() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "0123456789abcdef\n").unwrap();
        for (mode, is_said) in [(0o600, false), (0o640, true), (0o604, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let (_, note) = Guard::new("127.0.0.1:80".parse().unwrap(), Some(&path)).unwrap();
            assert_eq!(note.is_some_and(|note| note.contains("chmod 600")), is_said, "{mode:o}");
        }
    }
}
