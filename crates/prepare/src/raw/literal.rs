//! One value of Python or JSON: what the public metadata has on each of its lines.
//!
//! ```text
//! value   dict | list | text | number | None True False | null true false
//! dict    { text : value , ... }          list    [ value , ... ]
//! text    '...' or "..." with \\ \' \" \/ \a \b \f \n \r \t \v \xNN \uNNNN \UNNNNNNNN
//! number  -? digits (. digits)? ([eE] [+-]? digits)?
//! ```
//!
//! Strict: no comma at the end, no second value, no bare word, no other escape, no control character but the tab in a text. `\xNN` is the code
//! point NN. Two `\u` that make a surrogate pair are one character; half a pair becomes U+FFFD. Nothing is run, and at most [`DEEPEST`]
//! values stand inside one another, so that no line can exhaust the stack.

use anchorrec_data::error::Excerpt;

/// How many values may stand inside one another.
pub const DEEPEST: usize = 32;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The value of `None` and `null`.
    None,
    /// The values of `True`, `False`, `true` and `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Entries in their order. A key may come twice.
    Dict(Vec<(String, Value)>),
}

impl Value {
    /// Finds the last entry of a dict with that key, as both languages have it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Dict(entries) => entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Returns what kind of value this is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::None => "None",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Dict(_) => "a dict",
        }
    }
}

/// Where a line stops to be a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("column {column}: expected {expected}, found {found}: repair or remove the line")]
pub struct LiteralError {
    /// In bytes, from 1.
    pub column: usize,
    /// What would have been right.
    pub expected: &'static str,
    /// What stood there.
    pub found: String,
}

/// Reads the value of a line.
///
/// # Errors
/// At the first byte that does not belong to a value.
///
/// ```
/// use anchorrec_prepare::raw::literal::{Value, parse};
/// let value = parse(r#"{'title': "it's", 'price': 6.5}"#).unwrap();
/// assert_eq!(value.get("title"), Some(&Value::Text("it's".into())));
/// ```
pub fn parse(text: &str) -> Result<Value, LiteralError> {
    let mut parser = Parser { text, at: 0 };
    parser.space();
    let value = parser.value(0)?;
    parser.space();
    if parser.at == text.len() { Ok(value) } else { Err(parser.error("the end of the line")) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn error(&self, expected: &'static str) -> LiteralError {
        // The place may be inside of a character when an escape is cut short.
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let found = match self.text.get(self.at..) {
            _ if rest.is_empty() => "the end of the line".to_owned(),
            Some(rest) => Excerpt::of(rest).to_string(),
            None => Excerpt::of_bytes(rest).to_string(),
        };
        LiteralError { column: self.at + 1, expected, found }
    }

    fn value(&mut self, depth: usize) -> Result<Value, LiteralError> {
        if depth == DEEPEST {
            return Err(self.error("at most 32 values inside one another"));
        }
        match self.peek() {
            Some(b'{') => self.dict(depth),
            Some(b'[') => self.list(depth),
            Some(b'\'' | b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn dict(&mut self, depth: usize) -> Result<Value, LiteralError> {
        let mut entries = Vec::new();
        self.entries(b'}', "a comma or }", |parser| {
            if !matches!(parser.peek(), Some(b'\'' | b'"')) {
                return Err(parser.error("a quoted key"));
            }
            let key = parser.string()?;
            parser.space();
            if !parser.eat(b':') {
                return Err(parser.error("a colon"));
            }
            parser.space();
            entries.push((key, parser.value(depth + 1)?));
            Ok(())
        })?;
        Ok(Value::Dict(entries))
    }

    fn list(&mut self, depth: usize) -> Result<Value, LiteralError> {
        let mut values = Vec::new();
        self.entries(b']', "a comma or ]", |parser| {
            values.push(parser.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Value::List(values))
    }

    /// From the opening bracket to the closing one, with commas between.
    fn entries(
        &mut self,
        close: u8,
        expected: &'static str,
        mut entry: impl FnMut(&mut Self) -> Result<(), LiteralError>,
    ) -> Result<(), LiteralError> {
        self.at += 1;
        self.space();
        if self.eat(close) {
            return Ok(());
        }
        loop {
            entry(self)?;
            self.space();
            if self.eat(close) {
                return Ok(());
            }
            if !self.eat(b',') {
                return Err(self.error(expected));
            }
            self.space();
        }
    }

    fn word(&mut self) -> Result<Value, LiteralError> {
        let words = [
            ("None", Value::None),
            ("null", Value::None),
            ("True", Value::Bool(true)),
            ("true", Value::Bool(true)),
            ("False", Value::Bool(false)),
            ("false", Value::Bool(false)),
        ];
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        match words.into_iter().find(|(word, _)| *word == &rest[..length]) {
            Some((_, value)) => {
                self.at += length;
                Ok(value)
            }
            None => Err(self.error("a value")),
        }
    }

    fn number(&mut self) -> Result<Value, LiteralError> {
        let start = self.at;
        self.eat(b'-');
        self.digits()?;
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'-') {
                self.eat(b'+');
            }
            self.digits()?;
        }
        // The grammar above is part of what the standard library reads.
        self.text[start..self.at].parse().map(Value::Number).map_err(|_| self.error("a number"))
    }

    fn digits(&mut self) -> Result<(), LiteralError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.error("a digit")) }
    }

    fn string(&mut self) -> Result<String, LiteralError> {
        let quote = self.text.as_bytes()[self.at];
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain =
                rest.bytes().position(|b| b == quote || b == b'\\' || (b < b' ' && b != b'\t')).unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'\\') => out.push(self.escape()?),
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(_) => return Err(self.error("a text without control characters")),
                None => return Err(self.error("the closing quote of a text")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, LiteralError> {
        let start = self.at;
        self.at += 1;
        let simple = match self.peek() {
            Some(byte @ (b'\\' | b'\'' | b'"' | b'/')) => char::from(byte),
            Some(b'a') => '\x07',
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'v') => '\x0b',
            Some(b'x') => return self.hex(2).map(character),
            Some(b'U') => return self.hex(8).map(character),
            Some(b'u') => return self.surrogates(),
            _ => {
                self.at = start;
                return Err(self.error("an escape such as \\n, \\xNN, \\uNNNN"));
            }
        };
        self.at += 1;
        Ok(simple)
    }

    /// `\uNNNN`, or two of them that stand for one character.
    fn surrogates(&mut self) -> Result<char, LiteralError> {
        let first = self.hex(4)?;
        let behind = self.at;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 1;
            let second = self.hex(4)?;
            if (0xdc00..0xe000).contains(&second) {
                return Ok(character(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)));
            }
            // It is a character of its own, to be read again.
            self.at = behind;
        }
        Ok(character(first))
    }

    /// The number behind the letter of an escape.
    fn hex(&mut self, digits: usize) -> Result<u32, LiteralError> {
        self.at += 1;
        let mut number = 0;
        for _ in 0..digits {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else { return Err(self.error("a hexadecimal digit")) };
            number = number << 4 | digit;
            self.at += 1;
        }
        Ok(number)
    }
}

