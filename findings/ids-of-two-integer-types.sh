#!/usr/bin/env bash
# numpy: intersect1d finds common ids in two lists that have none.
#
# Versions   numpy 2.4.6 (Python 3.11 or newer).
# Guessed    Ids hashed to 64 bits, int64 in one file and uint64 in another, are compared as whole numbers: == and isin do so.
# Behaviour  intersect1d, union1d and concatenate make float64 of the two types first. Ids above 2^53 are rounded, so different items become one.
#            isin says of the same two lists that nothing is shared. No warning.
# Seen       int64 [2^53 + 1, 2^60 + 3] and uint64 [2^53, 2^60]: == and isin nothing, intersect1d two, union1d two instead of four.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import numpy as np

left = np.array([2**53 + 1, 2**60 + 3], dtype=np.int64)
right = np.array([2**53, 2**60], dtype=np.uint64)
shared, union = np.intersect1d(left, right), np.union1d(left, right)
print(f"seen: == {left == right}, isin {np.isin(left, right)}, intersect1d {shared} of {shared.dtype}, union1d {len(union)} ids")
assert not (left == right).any() and not np.isin(left, right).any()
assert len(shared) == 2 and shared.dtype == np.float64 and len(union) == 2
PY
