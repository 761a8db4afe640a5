//! Which texts are computed together: those of one length, so that nothing is padded.

/// Positions of a batch: more cost memory and caches, fewer leave the processor's lanes and threads idle.
pub(super) const POSITIONS: usize = 2048;

/// Numbers of texts, batch by batch: one length each, longest first, texts in their order, at most [`POSITIONS`] positions or one text.
pub(super) fn batches(lengths: &[usize]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&text| std::cmp::Reverse(lengths[text]));
    order
        .chunk_by(|&a, &b| lengths[a] == lengths[b])
        .flat_map(|same| same.chunks((POSITIONS / lengths[same[0]].max(1)).max(1)))
        .map(<[usize]>::to_vec)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_length_each_longest_first_texts_in_their_order() {
        assert_eq!(batches(&[3, 256, 3, 2, 256, 3]), [vec![1, 4], vec![0, 2, 5], vec![3]]);
        assert_eq!(batches(&[]), [[0; 0]; 0]);
    }

    #[test]
    fn a_batch_is_bounded() {
        let all = batches(&[POSITIONS / 4; 9]);
        assert_eq!(all, [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8]]);
        assert_eq!(batches(&[POSITIONS + 1; 2]), [[0], [1]], "one text is a batch however long it is");
    }
}
