//! The three modalities of an item, each of which a data set may lack.

/// A modality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modality {
    /// The anchor: a fused image-text embedding.
    Mm,
    /// Text.
    Text,
    /// Vision.
    Vision,
}

impl Modality {
    /// All three, in the order in which parameters are created and terms are listed.
    pub const ALL: [Modality; 3] = [Modality::Mm, Modality::Text, Modality::Vision];

    /// Returns the modality's name in parameters, terms and reports.
    pub fn name(self) -> &'static str {
        match self {
            Modality::Mm => "mm",
            Modality::Text => "text",
            Modality::Vision => "vision",
        }
    }
}

/// One `T` for each modality that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Modalities<T> {
    /// The value of the fused embedding.
    pub mm: Option<T>,
    /// The value of text.
    pub text: Option<T>,
    /// The value of vision.
    pub vision: Option<T>,
}

impl<T> Default for Modalities<T> {
    fn default() -> Self {
        Modalities { mm: None, text: None, vision: None }
    }
}

impl<T> Modalities<T> {
    /// Returns the value of a modality.
    pub fn get(&self, modality: Modality) -> Option<&T> {
        match modality {
            Modality::Mm => self.mm.as_ref(),
            Modality::Text => self.text.as_ref(),
            Modality::Vision => self.vision.as_ref(),
        }
    }

    /// Gives a modality its value.
    pub fn set(&mut self, modality: Modality, value: T) {
        match modality {
            Modality::Mm => self.mm = Some(value),
            Modality::Text => self.text = Some(value),
            Modality::Vision => self.vision = Some(value),
        }
    }

    /// Takes the value of a modality out.
    pub fn take(&mut self, modality: Modality) -> Option<T> {
        match modality {
            Modality::Mm => self.mm.take(),
            Modality::Text => self.text.take(),
            Modality::Vision => self.vision.take(),
        }
    }

    /// Returns the modalities that are there, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Modality, &T)> {
        Modality::ALL.into_iter().filter_map(|m| Some((m, self.get(m)?)))
    }

    /// `f` of every value that is there, in order.
    pub fn map<V>(self, mut f: impl FnMut(Modality, T) -> V) -> Modalities<V> {
        Modalities {
            mm: self.mm.map(|v| f(Modality::Mm, v)),
            text: self.text.map(|v| f(Modality::Text, v)),
            vision: self.vision.map(|v| f(Modality::Vision, v)),
        }
    }

    /// Keeps the modalities for which `keep` holds.
    pub fn filter(self, keep: impl Fn(Modality) -> bool) -> Modalities<T> {
        Modalities {
            mm: self.mm.filter(|_| keep(Modality::Mm)),
            text: self.text.filter(|_| keep(Modality::Text)),
            vision: self.vision.filter(|_| keep(Modality::Vision)),
        }
    }

    /// `f` of every value that is there, in order; a modality for which it is `None` is absent.
    pub fn filter_map<V>(self, mut f: impl FnMut(Modality, T) -> Option<V>) -> Modalities<V> {
        Modalities {
            mm: self.mm.and_then(|v| f(Modality::Mm, v)),
            text: self.text.and_then(|v| f(Modality::Text, v)),
            vision: self.vision.and_then(|v| f(Modality::Vision, v)),
        }
    }

    /// Joins two sets of modalities; where both have one, `f` makes one of the two.
    pub fn join(self, other: Modalities<T>, f: impl Fn(T, T) -> T) -> Modalities<T> {
        let one = |a: Option<T>, b: Option<T>| match (a, b) {
            (Some(a), Some(b)) => Some(f(a, b)),
            (a, b) => a.or(b),
        };
        Modalities {
            mm: one(self.mm, other.mm),
            text: one(self.text, other.text),
            vision: one(self.vision, other.vision),
        }
    }

    /// `f` of every value that is there, which it may change.
    pub fn change(&mut self, f: impl FnMut(&mut T)) {
        [&mut self.mm, &mut self.text, &mut self.vision].into_iter().flatten().for_each(f);
    }

    /// Borrows the value of each modality.
    pub fn as_ref(&self) -> Modalities<&T> {
        Modalities { mm: self.mm.as_ref(), text: self.text.as_ref(), vision: self.vision.as_ref() }
    }
}
