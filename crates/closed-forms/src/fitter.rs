//! What methods are fitted to, and a method computed at one setting.

use crate::error::{Unsolvable, exact_bytes};
use crate::{
    Content, FoldIn, L3ae, NeighbourLists, Popularity, Pull, RegularisedInverse, Setting, Taken, ease, item_knn,
    on_neighbours,
};

/// How EASE and L3AE are solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solver {
    /// On all other items, by an `I x I` inverse, for up to so many items.
    Exact {
        /// The most items.
        most_items: usize,
    },
    /// On so many nearest neighbours of each item: by co-occurrence, for L3AE as many by content beside them.
    Neighbours(usize),
}

/// Fits methods to the pairs of training and to features.
#[derive(Clone, Debug)]
pub struct Fitter {
    /// The training pairs.
    pub taken: Taken,
    /// Feature tables by name. Without any there is no L3AE.
    pub features: Vec<(String, Content)>,
    /// How EASE and L3AE are solved.
    pub solver: Solver,
}

impl Fitter {
    /// Returns the feature table of a name.
    ///
    /// # Panics
    /// When there is none.
    pub fn content(&self, name: &str) -> &Content {
        let found = self.features.iter().find(|(of, _)| of == name);
        &found.unwrap_or_else(|| panic!("l3ae: there is no feature table `{name}`")).1
    }

    /// The neighbours on which EASE, or with content L3AE, is solved; none for an exact solution.
    pub(crate) fn lists(&self, content: Option<&Content>) -> Option<NeighbourLists> {
        let Solver::Neighbours(k) = self.solver else { return None };
        let lists = NeighbourLists::by_co_occurrence(&self.taken, k);
        Some(match content {
            None => lists,
            Some(content) => lists.with_content(content, k),
        })
    }

    /// Bytes of the matrices of EASE, or with a content `width` columns wide of L3AE, at their peak.
    pub(crate) fn bytes(&self, width: usize) -> f64 {
        let items = self.taken.items();
        let content = 24.0 * (items * width) as f64;
        content
            + match self.solver {
                Solver::Exact { .. } => exact_bytes(items),
                Solver::Neighbours(k) => sparse_bytes(if width > 0 { 2 * k } else { k }, items),
            }
    }

    /// Computes a method at one setting.
    ///
    /// # Errors
    /// When a setting cannot work, or there are too many items for an exact solution.
    ///
    /// # Panics
    /// When L3AE names a feature table that is not there.
    ///
    /// ```
    /// use anchorrec_closed_forms::{Setting, Solver, Fitter, Taken};
    ///
    /// let taken = Taken::new(2, 3, [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]);
    /// let fitter = Fitter { taken, features: vec![], solver: Solver::Exact { most_items: 20_000 } };
    /// let ease = fitter.fit(&Setting::Ease { lambda: 10.0 })?;
    /// let new_user = ease.scores(&[0]); // for a user with item 0
    /// assert!(new_user[1] > new_user[2] && new_user[2] > 0.0);
    /// # Ok::<(), anchorrec_closed_forms::Unsolvable>(())
    /// ```
    pub fn fit(&self, setting: &Setting) -> Result<Box<dyn FoldIn>, Unsolvable> {
        let taken = &self.taken;
        let exact = |lambda: f64| match self.solver {
            Solver::Exact { most_items } => RegularisedInverse::new(taken, lambda, most_items).map(Some),
            Solver::Neighbours(_) => Ok(None),
        };
        let on = |lambda: f64, pull: Option<Pull>| {
            let lists = self.lists(pull.map(|pull| pull.content)).expect("a solver without an inverse has lists");
            on_neighbours(taken, &lists, lambda, pull)
        };
        Ok(match setting {
            Setting::Popularity => Box::new(Popularity::new(taken)),
            Setting::ItemKnn(settings) => Box::new(item_knn(taken, *settings)),
            Setting::Ease { lambda } => match exact(*lambda)? {
                Some(inverse) => Box::new(ease(&inverse)),
                None => Box::new(on(*lambda, None)?),
            },
            Setting::L3ae { lambda, features, lambda_f, rho } => {
                let content = self.content(features);
                let kernel = content.kernel(*lambda_f)?;
                match exact(*lambda)? {
                    Some(inverse) => Box::new(L3ae::new(&inverse, content).weights(&kernel, *rho)?),
                    None => Box::new(on(*lambda, Some(Pull { content, kernel: &kernel, rho: *rho }))?),
                }
            }
        })
    }
}

/// Bytes of `k` weights an item while columns become rows.
pub(crate) fn sparse_bytes(k: usize, items: usize) -> f64 {
    32.0 * (k * items) as f64
}