/// A character, or U+FFFD where no character has that number.
fn character(number: u32) -> char {
    char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn values_of_both_languages() {
        let table = [
            ("None", Value::None),
            (" null\t", Value::None),
            ("[True, False,true ,false]", Value::List([true, false, true, false].map(Value::Bool).to_vec())),
            ("[]", Value::List(vec![])),
            ("{ }", Value::Dict(vec![])),
            ("[0, -1.5, 2e3, 6.99E-2]", Value::List([0.0, -1.5, 2000.0, 0.0699].map(Value::Number).to_vec())),
            (r#"'it\'s "x" / ä'"#, text("it's \"x\" / ä")),
            (r#""it's \"x\" \/""#, text("it's \"x\" /")),
            (r"'\\n\n\t\r\a\b\f\v\xe9\u00e9\U0001F600'", text("\\n\n\t\r\x07\x08\x0c\x0béé😀")),
            (r#""\ud83d\ude00 \ud83d \ude00 \ud83d\u0041""#, text("😀 \u{fffd} \u{fffd} \u{fffd}A")),
            (
                "{'a': [['b', \"c\"], []], 'a': {'d': None}}",
                Value::Dict(vec![
                    ("a".into(), Value::List(vec![Value::List(vec![text("b"), text("c")]), Value::List(vec![])])),
                    ("a".into(), Value::Dict(vec![("d".into(), Value::None)])),
                ]),
            ),
        ];
        for (line, want) in table {
            assert_eq!(parse(line), Ok(want), "{line}");
        }
        let twice = parse("{'a': 1, 'a': 2}").unwrap();
        assert_eq!((twice.get("a"), twice.get("b"), Value::None.get("a")), (Some(&Value::Number(2.0)), None, None));
    }

    #[test]
    fn anything_else_is_an_error_with_its_column() {
        let table = [
            ("", 1, "a value", "the end of the line"),
            ("{'a': 1", 8, "a comma or }", "the end of the line"),
            ("{'a' 1}", 6, "a colon", "\"1}\""),
            ("{a: 1}", 2, "a quoted key", "\"a: 1}\""),
            ("{'a': 1,}", 9, "a quoted key", "\"}\""),
            ("[1 2]", 4, "a comma or ]", "\"2]\""),
            ("[1,]", 4, "a value", "\"]\""),
            ("[nan]", 2, "a value", "\"nan]\""),
            ("[Nonesuch]", 2, "a value", "\"Nonesuch]\""),
            ("'ab", 4, "the closing quote of a text", "the end of the line"),
            ("'a\u{1}'", 3, "a text without control characters", "\"\\u{1}'\""),
            (r"'\q'", 2, "an escape such as \\n, \\xNN, \\uNNNN", "\"\\\\q'\""),
            (r"'\x4g'", 5, "a hexadecimal digit", "\"g'\""),
            ("'\\u12é'", 6, "a hexadecimal digit", "\"é'\""),
            ("'\\", 2, "an escape such as \\n, \\xNN, \\uNNNN", "\"\\\\\""),
            ("-", 2, "a digit", "the end of the line"),
            ("1.", 3, "a digit", "the end of the line"),
            ("1e", 3, "a digit", "the end of the line"),
            ("{} {}", 4, "the end of the line", "\"{}\""),
            ("__import__('os')", 1, "a value", "\"__import__('os')\""),
        ];
        for (line, column, expected, found) in table {
            let want = LiteralError { column, expected, found: found.to_owned() };
            assert_eq!(parse(line), Err(want), "{line}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(DEEPEST)).is_ok());
        assert_eq!(parse(&nested(DEEPEST + 1)).unwrap_err().column, DEEPEST + 1);
        assert!(parse(&"[{'a':".repeat(1_000_000)).is_err());
    }

    #[test]
    fn no_cut_or_changed_line_panics() {
        let line = r#"{'a': ['b\u00e9\xe9', "c'é", -1.5e-3], 'd': {'e': None, 'f': True}, 'g': "\ud83d\ude00"}"#;
        for at in 0..=line.len() {
            let _ = line.get(..at).map(parse);
            for byte in ['\\', '\'', '"', '{', ']', 'é', '9', '\u{0}'] {
                if let (Some(before), Some(behind)) = (line.get(..at), line.get(at + 1..)) {
                    let _ = parse(&format!("{before}{byte}{behind}"));
                }
            }
        }
    }
}
