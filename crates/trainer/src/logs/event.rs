//! TensorFlow's `Event` message, as much of it as scalars need, in the wire format of protocol buffers.
//!
//! ```text
//! Event   { 1: double wall_time   2: int64 step   3: string file_version   5: Summary summary }
//! Summary { 1: repeated Value value }
//! Value   { 1: string tag   2: float simple_value }
//! ```
//!
//! A field begins with the varint `number · 8 + type`: type 0 is a varint, 1 eight bytes, 2 a length and so many bytes, 5 four bytes. Sources:
//! `tensorflow/core/util/event.proto`, `tensorflow/core/framework/summary.proto`, protobuf.dev/programming-guides/encoding.
//!
//! Why by hand: the crates for it bring a code generator or a runtime for all messages, and the first command would have to build them for these sixty
//! lines. Values are held against the real library's below, and by `docs/exporting-results/logs.py`.

use anchorrec_records::report::{EpochRecord, Metrics};

/// What a file says first.
const VERSION: &str = "brain.Event:2";

/// One event: the version of the file, or scalars of a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Event {
    /// In seconds since 1970.
    pub(super) wall_time: f64,
    pub(super) step: i64,
    file_version: Option<String>,
    scalars: Vec<Scalar>,
}

/// A number under a tag.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Scalar {
    tag: String,
    value: f32,
}

impl Scalar {
    pub(super) fn new(tag: &str, value: f64) -> Self {
        Scalar { tag: tag.to_owned(), value: value as f32 }
    }
}

impl Event {
    /// Makes the first event of a file.
    pub(super) fn version(wall_time: f64) -> Self {
        Event { wall_time, file_version: Some(VERSION.to_owned()), ..Event::default() }
    }

    /// Makes the event of an epoch's scalars.
    pub(super) fn of(epoch: &EpochRecord, wall_time: f64) -> Self {
        Event { wall_time, step: epoch.epoch as i64, file_version: None, scalars: scalars(epoch) }
    }

    /// Returns whether it is the first of a file that this program, or TensorFlow, wrote.
    pub(super) fn is_version(&self) -> bool {
        self.file_version.as_deref() == Some(VERSION)
    }

    /// Returns whether it says the same of the same step, at whatever time.
    pub(super) fn tells_the_same(&self, other: &Event) -> bool {
        let bits = |event: &Event| -> Vec<(String, u32)> {
            event.scalars.iter().map(|scalar| (scalar.tag.clone(), scalar.value.to_bits())).collect()
        };
        (self.step, &self.file_version, bits(self)) == (other.step, &other.file_version, bits(other))
    }

    /// Encodes the event as protocol buffers.
    pub(super) fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, 1, Type::Eight, &self.wall_time.to_le_bytes());
        if self.step != 0 {
            varint(&mut out, 2 << 3);
            varint(&mut out, self.step as u64);
        }
        if let Some(version) = &self.file_version {
            put(&mut out, 3, Type::Bytes, version.as_bytes());
        }
        if !self.scalars.is_empty() {
            let mut summary = Vec::new();
            for Scalar { tag, value } in &self.scalars {
                let mut scalar = Vec::new();
                put(&mut scalar, 1, Type::Bytes, tag.as_bytes());
                put(&mut scalar, 2, Type::Four, &value.to_le_bytes());
                put(&mut summary, 1, Type::Bytes, &scalar);
            }
            put(&mut out, 5, Type::Bytes, &summary);
        }
        out
    }

    /// Reads one; nothing where the bytes are no message. Other fields are passed over.
    pub(super) fn decoded(bytes: &[u8]) -> Option<Self> {
        let mut event = Event::default();
        for field in Fields(bytes) {
            match field? {
                (1, Value::Eight(bytes)) => event.wall_time = f64::from_le_bytes(bytes),
                (2, Value::Varint(step)) => event.step = step as i64,
                (3, Value::Bytes(version)) => event.file_version = Some(String::from_utf8(version.to_vec()).ok()?),
                (5, Value::Bytes(summary)) => {
                    for field in Fields(summary) {
                        if let (1, Value::Bytes(scalar)) = field? {
                            event.scalars.push(Scalar::decoded(scalar)?);
                        }
                    }
                }
                _ => {}
            }
        }
        Some(event)
    }
}

