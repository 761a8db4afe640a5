#!/usr/bin/env bash
# implicit: what it holds out for the test is in the training matrix too.
#
# Versions   implicit 0.7.3, numpy 2.4.6, scipy 1.17.1 (Python 3.11 or newer, Linux x86-64; needs the system's libgomp).
# Guessed    leave_k_out_split and train_test_split part the (user, item) pairs of the COO matrix of a log; scipy defines repeats as one summed entry.
# Behaviour  They deal out stored entries. A pair bought twice goes half to training and half to test. As seen items are filtered from the
#            recommendations by default, such a test pair can never be found: the metric falls for no fault of the model, and without
#            the filter it is known from training. After tocsr() nothing is shared.
# Seen       log of 400 rows over 100 pairs: leave_k_out_split(K=1) 9 or 10 of 10 test pairs also in training, train_test_split 61 of 62; summed first: none.
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
from implicit.evaluation import leave_k_out_split, train_test_split

draw = np.random.default_rng(0)
log = sp.coo_matrix((np.ones(400, dtype=np.float32), (draw.integers(0, 10, 400), draw.integers(0, 10, 400))), shape=(10, 10))
summed = log.tocsr().tocoo()

def shared(split, matrix, **how):
    train, test = split(matrix, random_state=0, **how)
    return train.multiply(test).nnz, test.nnz

for name, split, how in [("leave_k_out_split", leave_k_out_split, {"K": 1}), ("train_test_split", train_test_split, {"train_percentage": 0.8})]:
    raw, clean = shared(split, log, **how), shared(split, summed, **how)
    print(f"seen: {name}: {raw[0]} of {raw[1]} test pairs also in training, {clean[0]} of {clean[1]} once repeats are summed")
    assert raw[0] >= 0.7 * raw[1] and clean[0] == 0
PY
