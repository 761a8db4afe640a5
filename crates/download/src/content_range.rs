//! `Content-Range`, of answers 206 and 416.

/// What a header `Content-Range` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// First and last byte of the body; none in an answer 416.
    pub(super) bytes: Option<(u64, u64)>,
    /// The length of the whole file; none if the server does not know it.
    pub(super) total: Option<u64>,
}

impl ContentRange {
    /// `bytes 7-41/42`, `bytes 7-41/*` or `bytes */42`; none for anything else, or for what cannot be.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (unit, rest) = text.trim().split_once(' ')?;
        let (range, total) = rest.trim().split_once('/')?;
        let total = if total == "*" { None } else { Some(number(total)?) };
        let bytes = match range {
            "*" => None,
            _ => {
                let (first, last) = range.split_once('-')?;
                Some((number(first)?, number(last)?))
            }
        };
        let sound = bytes.is_none_or(|(first, last)| first <= last && total.is_none_or(|total| last < total));
        (unit.eq_ignore_ascii_case("bytes") && sound && (bytes.is_some() || total.is_some()))
            .then_some(ContentRange { bytes, total })
    }
}

/// Digits only: `parse` would take a sign as well.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let table = [
            ("bytes 7-41/42", Some((Some((7, 41)), Some(42)))),
            ("Bytes 0-0/1", Some((Some((0, 0)), Some(1)))),
            ("bytes 7-41/*", Some((Some((7, 41)), None))),
            ("bytes */42", Some((None, Some(42)))),
            ("bytes */*", None),
            ("bytes 7-42/42", None),
            ("bytes 8-7/42", None),
            ("bytes +7-41/42", None),
            ("bytes -41/42", None),
            ("bytes 7-99999999999999999999/*", None),
            ("items 7-41/42", None),
            ("bytes=7-41", None),
            ("", None),
        ];
        for (text, want) in table {
            assert_eq!(ContentRange::parse(text), want.map(|(bytes, total)| ContentRange { bytes, total }), "{text:?}");
        }
    }
}
