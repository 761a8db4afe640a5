"""Losses with their gradients, to check another implementation against.

Each function returns a :class:`Loss`: its value, and its gradient by each argument that has one, in the order of the arguments. Arrays are float32 or
float64, and results are of the same width. The formulas stand in the documentation of the crate ``anchorrec-losses``.

>>> import numpy as np
>>> from anchorrec import losses
>>> value, (d_positives, d_negatives) = losses.bpr(np.array([2.0, 5.0]), np.array([2.0, 5.0]))
>>> bool(np.isclose(value, np.log(2)))
True
>>> d_positives
array([-0.25, -0.25])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from . import _native
from ._arrays import alike, listed, matrix, number, vector, whole, wholes
from .errors import InputError

__all__ = [
    "Loss",
    "bpr",
    "bpr_of_triples",
    "cosine_distance",
    "cosine_margin",
    "edge_smoothness",
    "frobenius_norm",
    "gram_distance",
    "half_squared_norm",
    "info_nce",
    "info_nce_in_table",
    "neighbour_discrimination",
    "preference_divergence",
    "two_sided_bpr",
]


class Loss(NamedTuple):
    """A value and its gradients."""

    value: float
    gradients: tuple[np.ndarray, ...]


def _loss(found: tuple[float, list[np.ndarray]]) -> Loss:
    return Loss(found[0], tuple(found[1]))


def _matrices(**named: Any) -> list[np.ndarray]:
    arrays = [(name, matrix(values, name)) for name, values in named.items()]
    alike(*arrays)
    return [array for _, array in arrays]


def _vectors(**named: Any) -> list[np.ndarray]:
    arrays = [(name, vector(values, name)) for name, values in named.items()]
    alike(*arrays)
    return [array for _, array in arrays]


def _weights(weights: ArrayLike | None, queries: np.ndarray) -> np.ndarray:
    if weights is None:
        return np.ones(len(queries), queries.dtype)
    found = vector(weights, "weights")
    alike(("queries", queries), ("weights", found))
    return found


def bpr(positives: ArrayLike, negatives: ArrayLike, floor: float = 0.0) -> Loss:
    """``mean softplus(-(pos - neg))`` of scores; with a ``floor`` γ ``-mean ln(γ + σ(pos - neg))``.

    >>> bpr([1.0], [1.0]).gradients[0]
    array([-0.5])
    """
    positives, negatives = _vectors(positives=positives, negatives=negatives)
    return _loss(_native.bpr(positives, negatives, number(floor, "floor", 0.0)))


def two_sided_bpr(positives: ArrayLike, negatives: ArrayLike, towards: ArrayLike, away: ArrayLike) -> Loss:
    """``mean (t softplus(-m) + a softplus(m))``, ``m = pos - neg``, with weights ``t`` and ``a``.

    >>> two_sided_bpr([0.0], [0.0], [1.0], [1.0]).gradients[0]
    array([0.])
    """
    return _loss(_native.two_sided_bpr(*_vectors(positives=positives, negatives=negatives, towards=towards, away=away)))


def bpr_of_triples(users: ArrayLike, positives: ArrayLike, negatives: ArrayLike, floor: float = 0.0) -> Loss:
    """BPR of the scores ``u·z_i`` and ``u·z_j`` of rows ``[B, D]``.

    >>> bpr_of_triples([[1.0, 0.0]], [[1.0, 2.0]], [[1.0, 5.0]]).gradients[0]
    array([[0. , 1.5]])
    """
    users, positives, negatives = _matrices(users=users, positives=positives, negatives=negatives)
    return _loss(_native.bpr_of_triples(users, positives, negatives, number(floor, "floor", 0.0)))


def info_nce(queries: ArrayLike, keys: ArrayLike, temperature: float = 0.2, weights: ArrayLike | None = None) -> Loss:
    """``(1/B) Σ w_i (ln Σ_j w_j exp(l_ij) - l_ii)``, ``l_ij = cos(queries_i, keys_j) / temperature``.

    >>> axes = np.eye(2)
    >>> bool(np.isclose(info_nce(axes, axes, temperature=1.0).value, np.log(1 + np.exp(-1))))
    True
    """
    queries, keys = _matrices(queries=queries, keys=keys)
    return _loss(_native.info_nce(queries, keys, _weights(weights, queries), number(temperature, "temperature")))


def info_nce_in_table(
    queries: ArrayLike,
    table: ArrayLike,
    own: ArrayLike,
    temperature: float = 0.2,
    weights: ArrayLike | None = None,
    floor: float = 1e-12,
) -> Loss:
    """InfoNCE of queries against all rows of a table, of which ``own[i]`` is that of query ``i``. Shorter rows than ``floor`` are taken as so long.

    >>> table = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> info_nce_in_table([[0.0, 5.0]], table, [1], temperature=1.0).gradients[1].shape
    (2, 2)
    """
    queries, table = _matrices(queries=queries, table=table)
    rows = wholes(own, "own", below=len(table))
    weights = _weights(weights, queries)
    numbers = number(temperature, "temperature"), number(floor, "floor", 0.0)
    return _loss(_native.info_nce_in_table(queries, table, rows, weights, *numbers))


def cosine_distance(a: ArrayLike, c: ArrayLike) -> Loss:
    """``mean (1 - cos(a, c))`` of rows.

    >>> cosine_distance([[1.0, 0.0]], [[0.0, 3.0]]).value
    1.0
    """
    return _loss(_native.cosine_distance(*_matrices(a=a, c=c)))


def cosine_margin(users: ArrayLike, positives: ArrayLike, negatives: ArrayLike, margin: float) -> Loss:
    """``mean relu(margin + (1 - cos(u, z_i)) - (1 - cos(u, z_j)))``; its gradients are those of positives and negatives.

    >>> cosine_margin([[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 2.0]], margin=0.25).value
    0.25
    """
    users, positives, negatives = _matrices(users=users, positives=positives, negatives=negatives)
    return _loss(_native.cosine_margin(users, positives, negatives, number(margin, "margin")))


def half_squared_norm(z: ArrayLike, divisor: float = 1.0) -> Loss:
    """``½ Σ‖z_b‖² / divisor``.

    >>> half_squared_norm([[3.0, 4.0]], divisor=2.0).value
    6.25
    """
    (z,) = _matrices(z=z)
    return _loss(_native.half_squared_norm(z, number(divisor, "divisor")))


def frobenius_norm(x: ArrayLike, divisor: float = 1.0) -> Loss:
    """``‖x‖_F / divisor``.

    >>> frobenius_norm([[3.0, 4.0]]).value
    5.0
    """
    (x,) = _matrices(x=x)
    return _loss(_native.frobenius_norm(x, number(divisor, "divisor")))


def gram_distance(h: ArrayLike, s: ArrayLike) -> Loss:
    """``‖h hᵀ - s sᵀ‖_F``; the gradient is that of ``h``, and ``s`` is the target.

    >>> gram_distance([[2.0]], [[1.0]]).value
    3.0
    """
    return _loss(_native.gram_distance(*_matrices(h=h, s=s)))


def preference_divergence(users: ArrayLike, a: ArrayLike, b: ArrayLike) -> Loss:
    """``mean (σ(α) - σ(β)) (α - β)``, ``α = u·a_i``, ``β = u·b_i``, over all users and items.

    >>> preference_divergence([[1.0]], [[2.0]], [[2.0]]).value
    0.0
    """
    return _loss(_native.preference_divergence(*_matrices(users=users, a=a, b=b)))


def neighbour_discrimination(
    views: Sequence[ArrayLike], rows: ArrayLike, first: int, next: int, temperature: float
) -> Loss:
    """The neighbourhood discrimination of several views of the same items, ``[I, D]`` each, over a batch of ``rows``.

    >>> view = np.eye(4)
    >>> len(neighbour_discrimination([view, view], [0, 1], first=1, next=1, temperature=0.5).gradients)
    2
    """
    if isinstance(views, np.ndarray) and views.ndim == 2:
        raise InputError("views: expected a list of matrices, found one matrix: pass [view]")
    views = listed(views, "views", "a list of matrices")
    arrays = [(f"views[{place}]", matrix(view, f"views[{place}]")) for place, view in enumerate(views)]
    if not arrays:
        raise InputError("views: expected one matrix or more, found none")
    alike(*arrays)
    batch = wholes(rows, "rows", below=len(arrays[0][1]))
    near = whole(first, "first", 1), whole(next, "next", 1), number(temperature, "temperature")
    return _loss(_native.neighbour_discrimination([view for _, view in arrays], batch, *near))


def edge_smoothness(h: ArrayLike, graph: Any) -> Loss:
    """The mean over the edges of a graph of ``w_ij ‖h_i - h_j‖²``; the graph is a square scipy sparse matrix.

    >>> import pytest
    >>> scipy = pytest.importorskip("scipy.sparse")
    >>> graph = scipy.csr_matrix(([2.0], ([0], [1])), shape=(2, 2))
    >>> edge_smoothness([[0.0], [3.0]], graph).value
    18.0
    """
    if not hasattr(graph, "tocsr"):
        raise InputError(f"graph: expected a scipy sparse matrix, found {type(graph).__name__}")
    (h,) = _matrices(h=h)
    if getattr(graph, "shape", None) != (len(h), len(h)):
        raise InputError(f"graph: expected {len(h)} rows and columns as h has rows, found the shape {getattr(graph, 'shape', None)}")
    try:
        graph = graph.tocsr()
        if not graph.has_canonical_format:
            graph = graph.copy()
            graph.sum_duplicates()
    except Exception as error:
        raise InputError(f"graph: cannot be read as a sparse matrix: {error}") from error
    weights = vector(graph.data, "graph")
    alike(("h", h), ("graph", weights))
    indptr, indices = (wholes(numbers, "graph").tolist() for numbers in (graph.indptr, graph.indices))
    return _loss(_native.edge_smoothness(h, indptr, indices, weights))
