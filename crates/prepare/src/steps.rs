//! What every step kept and dropped.

use anchorrec_data::grouped;
use serde::Serialize;
use std::fmt;

/// What is left after a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Users with a row.
    pub users: usize,
    /// Items with a row.
    pub items: usize,
    /// Rows.
    pub interactions: usize,
}

/// A step of a preparation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What was done.
    pub name: String,
    /// What is left.
    pub kept: Size,
    /// Rows, lines or records that were dropped.
    pub dropped: u64,
    /// Which, and why.
    pub why: String,
}

impl Step {
    /// Returns the head of the table that steps print as.
    pub fn head() -> String {
        format!(
            "{:<22}{:>11}{:>10}{:>14}{:>12}  {}",
            "step", "users", "items", "interactions", "dropped", "what and why"
        )
    }
}

/// A row of the table.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Size { users, items, interactions } = self.kept;
        let [users, items, interactions, dropped] =
            [users as u64, items as u64, interactions as u64, self.dropped].map(grouped);
        let row = format!("{:<22}{users:>11}{items:>10}{interactions:>14}{dropped:>12}  {}", self.name, self.why);
        f.write_str(row.trim_end())
    }
}

/// The steps of a preparation, each shown as it comes.
pub struct Log<'a> {
    steps: Vec<Step>,
    watch: &'a mut dyn FnMut(&Step),
}

impl<'a> Log<'a> {
    /// Starts without steps; `watch` sees each that comes.
    pub fn new(watch: &'a mut dyn FnMut(&Step)) -> Self {
        Log { steps: Vec::new(), watch }
    }

    /// Shows a step and keeps it.
    pub fn add(&mut self, name: &str, kept: Size, dropped: usize, why: String) {
        let step = Step { name: name.to_owned(), kept, dropped: dropped as u64, why };
        (self.watch)(&step);
        self.steps.push(step);
    }

    /// Returns all steps.
    pub fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stand_under_their_head() {
        let kept = Size { users: 35_598, items: 999, interactions: 1_296_337 };
        let step = Step { name: "repeats".into(), kept, dropped: 0, why: String::new() };
        assert_eq!(step.to_string(), "repeats                    35,598       999     1,296,337           0");
        assert!(step.to_string().len() <= Step::head().find("what").unwrap());
    }
}
