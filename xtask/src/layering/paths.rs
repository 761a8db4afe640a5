//! From the text of a file to the paths into its own crate that it names: `crate::a::B`, `super::c`, imports written as trees.
//!
//! A scanner for well-formatted Rust, not a parser: comments, texts and test modules are blanked first, then imports and paths are read.

/// What a file names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Imports: the name in scope (`*` for all of a module), and the path it stands for.
    pub imports: Vec<(String, Vec<String>)>,
    /// Paths that begin with `crate` or `super` outside of imports.
    pub paths: Vec<Vec<String>>,
    /// Names of items that the file itself defines.
    pub items: Vec<String>,
}

/// Reads a file.
pub fn names(text: &str) -> Names {
    let words = without_tests(words(&code(text)));
    let mut names = Names::default();
    let mut at = 0;
    while at < words.len() {
        let word = words[at].as_str();
        match word {
            "use" => {
                let end = (at..words.len()).find(|&k| words[k] == ";").unwrap_or(words.len());
                tree(&words[at + 1..end], &[], &mut names.imports);
                at = end;
            }
            "crate" | "super" => {
                let mut path = vec![word.to_owned()];
                while words.get(at + 1).is_some_and(|w| w == "::") && words.get(at + 2).is_some_and(|w| is_name(w)) {
                    path.push(words[at + 2].clone());
                    at += 2;
                }
                // `pub(crate)` is no path.
                if path.len() > 1 {
                    names.paths.push(path);
                }
            }
            "struct" | "enum" | "fn" | "trait" | "type" | "const" | "static" | "union" => {
                names.items.extend(words.get(at + 1).filter(|w| is_name(w)).cloned());
            }
            "macro_rules" => names.items.extend(words.get(at + 2).cloned()),
            _ => {}
        }
        at += 1;
    }
    names
}

/// The text with comments, texts and characters blanked.
fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |k: usize| chars.get(k).copied().unwrap_or('\0');
    let mut out = String::new();
    let mut k = 0;
    while k < chars.len() {
        let raw = (at(k) == 'r' && matches!(at(k + 1), '"' | '#')).then(|| {
            let hashes = chars[k + 1..].iter().take_while(|&&c| c == '#').count();
            (at(k + 1 + hashes) == '"').then_some(hashes)
        });
        if at(k) == '/' && at(k + 1) == '/' {
            while k < chars.len() && at(k) != '\n' {
                k += 1;
            }
        } else if at(k) == '/' && at(k + 1) == '*' {
            while k < chars.len() && !(at(k) == '*' && at(k + 1) == '/') {
                k += 1;
            }
            k += 2;
        } else if let Some(Some(hashes)) = raw {
            k += hashes + 2;
            let closes = |k: usize| at(k) == '"' && (1..=hashes).all(|h| at(k + h) == '#');
            while k < chars.len() && !closes(k) {
                k += 1;
            }
            k += hashes + 1;
        } else if at(k) == '"' {
            k += 1;
            while k < chars.len() && at(k) != '"' {
                k += if at(k) == '\\' { 2 } else { 1 };
            }
            k += 1;
        } else if at(k) == '\'' && (at(k + 1) == '\\' || at(k + 2) == '\'') {
            // A character; a lifetime has no second quote there.
            k += if at(k + 1) == '\\' { 3 } else { 2 };
            while k < chars.len() && at(k) != '\'' {
                k += 1;
            }
            k += 1;
        } else {
            out.push(at(k));
            k += 1;
            continue;
        }
        out.push(' ');
    }
    out
}

/// Names, `::`, and every other mark alone.
fn words(code: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let name = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let length = match first {
            _ if name > 0 => name,
            ':' if rest.starts_with("::") => 2,
            c => c.len_utf8(),
        };
        if !first.is_whitespace() {
            words.push(rest[..length].to_owned());
        }
        rest = &rest[length..];
    }
    words
}

/// The words without what is behind `#[cfg(test)]`: a module, a function, an import.
fn without_tests(words: Vec<String>) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if words[at..].iter().zip(MARK).filter(|(word, mark)| word == mark).count() < MARK.len() {
            out.push(words[at].clone());
            at += 1;
            continue;
        }
        let mut depth = 0usize;
        while at < words.len() {
            match words[at].as_str() {
                "{" => depth += 1,
                "}" if depth == 1 => break,
                "}" => depth = depth.saturating_sub(1),
                ";" if depth == 0 => break,
                _ => {}
            }
            at += 1;
        }
        at += 1;
    }
    out
}

/// Adds what a tree of an import binds: `a::{b, c::D as E, self}`.
fn tree(words: &[String], above: &[String], out: &mut Vec<(String, Vec<String>)>) {
    let mut path = above.to_vec();
    let mut at = 0;
    while at < words.len() {
        match words[at].as_str() {
            "{" => {
                let end = words.len().saturating_sub(1);
                for branch in branches(&words[at + 1..end]) {
                    tree(branch, &path, out);
                }
                return;
            }
            "as" => {
                out.push((words.get(at + 1).cloned().unwrap_or_default(), path));
                return;
            }
            "::" => {}
            "self" if !path.is_empty() => {}
            word => path.push(word.to_owned()),
        }
        at += 1;
    }
    if let Some(name) = path.last().cloned() {
        if name == "*" {
            path.pop();
        }
        out.push((name, path));
    }
}

/// The parts between the commas of one level.
fn branches(words: &[String]) -> Vec<&[String]> {
    let (mut out, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 0 => {
                out.push(&words[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&words[start..]);
    out.retain(|branch| !branch.is_empty());
    out
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_trees_and_paths_stand_anywhere() {
        let text = r##"
            //! use crate::comment::A;
            use crate::{a::{B, c as d}, e::{self, *}};
            pub use super::f::G;
            pub(crate) fn h() -> crate::i::J { "crate::text::K"; 'x'; r#"crate::raw::L"#; crate::m::n(super::o()) }
            #[cfg(test)]
            mod tests { use crate::p; fn q() { { } } }
            struct R;
        "##;
        let names = names(text);
        let imports: Vec<String> =
            names.imports.iter().map(|(name, path)| format!("{name}={}", path.join("::"))).collect();
        let want = ["B=crate::a::B", "d=crate::a::c", "e=crate::e", "*=crate::e", "G=super::f::G"];
        assert_eq!(imports, want);
        let paths: Vec<String> = names.paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(paths, ["crate::i::J", "crate::m::n", "super::o"]);
        assert_eq!(names.items, ["h", "R"]);
    }
}
