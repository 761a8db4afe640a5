"""The nearest items by cosine, exactly, and the item graph that models propagate over."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from . import _native
from ._arrays import flag, matrix, whole
from .errors import InputError, Note

__all__ = ["KnnGraph", "item_graph", "knn_graph"]


class KnnGraph(NamedTuple):
    """The neighbours of each item, best first, the item itself among them, and their cosines: both ``[I, k]``."""

    neighbours: np.ndarray
    cosines: np.ndarray


def knn_graph(features: ArrayLike, k: int) -> KnnGraph:
    """Finds the ``k`` nearest items of every row by cosine. Ties go to the lower number; with fewer than ``k`` items all are taken.

    A row of zeros has no direction, and no neighbour but itself: its other places are filled with itself and the cosine 0, and a :class:`Note` says how many
    such rows there are. A sparse matrix of neighbours and cosines adds up what is said twice, so it is that of :func:`item_graph` before it is normalised.

    >>> graph = knn_graph(np.array([[1.0, 0.0], [0.6, 0.8], [9.0, 0.0]]), k=2)
    >>> graph.neighbours
    array([[0, 2],
           [1, 0],
           [2, 0]], dtype=uint32)
    >>> graph.cosines[1]
    array([1. , 0.6])
    """
    neighbours, cosines, alone = _native.nearest(matrix(features, "features"), whole(k, "k", 1))
    if alone:
        text = f"features: {alone} of {len(neighbours)} rows are zeros and have no neighbours: their places are filled with themselves and the cosine 0"
        warnings.warn(text, Note, stacklevel=2)
    return KnnGraph(neighbours, cosines)


def item_graph(features: ArrayLike, k: int, weighted: bool = True) -> Any:
    """Makes the normalised item graph ``S_ij = w_ij / √(deg_i deg_j)`` of the nearest items, as a scipy sparse matrix in compressed rows.

    Weights are cosines; without ``weighted`` all edges weigh the same.

    >>> import pytest
    >>> _ = pytest.importorskip("scipy.sparse")
    >>> item_graph(np.array([[1.0, 0.0], [2.0, 0.0]]), k=2).toarray()
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    try:
        from scipy.sparse import csr_matrix  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        raise InputError(f"item_graph: makes a matrix of scipy, which cannot be loaded: {error}") from None
    features = matrix(features, "features")
    indptr, indices, data = _native.item_graph(features, whole(k, "k", 1), flag(weighted, "weighted"))
    return csr_matrix((data, indices, indptr), shape=(len(features), len(features)))
