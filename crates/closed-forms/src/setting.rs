//! Methods and their settings, by name.

use crate::KnnSettings;
use std::fmt;

/// A method of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// How many users took an item.
    Popularity,
    /// Cosines of co-occurrence.
    ItemKnn,
    /// Every item explained by all others.
    Ease,
    /// EASE drawn towards the content; needs features.
    L3ae,
}

impl Method {
    /// All methods, in the order in which they are always shown.
    pub const ALL: [Method; 4] = [Method::Popularity, Method::ItemKnn, Method::Ease, Method::L3ae];

    /// Returns the name in options and files.
    pub fn name(self) -> &'static str {
        match self {
            Method::Popularity => "popularity",
            Method::ItemKnn => "item-knn",
            Method::Ease => "ease",
            Method::L3ae => "l3ae",
        }
    }

    /// Returns the name for people.
    pub fn title(self) -> &'static str {
        match self {
            Method::Popularity => "popularity",
            Method::ItemKnn => "item kNN",
            Method::Ease => "EASE",
            Method::L3ae => "L3AE",
        }
    }
}

/// One setting of one method.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Popularity has nothing to choose.
    Popularity,
    /// Neighbours and shrinkage of item kNN.
    ItemKnn(KnnSettings),
    /// `λ` of EASE.
    Ease {
        /// The strength `λ` of the regularisation.
        lambda: f64,
    },
    /// All that L3AE has.
    L3ae {
        /// The strength `λ` of the regularisation.
        lambda: f64,
        /// The name of the feature table.
        features: String,
        /// The strength `λ_F` of the content's regularisation.
        lambda_f: f64,
        /// The pull `ρ` towards the content.
        rho: f64,
    },
}

impl Setting {
    /// Returns the method whose setting it is.
    pub fn method(&self) -> Method {
        match self {
            Setting::Popularity => Method::Popularity,
            Setting::ItemKnn(_) => Method::ItemKnn,
            Setting::Ease { .. } => Method::Ease,
            Setting::L3ae { .. } => Method::L3ae,
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Setting::Popularity => f.write_str("nothing to choose"),
            Setting::ItemKnn(KnnSettings { neighbours, shrinkage }) => {
                write!(f, "k {neighbours}, shrinkage {shrinkage}")
            }
            Setting::Ease { lambda } => write!(f, "λ {lambda}"),
            Setting::L3ae { lambda, rho, .. } if *rho == 0.0 => write!(f, "λ {lambda}, ρ 0 (as EASE)"),
            Setting::L3ae { lambda, features, lambda_f, rho } => {
                write!(f, "λ {lambda}, ρ {rho}, λ_F {lambda_f} on {features}")
            }
        }
    }
}
