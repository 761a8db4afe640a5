//! Parts of a check one after another: each is announced, timed, and is in the table at the end.

use std::time::{Duration, Instant};

/// How a part ended that did not fail.
pub enum Outcome {
    /// The part was done.
    Done,
    /// The part was done, but for what passed before and has not changed.
    Unchanged(String),
    /// The part could not be done here, and why.
    Skipped(String),
}

/// What a part returns: its error ends the check.
pub type Part = Result<Outcome, String>;

/// The parts so far.
pub struct Gate {
    deep: bool,
    parts: Vec<(&'static str, Duration, Outcome)>,
    left_out: Vec<&'static str>,
}

impl Gate {
    /// Makes a check without any part yet; `deep` decides about [`deep`](Self::deep) parts.
    pub fn new(deep: bool) -> Self {
        Gate { deep, parts: Vec::new(), left_out: Vec::new() }
    }

    /// Runs a part that every check has.
    pub fn part(&mut self, name: &'static str, work: impl FnOnce() -> Part) -> Result<(), String> {
        println!("check: {name}");
        let start = Instant::now();
        let outcome = work().map_err(|message| format!("{name}: {message}"))?;
        match &outcome {
            Outcome::Done => {}
            Outcome::Unchanged(what) => println!("  {what}"),
            Outcome::Skipped(why) => println!("  skipped: {why}"),
        }
        self.parts.push((name, start.elapsed(), outcome));
        Ok(())
    }

    /// Runs a part that takes long: only a deep check has it.
    pub fn deep(&mut self, name: &'static str, work: impl FnOnce() -> Part) -> Result<(), String> {
        if self.deep {
            return self.part(name, work);
        }
        self.left_out.push(name);
        Ok(())
    }

    /// Writes the table of all parts, with what was skipped and what was left out.
    pub fn summary(&self) -> String {
        let mut lines = Vec::new();
        for (name, time, outcome) in &self.parts {
            let skipped = if matches!(outcome, Outcome::Skipped(_)) { "  skipped" } else { "" };
            lines.push(format!("{:>8.1} s  {name}{skipped}", time.as_secs_f64()));
        }
        let total: Duration = self.parts.iter().map(|(_, time, _)| time).sum();
        lines.push(format!("{:>8.1} s  in all", total.as_secs_f64()));
        if !self.left_out.is_empty() {
            lines.push(format!("not checked: {} (cargo xtask check --deep)", self.left_out.join(", ")));
        }
        let missing = |(name, _, outcome): &(&'static str, Duration, Outcome)| match outcome {
            Outcome::Skipped(why) => Some(format!("skipped: {name}: {why}")),
            Outcome::Unchanged(what) => Some(format!("unchanged: {what}")),
            Outcome::Done => None,
        };
        lines.extend(self.parts.iter().filter_map(missing));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(deep: bool) -> Gate {
        let mut gate = Gate::new(deep);
        gate.part("quick", || Ok(Outcome::Done)).unwrap();
        gate.part("tests", || Ok(Outcome::Unchanged("3 were not run".to_owned()))).unwrap();
        gate.deep("long", || Ok(Outcome::Skipped("no tool".to_owned()))).unwrap();
        gate
    }

    #[test]
    fn a_summary_says_what_was_done_skipped_and_left_out() {
        let quick = gate(false).summary();
        assert!(
            quick.contains(" s  quick\n") && quick.contains("not checked: long (cargo xtask check --deep)"),
            "{quick}"
        );
        assert!(quick.ends_with("\nunchanged: 3 were not run"), "{quick}");
        let deep = gate(true).summary();
        assert!(deep.contains(" s  long  skipped\n") && deep.ends_with("skipped: long: no tool"), "{deep}");
        assert!(!deep.contains("not checked"));
    }

    #[test]
    fn a_part_that_fails_names_itself() {
        let mut gate = Gate::new(false);
        assert_eq!(gate.part("a", || Err("b".to_owned())), Err("a: b".to_owned()));
        assert_eq!(gate.deep("c", || Err("d".to_owned())), Ok(()));
    }
}
