#!/usr/bin/env bash
# faiss: "PCA32,Flat" over 32 dimensions, which drops nothing, ranks by something that is not the inner product.
#
# Versions   faiss-cpu 1.15.1, numpy 2.4.6 (Python 3.11 or newer, Linux x86-64).
# Guessed    A PCA that keeps every dimension is a rotation. The inner product survives it, so METRIC_INNER_PRODUCT gives the exact lists.
# Behaviour  faiss's PCA takes the mean off items and queries. (x - m).(q - m) differs from x.q by x.m, which depends on the item. The lists are
#            others, the scores are others, and no error or warning says so. L2 is not hurt, and "OPQ" and "RR" (rotations alone) are exact.
# Seen       items with a mean of length 3: 46 % of the exact top ten come back, and the best item for 30 % of the queries. RR32: 100 %.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check faiss-cpu==1.15.1 numpy==2.4.6
"$work/venv/bin/python" - <<'PY'
import faiss
import numpy as np

width = 32
draw = np.random.default_rng(0)
mean = np.eye(1, width) * 3
items = (draw.normal(size=(2000, width)) + mean).astype(np.float32)
users = (draw.normal(size=(200, width)) + mean).astype(np.float32)
exact = np.argsort(-(users @ items.T), axis=1)[:, :10]

def shares(description):
    index = faiss.index_factory(width, description, faiss.METRIC_INNER_PRODUCT)
    index.train(items)
    index.add(items)
    found = index.search(users, 10)[1]
    kept = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, exact)])
    first = np.mean(found[:, 0] == exact[:, 0])
    print(f"seen: {description}: {kept:.0%} of the exact top ten, the best item for {first:.0%} of the users")
    return kept, first

assert shares("Flat") == (1, 1)
assert shares("RR32,Flat")[0] > 0.999
kept, first = shares("PCA32,Flat")
assert kept < 0.6 and first < 0.5
PY