impl Scalar {
    fn decoded(bytes: &[u8]) -> Option<Self> {
        let mut scalar = Scalar::default();
        for field in Fields(bytes) {
            match field? {
                (1, Value::Bytes(tag)) => scalar.tag = String::from_utf8(tag.to_vec()).ok()?,
                (2, Value::Four(bytes)) => scalar.value = f32::from_le_bytes(bytes),
                _ => {}
            }
        }
        Some(scalar)
    }
}

/// The scalars of an epoch, by tags that TensorBoard groups by their first word. Its duration is not among them: it is the difference of times.
fn scalars(epoch: &EpochRecord) -> Vec<Scalar> {
    let mut scalars =
        vec![Scalar::new("train/loss", epoch.loss), Scalar::new("train/learning_rate", epoch.learning_rate)];
    scalars.extend(epoch.terms.iter().map(|(name, value)| Scalar::new(&format!("terms/{name}"), *value)));
    let of = |split: &str, metrics: &Option<Metrics>| -> Vec<Scalar> {
        let metrics = metrics.iter().flatten();
        metrics.map(|(name, value)| Scalar::new(&format!("{split}/{name}"), *value)).collect()
    };
    scalars.extend(of("validation", &epoch.valid));
    scalars.extend(of("test", &epoch.test));
    scalars
}

/// How a field's value is written.
#[derive(Clone, Copy)]
enum Type {
    Eight = 1,
    Bytes = 2,
    Four = 5,
}

fn put(out: &mut Vec<u8>, number: u64, kind: Type, bytes: &[u8]) {
    varint(out, number << 3 | kind as u64);
    if let Type::Bytes = kind {
        varint(out, bytes.len() as u64);
    }
    out.extend_from_slice(bytes);
}

/// Seven bits a byte, the lowest first; the high bit says that more follow.
fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

enum Value<'a> {
    Varint(u64),
    Eight([u8; 8]),
    Bytes(&'a [u8]),
    Four([u8; 4]),
}

/// The fields of a message, with their numbers; a last `None` where it breaks off.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for place in 0..10 {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f).checked_shl(7 * place)?;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Eight(self.take(8)?.try_into().ok()?),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Four(self.take(4)?.try_into().ok()?),
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::frame::{Frames, framed};

    /// What tensorboard 2.21.0 with protobuf 7.36.2 writes for the two events below: `RecordWriter(file).write(event.SerializeToString())`.
    const FILE: &str = "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9\
        3e00000000000000d9d240e70900006040fc54d94110ac022a300a110a0a747261696e2f6c6f7373150000803e0a1b0a1476616c69646174696f6e2f726563616c6c\
        40323015e17a943de530c7cb";

    fn events() -> [Event; 2] {
        let scalars = vec![Scalar::new("train/loss", 0.25), Scalar::new("validation/recall@20", 0.0725)];
        [Event::version(1_700_000_000.25), Event { wall_time: 1_700_000_001.5, step: 300, scalars, ..Event::default() }]
    }

    fn file() -> Vec<u8> {
        let digits: Vec<u8> = FILE.bytes().collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    #[test]
    fn the_bytes_are_those_of_tensorboard() {
        let written = events().map(|event| framed(&event.encoded())).concat();
        assert_eq!(written, file());
    }

    #[test]
    fn what_tensorboard_wrote_is_read() {
        let read: Vec<Event> =
            Frames::new(&file()[..]).map(|payload| Event::decoded(&payload.unwrap()).unwrap()).collect();
        assert_eq!(read, events());
        assert!(read[0].is_version() && !read[1].is_version());
    }

    #[test]
    fn bytes_that_are_no_message_are_none() {
        let whole = events()[1].encoded();
        for length in 0..whole.len() {
            // A message may end between two fields, and nowhere else.
            let cut = Event::decoded(&whole[..length]);
            assert!(cut.is_none_or(|event| event != events()[1]), "{length} bytes");
        }
        assert!(Event::decoded(&[0xff; 11]).is_none());
    }
}
