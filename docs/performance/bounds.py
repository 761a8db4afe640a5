"""Counts who is left by bounds on 8-bit rows, with and without centring or a rotation before the rounding.

    python docs/performance/bounds.py FEATURES.npy

For some items of a table of features `[I, F]` all cosines are bounded as `kernels/src/bounded` does it: an interval of half width
`|x̂| |y - ŷ| + |x - x̂| |y|` about the product of the rounded rows. Left is who reaches the 9th largest lower end among the others.

- *as they are*: unit rows, rounded.
- *centred*: the mean row is taken away first; its share of a cosine is exact. Rows are shorter, so the same steps are finer.
- *rotated*: signs drawn once and a Hadamard transform first, which spreads each row evenly over its columns.
"""

import sys

import numpy as np

NEIGHBOURS = 9
ITEMS = 1000


def rounded(x):
    scale = np.abs(x).max(axis=1, keepdims=True) / 127
    scale[scale == 0] = 1
    return np.rint(x / scale) * scale


def rotated(x):
    """Rows times a random diagonal of signs and a Hadamard matrix, filled up to a power of two."""
    width = 1 << (x.shape[1] - 1).bit_length()
    x = np.pad(x, ((0, 0), (0, width - x.shape[1]))) * np.random.default_rng(1).choice([-1.0, 1.0], width)
    step = 1
    while step < width:
        pairs = x.reshape(len(x), -1, 2, step)
        x = np.stack([pairs[:, :, 0] + pairs[:, :, 1], pairs[:, :, 0] - pairs[:, :, 1]], axis=2).reshape(len(x), width)
        step *= 2
    return x / np.sqrt(width)


def left(x, exact, some):
    """How many others are left for each of `some`; `exact[s, i]` is added to the products of the rounded rows."""
    near = rounded(x)
    norm = lambda rows: np.linalg.norm(rows, axis=1)
    lost = norm(x - near)
    scores = near[some] @ near.T + exact
    margins = norm(near)[some, None] * lost + lost[some, None] * norm(x)
    scores[np.arange(len(some)), some] = -np.inf
    threshold = np.partition(scores - margins, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS]
    return (scores + margins >= threshold[:, None]).sum(axis=1), lost.mean()


def main(path):
    x = np.load(path).astype(np.float64)
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    x = (x / np.where(norms == 0, 1, norms))[norms[:, 0] > 0]
    some = np.random.default_rng(2).choice(len(x), min(ITEMS, len(x)), replace=False)
    mean = x.mean(axis=0)
    share = x @ mean
    forms = {
        "as they are": (x, 0.0),
        "centred": (x - mean, share[some, None] + share - mean @ mean),
        "rotated": (rotated(x), 0.0),
        "both": (rotated(x - mean), share[some, None] + share - mean @ mean),
    }
    print(f"{path}: {x.shape[0]} x {x.shape[1]}, {len(some)} items, {NEIGHBOURS} neighbours; norm of the mean row {np.linalg.norm(mean):.3f}")
    for name, (rows, exact) in forms.items():
        count, lost = left(rows, exact, some)
        quarters = np.percentile(count, [25, 50, 75, 99])
        print(f"{name:12} mean {count.mean():8.1f}   quarters {quarters[:3]}   99 % {quarters[3]:.0f}   lost {lost:.5f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
