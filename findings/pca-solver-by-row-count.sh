#!/usr/bin/env bash
# scikit-learn: PCA of float32 rows loses its answer when the table grows to ten rows a column.
#
# Versions   scikit-learn 1.9.1, numpy 2.4.6, scipy 1.17.1 (Python 3.11 or newer, Linux x86-64).
# Guessed    More rows of the same kind give a better PCA. `svd_solver="auto"` picks for speed, not for another result.
# Behaviour  From ten rows a column on (and at most 1,000 columns) "auto" picks "covariance_eigh". That multiplies the rows out before it
#            takes the mean off, in the rows' own float32. Columns far from zero (mean 100, deviation up to 0.2) cancel: the variances and the
#            directions are those of rounding errors. No warning. With one row less "auto" picks the exact solver and is right to six digits.
# Seen       199 rows x 20: [0.0474 0.0407 0.0325], float64 says the same. 200 rows x 20: [0.0718 0.0467 0.0390], float64 says
#            [0.0474 0.0405 0.0323], as svd_solver="full" does.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
"$work/venv/bin/python" - <<'PY'
import numpy as np
from sklearn.decomposition import PCA

def variances(rows, solver):
    """The three largest variances: as PCA gives them, and as float64 gives them."""
    draw = np.random.default_rng(0)
    x = (100 + draw.normal(size=(rows, 20)) * np.linspace(0.01, 0.2, 20)).astype(np.float32)
    exact = np.linalg.eigvalsh(np.cov(x.astype(np.float64).T))[::-1][:3]
    return PCA(3, svd_solver=solver).fit(x).explained_variance_, exact

for rows, solver, right in [(199, "auto", True), (200, "auto", False), (200, "full", True)]:
    got, exact = variances(rows, solver)
    worst = np.max(np.abs(got / exact - 1))
    print(f"seen: {rows} rows, {solver}: {got.round(4)}, float64 {exact.round(4)}, off by {worst:.1e}")
    assert (worst < 1e-4) == right and (right or worst > 0.02)
PY
