//! What sentences are made by: their paragraph, and the limits below which nothing is claimed.

/// Level of significance, after correction.
pub const LEVEL: f64 = 0.05;

/// Shares that are closer than this are called about the same.
pub const ALIKE: f64 = 0.02;

/// Sentences under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// What the sentences are about.
    pub heading: &'static str,
    /// The sentences.
    pub sentences: Vec<String>,
}

/// Makes the first letter a capital.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Quotes the name of a variant: names are words like others, and quoted they do not run into a sentence.
pub fn quoted(name: &str) -> String {
    format!("“{name}”")
}
