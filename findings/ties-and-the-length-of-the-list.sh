#!/usr/bin/env bash
# faiss: the best item depends on how many items are asked for.
#
# Versions   faiss-cpu 1.15.1, numpy 2.4.6 (Python 3.11 or newer, Linux x86-64).
# Guessed    The top 1 of an exact index is the first of its top 3. Equal scores go by the lower id, as in IndexFlatL2.
# Behaviour  IndexFlatIP keeps the lowest ids among equal scores and then prints them backwards: k = 1 gives item 0, k = 3 gives 2, 1, 0. So metrics
#            at 1 and at 3 from one call differ from those of two calls wherever items share a vector (variants of a product, missing
#            images filled with the mean), and lists of two lengths cannot be compared.
# Seen       five equal items: IndexFlatIP k=1 [0], k=3 [2 1 0], k=5 [4 3 2 1 0]; IndexFlatL2 [0], [0 1 2], [0 1 2 3 4].
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check faiss-cpu==1.15.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import faiss
import numpy as np

same = np.ones((5, 8), dtype=np.float32)
for kind in (faiss.IndexFlatIP, faiss.IndexFlatL2):
    index = kind(8)
    index.add(same)
    lists = [index.search(same[:1], k)[1][0].tolist() for k in (1, 3, 5)]
    print(f"seen: {kind.__name__}: k=1 {lists[0]}, k=3 {lists[1]}, k=5 {lists[2]}")
    ascending = [list(range(k)) for k in (1, 3, 5)]
    assert lists == (ascending if kind is faiss.IndexFlatL2 else [ids[::-1] for ids in ascending])
PY
