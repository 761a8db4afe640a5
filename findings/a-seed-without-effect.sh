#!/usr/bin/env bash
# implicit: leave_k_out_split with random_state=0 holds out other items in every call.
#
# Versions   implicit 0.7.3, numpy 2.4.6, scipy 1.17.1 (Python 3.11 or newer, Linux x86-64; needs the system's libgomp).
# Guessed    The same matrix and the same random_state give the same split; train_test_split of the same module does.
# Behaviour  The items are drawn from numpy's global generator, which random_state does not reach. Two models "on the same split" are tested on
#            different items; only np.random.seed before the call fixes it.
# Seen       200 users, three calls with random_state=0: three different test sets. After np.random.seed(5): equal.
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

history = sp.csr_matrix((np.random.default_rng(1).random((200, 100)) < 0.2).astype(np.float32))

def held_out(seed_numpy):
    if seed_numpy:
        np.random.seed(5)
    return tuple(leave_k_out_split(history, K=1, random_state=0)[1].tocsr().indices.tolist())

def plain():
    return tuple(train_test_split(history, 0.8, random_state=0)[1].tocsr().indices.tolist())

free, fixed, other = (len({draw() for _ in range(3)}) for draw in (lambda: held_out(False), lambda: held_out(True), plain))
print(f"seen: different splits in three calls with random_state=0: {free}; after np.random.seed: {fixed}; train_test_split: {other}")
assert (free, fixed, other) == (3, 1, 1)
PY
