#!/usr/bin/env bash
# SciPy: 300 purchases of one item add up to 44.
#
# Versions   scipy 1.17.1, numpy 2.4.6 (Python 3.11 or newer).
# Guessed    COO adds repeated (user, item) entries. sum() widens small integers, as numpy's sum does (300 ones of uint8 give 300).
# Behaviour  Repeats are added in the matrix's own type, also inside sum(). A log of uint8 ones wraps at 256 (int8 at 128, to negative weights): the
#            most faithful users get the smallest counts. No warning.
# Seen       300 ones of uint8 at one place: tocsr() 44, sum() 44; numpy's sum 300.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import numpy as np
import scipy.sparse as sp

ones, place = np.ones(300, dtype=np.uint8), np.zeros(300, dtype=int)
log = sp.coo_array((ones, (place, place)), shape=(1, 1))
stored, total = int(log.tocsr()[0, 0]), int(log.sum())
print(f"seen: numpy {ones.sum()}, tocsr {stored}, sum {total}")
assert ones.sum() == 300 and stored == 300 - 256 and total == 300 - 256
PY
