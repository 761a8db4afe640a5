//! The users of the data set to recommend to.

use crate::error::RetrievalError;
use anchorrec_data::{Dataset, Split};
use anchorrec_files::few;

/// Returns the users that are wanted, each once, in their order; `place` says where they were named.
///
/// # Errors
/// When one has no training row: a model knows nothing of such a user, and its vector is noise.
///
/// # Panics
/// When a user is not in the data set.
pub fn known(dataset: &Dataset, place: &str, mut wanted: Vec<u32>) -> Result<Vec<u32>, RetrievalError> {
    let train = dataset.interactions.by_user(Split::Train);
    let mut seen = vec![false; dataset.interactions.users];
    wanted.retain(|&user| !std::mem::replace(&mut seen[user as usize], true));
    let untrained = wanted.iter().filter(|&&user| train.of(user).is_empty());
    let untrained: Vec<String> = untrained.map(|&user| dataset.user_name(user)).collect();
    if untrained.is_empty() {
        return Ok(wanted);
    }
    Err(RetrievalError::Untrained {
        place: place.to_owned(),
        count: untrained.len(),
        of: wanted.len(),
        shown: few(&untrained, untrained.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_come_once_and_those_without_a_training_row_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let text = "userID\titemID\tx_label\n0\t0\t0\n1\t0\t0\n1\t1\t1\n2\t1\t2\n0\t1\t0\n";
        std::fs::write(folder.path().join("shop.inter"), text).unwrap();
        let dataset = Dataset::load(folder.path()).unwrap();
        assert_eq!(known(&dataset, "users", vec![1, 0, 1]).unwrap(), [1, 0]);
        let refused = known(&dataset, "users", vec![1, 2, 2]).unwrap_err().to_string();
        assert_eq!(refused, "users: 1 of 2 users have no training row, so the model knows nothing of them: 2");
    }
}
