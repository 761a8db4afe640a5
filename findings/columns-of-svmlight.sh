#!/usr/bin/env bash
# scikit-learn: a matrix written with dump_svmlight_file and read with load_svmlight_file has its items moved by one.
#
# Versions   scikit-learn 1.9.1, numpy 2.4.6, scipy 1.17.1 (Python 3.11 or newer).
# Guessed    The two functions with their defaults are inverse to each other.
# Behaviour  dump counts columns from 0; load guesses from the file. When nobody has item 0 there is no index 0, so load takes the file for one
#            that counts from 1: item 1 becomes item 0, and so on. A training and a test file of one catalogue are guessed apart, so
#            column k of one is column k + 1 of the other. zero_based=True and n_features on reading cure it.
# Seen       [[0 1 0 2] [0 0 3 0]] comes back as [[1 0 2] [0 3 0]].
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
import numpy as np
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

matrix = np.array([[0, 1, 0, 2], [0, 0, 3, 0]], dtype=float)
dump_svmlight_file(matrix, [0, 0], "matrix.svm")
back = load_svmlight_file("matrix.svm")[0].toarray()
print(f"seen: written {matrix.tolist()}, read {back.tolist()}")
assert back.tolist() == [[1, 0, 2], [0, 3, 0]]
assert load_svmlight_file("matrix.svm", zero_based=True, n_features=4)[0].toarray().tolist() == matrix.tolist()
PY
