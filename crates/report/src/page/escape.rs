//! Titles, ids and paths are foreign text: none of it may become markup.

use std::fmt::{self, Write};

/// Escapes text so that it may stand between marks and inside of quoted attributes.
pub fn escaped(text: &str) -> Escaped<'_> {
    Escaped(text)
}

/// Text that is escaped as it is written; made by [`escaped`].
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // No XML may hold them, and figures are XML.
                c if (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                    f.write_char('\u{fffd}')?
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_hostile_text_is_left_to_act() {
        let hostile = "</title><script>alert('1')</script>\" onload=\"x & \u{0}\u{1b}";
        assert_eq!(
            escaped(hostile).to_string(),
            "&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onload=&quot;x &amp; \u{fffd}\u{fffd}"
        );
        assert_eq!(escaped("Löffel – 木のスプーン\n").to_string(), "Löffel – 木のスプーン\n");
    }
}
