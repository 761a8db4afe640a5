#!/usr/bin/env bash
# implicit: filter_already_liked_items=True recommends the liked items, in a neighbour model with an ordinary score.
#
# Versions   implicit 0.7.3, numpy 2.4.6, scipy 1.17.1 (Python 3.11 or newer, Linux x86-64; needs the system's libgomp).
# Guessed    Filtered items are out of the list. Where fewer than N others are left, the list is shorter.
# Behaviour  They fill it up. Factor models give them the score -3.4e38, which an evaluation of ids alone does not see; neighbour models give
#            them 0.0, the score of any item without neighbours. Users with long histories in a small catalogue get what they have.
# Seen       user with items 0 to 3 of 6, N = 6: ALS ends in 0 to 3 with -3.4e38; CosineRecommender returns liked items with 0.0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check implicit==0.7.3 numpy==2.4.6 scipy==1.17.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
import warnings

warnings.simplefilter("ignore")
import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender

history = sp.csr_matrix(np.array([[1, 1, 1, 1, 0, 0], [1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1]], dtype=np.float32))
liked = set(history[0].indices.tolist())
for model in (AlternatingLeastSquares(factors=2, iterations=2, random_state=0, num_threads=1), CosineRecommender(K=6, num_threads=1)):
    model.fit(history, show_progress=False)
    ids, scores = model.recommend(0, history[0], N=6, filter_already_liked_items=True)
    back = {int(i): float(s) for i, s in zip(ids, scores) if int(i) in liked}
    print(f"seen: {type(model).__name__}: liked {sorted(liked)}, filtered, recommended all the same: {back}")
    assert back
    assert set(back.values()) == ({0.0} if isinstance(model, CosineRecommender) else {float(np.finfo(np.float32).min)})
PY
