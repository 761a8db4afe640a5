//! Names of users and items as people read them: the first few of many.

/// How many names are shown.
pub const SHOWN: usize = 5;
/// How many characters of a name are shown.
const LONGEST: usize = 60;

/// Lists the first [`SHOWN`] of `all` names, and how many more there are. Names come from files: what a terminal would obey is escaped, and a
/// long one is cut.
///
/// ```
/// use anchorrec_files::few;
/// assert_eq!(few(["a", "b"], 2), "a, b");
/// assert_eq!(few(["a", "b", "c", "d", "e", "f"], 1006), "a, b, c, d, e and 1,001 more");
/// assert_eq!(few(["a\u{1b}[2J"], 1), "a\\u{1b}[2J");
/// ```
pub fn few<N: AsRef<str>>(names: impl IntoIterator<Item = N>, all: usize) -> String {
    let shown = names.into_iter().take(SHOWN).map(|name| {
        let name = name.as_ref();
        let cut = name.char_indices().nth(LONGEST).map_or(name.len(), |(at, _)| at);
        let plain: String = name[..cut]
            .chars()
            .map(|c| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() })
            .collect();
        if cut < name.len() { plain + "..." } else { plain }
    });
    let shown: Vec<String> = shown.collect();
    let more = all.saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {} more", crate::grouped(more)) } else { String::new() };
    shown.join(", ") + &more
}
