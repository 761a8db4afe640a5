"""Writes by_numpy.json: the closed forms by their textbook formulas, dense inverses, no shortcut. Run: python3 by_numpy.py > by_numpy.json"""

import json

import numpy as np

rng = np.random.default_rng(3)
users, items, width = 40, 12, 5
taken = rng.random((users, items)) < rng.uniform(0.05, 0.5, items)
taken[:, 7] = False  # nobody took item 7
taken[4] = False  # user 4 took nothing
R = taken.astype(float)
features = rng.normal(size=(items, width)).astype(np.float32)
features[3] = 0  # item 3 has no content


def ease(X, lam):
    P = np.linalg.inv(X + lam * np.eye(len(X)))
    B = -P / np.diag(P)[None, :]
    np.fill_diagonal(B, 0)
    return B


def knn(k, shrinkage):
    n = R.sum(0)
    C = R.T @ R
    S = C / (np.sqrt(np.outer(n, n)) + shrinkage + (np.outer(n, n) == 0))
    np.fill_diagonal(S, 0)
    B = np.zeros_like(S)
    for j in range(items):
        nearest = [i for i in sorted(range(items), key=lambda i: (-S[i, j], i)) if S[i, j] > 0][:k]
        B[nearest, j] = S[nearest, j]
    return B


def l3ae(lam, lam_f, rho):
    F = features.astype(float)
    there = np.any(F != 0, axis=1)
    F[there] -= F[there].mean(0)
    F[there] /= np.linalg.norm(F[there], axis=1, keepdims=True)
    M = ease(F @ F.T, lam_f)
    P = np.linalg.inv(R.T @ R + lam * np.eye(items))
    delta = rho * lam
    PM = P @ M
    c = (1 + delta * np.diag(PM)) / np.diag(P)
    B = delta * PM - P * c[None, :]
    np.fill_diagonal(B, 0)
    return B


print(json.dumps({
    "users": users,
    "items": items,
    "pairs": np.argwhere(taken).tolist(),
    "features": features.tolist(),
    "popularity": R.sum(0).tolist(),
    "item_knn": [{"neighbours": k, "shrinkage": s, "weights": knn(k, s).tolist()} for k, s in [(3, 0.0), (5, 10.0), (50, 100.0)]],
    "ease": [{"lambda": lam, "weights": ease(R.T @ R, lam).tolist()} for lam in [0.5, 50.0, 3000.0]],
    "l3ae": [
        {"lambda": lam, "lambda_f": lam_f, "rho": rho, "weights": l3ae(lam, lam_f, rho).tolist()}
        for lam, lam_f, rho in [(0.5, 0.1, 0.5), (50.0, 1.0, 1.5), (400.0, 100.0, 3.0)]
    ],
}))
