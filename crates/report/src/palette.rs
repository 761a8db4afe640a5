//! Colours, once, light and dark: of figures, files and the page around them.
//!
//! The colours of spaces are far apart for all common kinds of colour blindness (after Okabe and Ito, darkened until text in them reads on
//! paper); nothing is told by colour alone.

/// Name, on light paper, on dark paper.
const COLOURS: &[(&str, &str, &str)] = &[
    ("paper", "#fdfcfa", "#15171b"),
    ("raised", "#f5f3ee", "#1d2026"),
    ("ink", "#1d1f23", "#e9e6df"),
    ("muted", "#62656d", "#a0a4ad"),
    ("rule", "#dfdcd4", "#343943"),
    ("final", "#17549b", "#7db3f5"),
    ("id", "#b8470b", "#f39a5c"),
    ("mm", "#00745a", "#4fc9a0"),
    ("text", "#86388c", "#d59ddf"),
    ("vision", "#8a6700", "#dfbd4e"),
    ("other", "#5d6470", "#a4abb8"),
    ("alarm", "#a3182b", "#ff8a8f"),
    ("alarm-paper", "#fbe9e7", "#3a1a1e"),
];

/// What figures look like, with a colour's name in braces for each colour.
const FIGURES: &str = include_str!("figures.css");

/// How colours are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Variables of the page.
    Variables,
    /// The colours on light paper.
    Light,
    /// The colours on dark paper.
    Dark,
}

/// Returns the style of figures.
pub fn figures(colours: Colours) -> String {
    COLOURS.iter().fold(FIGURES.to_owned(), |css, (name, light, dark)| {
        let value = match colours {
            Colours::Variables => format!("var(--{name})"),
            Colours::Light => (*light).to_owned(),
            Colours::Dark => (*dark).to_owned(),
        };
        css.replace(&format!("{{{name}}}"), &value)
    })
}

/// Returns the page's variables, for light and for dark windows.
pub fn variables() -> String {
    let of = |pick: fn(&(&str, &str, &str)) -> String| COLOURS.iter().map(pick).collect::<String>();
    let (light, dark) =
        (of(|(name, light, _)| format!("--{name}:{light};")), of(|(name, _, dark)| format!("--{name}:{dark};")));
    format!(
        ":root{{color-scheme:light dark;{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n\
         @media print{{:root{{{light}}}}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2, 1.4.3).
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let c = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn every_colour_of_text_reads_on_its_paper() {
        let colour = |name: &str| COLOURS.iter().find(|colour| colour.0 == name).unwrap();
        let contrast = |a: &str, b: &str| {
            let (a, b) = (luminance(a), luminance(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for name in ["ink", "muted", "final", "id", "mm", "text", "vision", "other", "alarm"] {
            for paper in ["paper", "raised"] {
                let (text, paper) = (colour(name), colour(paper));
                assert!(contrast(text.1, paper.1) >= 4.5, "{name} on light: {}", contrast(text.1, paper.1));
                assert!(contrast(text.2, paper.2) >= 4.5, "{name} on dark: {}", contrast(text.2, paper.2));
            }
        }
        assert!(contrast(colour("alarm").1, colour("alarm-paper").1) >= 4.5);
        assert!(contrast(colour("alarm").2, colour("alarm-paper").2) >= 4.5);
    }

    #[test]
    fn no_colour_is_left_open() {
        for colours in [Colours::Variables, Colours::Light, Colours::Dark] {
            let css = figures(colours);
            assert!(COLOURS.iter().all(|(name, ..)| !css.contains(&format!("{{{name}}}"))));
        }
        assert!(!figures(Colours::Light).contains("var("), "a file has no page around it");
    }
}
