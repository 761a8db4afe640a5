#!/usr/bin/env bash
# safetensors: features that are transposed, sliced or in Fortran order are saved as other numbers.
#
# Versions   safetensors 0.8.0 with numpy 2.4.6 (Python 3.11 or newer). 0.7.0 is right; upstream issue 825.
# Guessed    save_file of a numpy array writes the numbers that the array has, whatever their order in memory.
# Behaviour  The bytes are written as they lie in memory under the array's shape. The file is valid, no reader can see it, and every item has the numbers
#            of others. No warning.
# Seen       [[0, 1, 2], [3, 4, 5]] in Fortran order comes back as [[0, 3, 1], [4, 2, 5]].
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import numpy as np
from safetensors.numpy import load_file, save_file

plain = np.arange(6, dtype="f4").reshape(2, 3)
for name, array in [("Fortran order", np.asfortranarray(plain)), ("transposed", plain.T), ("every second column", plain[:, ::2])]:
    save_file({"features": array}, "x.safetensors")
    back = load_file("x.safetensors")["features"]
    print(f"seen: {name} {array.tolist()} comes back as {back.tolist()}")
    assert back.shape == array.shape and not np.array_equal(back, array)
save_file({"features": np.ascontiguousarray(plain.T)}, "x.safetensors")
assert np.array_equal(load_file("x.safetensors")["features"], plain.T)
PY
