//! Vectors of new items from their features alone, comparable with those of a trained model.
//!
//! With `u` a user's vector, `v_i` those of known items, `x_i` the features of item `i` scaled to length 1, `H` the user's training items and `N` the
//! [`NEIGHBOURS`] known items with the largest cosines `c_n` to the new one:
//!
//! | way | the new item's vector | the user's vector | known items |
//! |---|---|---|---|
//! | [`Blend`](Way::Blend) | `α [v ; x]` | `[u ; β_u p_u]`, `p_u = Σ_{i∈H} x_i / \|H\|` | `[v_i ; 0]` |
//! | [`Neighbours`](Way::Neighbours) | `α v` | `u` | `v_i` |
//!
//! **Where it points, and how long it is.** `v` points where the mean `Σ_{n∈N} c_n v_n` points and is as long as the neighbours are on average,
//! `Σ c_n |v_n| / Σ c_n`. The mean itself is half as long, since neighbours do not point the same way, and its item would be in nobody's list.
//!
//! **What a user took** says more than neighbours of neighbours do: `p_u · x` is the mean cosine to the user's own items, whatever the model made of them.
//! `β_u` gives it half of the spread that the model's scores of this user have: over known items, the deviation of `β_u p_u · x_i` is [`PROFILE`] times
//! that of `u · v_i`.
//!
//! **Among all items** nothing says how often a new item will be bought, and training has pulled known items towards their users. `α` is one number for
//! all new items, such that together they take the share of the places in all lists that they have in the catalogue, `n / (I + n)`, or another
//! [`share`](share::scale) that is asked for.
//!
//! Scores stay dot products, and those of known items keep their bits. All of this was measured: `docs/new-users-and-items.md`.

pub mod encoders;
pub mod neighbours;
pub mod profile;
pub mod share;

pub use encoders::encoded;
pub use neighbours::{NEIGHBOURS, place};
pub use profile::{PROFILE, Profile};

/// How to compute vectors of new items from their features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A new item stands where its nearest known items do, and is compared with what each user took.
    Blend,
    /// A new item stands where its nearest known items do; vectors keep their width.
    Neighbours,
}
