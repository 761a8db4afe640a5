//! The doc comments of a Rust file, each with what it documents, found line by line.

/// A doc comment and the item below it.
#[derive(Debug, PartialEq)]
pub struct DocComment<'a> {
    /// The number of the comment's first line, from 1.
    pub line: usize,
    /// The comment's lines without slashes and the space behind them.
    pub lines: Vec<&'a str>,
    /// The first line of the item, without indentation: `pub fn users(&self) -> usize {`.
    pub item: &'a str,
}

impl<'a> DocComment<'a> {
    /// Returns the comment's first line.
    pub fn first(&self) -> &'a str {
        self.lines.first().copied().unwrap_or_default()
    }

    /// Returns the name of the public function below the comment, if that is what it documents.
    pub fn public_function(&self) -> Option<&'a str> {
        let item = self.item.strip_prefix("pub ")?;
        let item = item.strip_prefix("const ").unwrap_or(item);
        item.strip_prefix("fn ").and_then(|rest| rest.split(['(', '<']).next())
    }
}

/// Finds the doc comments of a file, in order.
pub fn doc_comments(text: &str) -> Vec<DocComment<'_>> {
    let mut found = Vec::new();
    let mut open: Option<DocComment> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if let Some(rest) = line.strip_prefix("///") {
            let comment = open.get_or_insert(DocComment { line: number + 1, lines: Vec::new(), item: "" });
            comment.lines.push(rest.strip_prefix(' ').unwrap_or(rest).trim_end());
        } else if !line.starts_with("#[") {
            found.extend(open.take().map(|comment| DocComment { item: line, ..comment }));
        }
    }
    found.extend(open);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_goes_to_the_item_below_its_attributes() {
        let text = "//! A module.\n\n    /// Counts.\n    /// ```\n    #[doc = include_str!(\"x\")]\n    /// ```\n    #[must_use]\n    \
                    pub const fn count<T>(x: T) -> usize {\n\n/// A field.\npub name: u32,";
        let found = doc_comments(text);
        assert_eq!(found[0].lines, ["Counts.", "```", "```"]);
        assert_eq!((found[0].line, found[0].public_function()), (3, Some("count")));
        assert_eq!((found[1].first(), found[1].line, found[1].public_function()), ("A field.", 10, None));
        assert_eq!(found.len(), 2);
    }
}
