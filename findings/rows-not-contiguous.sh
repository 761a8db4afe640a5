#!/usr/bin/env bash
# Voyager: an index built from a column slice or a transposed array holds vectors that are in no row.
#
# Versions   voyager 2.2.3, numpy 2.4.6 (Python 3.11 or newer, Linux x86-64).
# Guessed    A library that takes a numpy array follows its strides or refuses it. (faiss and hnswlib follow them, usearch refuses.)
# Behaviour  `add_items` and `query` read the memory of a float32 array from its start as if it were C-contiguous. table[:, :16], table[::2] and a
#            Fortran-ordered array (what PCA and SVD often return) give other vectors under the right ids, without a word. float64 input is
#            safe for table[:, :16], because the conversion makes a copy.
# Seen       largest difference between what was added and what the index returns: C order 0.0, column slice 5.4, every second row 5.1, Fortran 5.4.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check voyager==2.2.3 numpy==2.4.6
"$work/venv/bin/python" - <<'PY'
import numpy as np
from voyager import Index, Space

def difference(rows):
    index = Index(Space.Euclidean, num_dimensions=16)
    index.add_items(rows, ids=list(range(len(rows))), num_threads=1)
    return max(np.abs(index.get_vector(row) - rows[row]).max() for row in range(len(rows)))

table = np.random.default_rng(0).normal(size=(1000, 32)).astype(np.float32)
whole = np.ascontiguousarray(table[:, :16])
cases = {
    "C order": (whole, True),
    "a slice of the columns": (table[:, :16], False),
    "every second row": (whole[::2], False),
    "Fortran order": (np.asfortranarray(whole), False),
    "a slice of float64 columns": (table.astype(np.float64)[:, :16], True),
}
for name, (rows, right) in cases.items():
    worst = difference(rows)
    print(f"seen: {name}: largest difference {worst:.1f}")
    assert (worst < 1e-6) == right, name
PY
