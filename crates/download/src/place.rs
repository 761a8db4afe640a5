//! Where a file may be: behind an address, or in a folder of this machine.

use std::path::{Path, PathBuf};

/// A place to ask.
pub(super) enum Place {
    /// An address on the network.
    Http(String),
    /// On this machine: as it is shown, and the file, if the address is one of this machine.
    Local { shown: String, file: Option<PathBuf> },
}

impl Place {
    /// Makes the place of a mirror.
    pub(super) fn of(mirror: &str) -> Place {
        if mirror.starts_with("https://") || mirror.starts_with("http://") {
            return Place::Http(mirror.to_owned());
        }
        Place::Local { shown: mirror.to_owned(), file: file_of(mirror) }
    }

    /// In a folder.
    pub(super) fn inside(folder: &Path, name: &str) -> Place {
        let file = folder.join(name);
        Place::Local { shown: file.display().to_string(), file: Some(file) }
    }

    pub(super) fn shown(&self) -> &str {
        match self {
            Place::Http(address) => address,
            Place::Local { shown, .. } => shown,
        }
    }
}

/// The path of a `file://` address of this machine.
fn file_of(address: &str) -> Option<PathBuf> {
    let rest = address.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").filter(|path| path.starts_with('/')).unwrap_or(rest);
    // Anything before the first slash would be another machine.
    if !path.starts_with('/') {
        return None;
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            let digits = Some(digits).filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    // A zero byte ends a path early in the system's eyes.
    String::from_utf8(bytes).ok().filter(|path| !path.contains('\0')).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_files() {
        let table = [
            ("file:///a/b.csv", Some("/a/b.csv")),
            ("file://localhost/a", Some("/a")),
            ("file:///a%20b/%C3%A9", Some("/a b/\u{e9}")),
            ("file://other/a", None),
            ("file://localhosts/a", None),
            ("file://", None),
            ("file:///a%2", None),
            ("file:///a%+1", None),
            ("file:///a%00", None),
            ("file:///%FF", None),
            ("ftp://x/a", None),
        ];
        for (address, want) in table {
            assert_eq!(file_of(address).as_deref(), want.map(Path::new), "{address}");
        }
    }
}
