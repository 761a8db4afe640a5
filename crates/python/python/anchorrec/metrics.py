"""Metrics of lists, of what is recommended, of spaces, of differences between two models.

>>> from anchorrec import metrics
>>> metrics.evaluate({"Al": ["pot", "pan"]}, {"Al": ["pan"]}, at=[1, 2])["recall@2"]
1.0
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from . import _native
from ._arrays import alike, id_of, is_whole, listed, matrix, plain, shown, text_of, vector, whole, wholes
from .errors import InputError
from .run import Lists

__all__ = [
    "DEFINITIONS",
    "PairedT",
    "SignedRank",
    "alignment",
    "coverage",
    "effective_rank",
    "evaluate",
    "exposure",
    "gini",
    "holm",
    "linear_cka",
    "neighbour_overlap",
    "paired_t",
    "popularity_lift",
    "positional_spread",
    "singular_values",
    "uniformity",
    "wilcoxon_signed_rank",
]

DEFINITIONS: dict[str, str] = dict(_native.definitions())
"""Whose definitions :func:`evaluate` knows: a name, and the library."""


class PairedT(NamedTuple):
    """A paired t test: the mean difference, t, two-sided p, the 95 % confidence interval of the mean."""

    mean: float
    t: float
    p: float
    interval: tuple[float, float]


class SignedRank(NamedTuple):
    """Wilcoxon's signed-rank test: how many differences are not 0, the statistic W, z, two-sided p."""

    different: int
    statistic: float
    z: float
    p: float


def _id(value: Any, name: str) -> Hashable:
    """An id that is told apart from others as :func:`anchorrec.Run.recommend` does it: the number 31 is the text ``"31"``."""
    if isinstance(value, (bool, np.bool_)) or value is None or (isinstance(value, (float, np.floating)) and value != value):
        raise InputError(f"{name}: expected ids, found {shown(value)}")
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    if is_whole(value):
        return id_of(value, name)
    try:
        hash(value)
    except TypeError as error:
        raise InputError(f"{name}: expected ids: {error}") from None
    return value


def _by_user(lists: Any, name: str) -> dict[Hashable, Any]:
    """Whatever holds lists of users as a mapping from ids."""
    if isinstance(lists, Lists):
        lists = lists.to_dict()
    elif isinstance(lists, np.ndarray) and lists.ndim == 2:
        lists = dict(enumerate(lists.tolist()))
    elif isinstance(lists, Sequence) and not isinstance(lists, (str, bytes)):
        lists = dict(enumerate(lists))
    elif not isinstance(lists, Mapping):
        raise InputError(f"{name}: expected a mapping from users to items, or a list of lists, found {type(lists).__name__}")
    found = {_id(user, f"{name}: users"): items for user, items in lists.items()}
    if len(found) < len(lists):
        raise InputError(f"{name}: expected users of one type, found {len(lists) - len(found)} that are told apart by their types alone")
    return found


def evaluate(
    lists: Lists | Mapping[Any, Iterable[Any]] | Sequence[Iterable[Any]],
    truth: Mapping[Any, Iterable[Any]] | Sequence[Iterable[Any]],
    at: Iterable[int] = (5, 10, 20, 50),
    definition: str = "anchorrec",
) -> dict[str, float]:
    """Judges lists, best first, by the items that users took, as :data:`DEFINITIONS` define the metrics.

    A user with truth and without a list finds nothing; a user without truth is in no mean, unless the definition says so. Ids are texts, numbers or whatever
    can be a key; a whole number is its text, as :meth:`anchorrec.Run.recommend` takes it.

    >>> found = evaluate([["a", "b"], ["c"]], [["b"], ["d"]], at=[2])
    >>> found["recall@2"], sorted(found)
    (0.5, ['map@2', 'mrr@2', 'ndcg@2', 'precision@2', 'recall@2'])
    """
    by_user, taken = _by_user(lists, "lists"), _by_user(truth, "truth")
    cuts = sorted({whole(k, "at", 1) for k in listed(at, "at", "whole numbers, such as [10, 20]")})
    numbers: dict[Hashable, int] = {}
    users = dict.fromkeys([*taken, *by_user])

    def numbered(items: Iterable[Any], name: str, user: Any) -> list[int]:
        who = user if isinstance(user, str) else shown(user)
        known = (_id(item, f"{name}: items of user {who}") for item in listed(items, name, f"a list of items of user {who}"))
        found = [numbers.setdefault(item, len(numbers)) for item in known]
        if len(set(found)) < len(found):
            raise InputError(f"{name}: expected each item of user {who} once, found {len(found) - len(set(found))} that repeat")
        return found

    ranked = [numbered(by_user.get(user, ()), "lists", user) for user in users]
    positives = [sorted(numbered(taken.get(user, ()), "truth", user)) for user in users]
    if not any(positives):
        raise InputError("truth: expected an item of a user or more to judge by, found none")
    if by_user.keys().isdisjoint(taken):
        some = " and ".join(shown(next(iter(users))) for users in (by_user, taken) if users)
        raise InputError(f"lists: expected a list of a user of truth or more, found none; users are called {some}")
    return _native.measure(text_of(definition, "definition"), ranked, positives, cuts)


def exposure(lists: Sequence[ArrayLike], items: int, k: int) -> np.ndarray:
    """Counts how often each of so many items is in the first ``k`` of a list of item numbers.

    >>> exposure([[0, 1], [0, 2]], items=4, k=1)
    array([2, 0, 0, 0])
    """
    items = whole(items, "items")
    rows = listed(lists, "lists", "lists of item numbers")
    return _native.exposure([wholes(row, "lists", below=items).tolist() for row in rows], items, whole(k, "k", 1))


def coverage(exposure: ArrayLike) -> float:
    """The share of items that anybody is shown.

    >>> coverage([2, 0, 0, 1])
    0.5
    """
    return _native.coverage(wholes(exposure, "exposure").tolist())


def gini(exposure: ArrayLike) -> float:
    """The Gini coefficient of exposure: 0 where all items are shown alike, towards 1 where one is.

    >>> gini([3, 3, 3])
    0.0
    """
    return _native.gini(wholes(exposure, "exposure").tolist())


def popularity_lift(exposure: ArrayLike, popularity: ArrayLike) -> float:
    """The mean popularity of what is shown over that of what users take; ``popularity`` holds the training pairs of each item.

    >>> popularity_lift([1, 1], [3, 3])
    1.0
    """
    shown, taken = wholes(exposure, "exposure").tolist(), wholes(popularity, "popularity").tolist()
    return _native.popularity_lift(shown, taken)


def _spaces(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    one, other = matrix(x, "x"), matrix(y, "y")
    alike(("x", one), ("y", other))
    return one, other


def linear_cka(x: ArrayLike, y: ArrayLike) -> float:
    """The linear CKA of two spaces of the same items: 1 where one is a rotation of the other.

    >>> space = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])
    >>> round(linear_cka(space, space[:, ::-1]), 12)
    1.0
    """
    return _native.linear_cka(*_spaces(x, y))


def positional_spread(x: ArrayLike, y: ArrayLike) -> float:
    """How far apart the same items are in two spaces, by the mean distance of two items.

    >>> positional_spread(np.eye(2), np.eye(2))
    0.0
    """
    return _native.positional_spread(*_spaces(x, y))


def alignment(x: ArrayLike, y: ArrayLike, pairs: ArrayLike) -> float:
    """The mean squared distance of pairs (row of ``x``, row of ``y``) on the unit sphere.

    >>> alignment(np.eye(2), np.eye(2), [(0, 1)])
    2.0
    """
    one, other = _spaces(x, y)
    found = plain(pairs, "pairs", "rows of two numbers")
    if found.ndim != 2 or found.shape[1] != 2:
        raise InputError(f"pairs: expected rows of two numbers, found the shape {found.shape}")
    left, right = wholes(found[:, 0], "pairs", below=len(one)), wholes(found[:, 1], "pairs", below=len(other))
    return _native.alignment(one, other, list(zip(left.tolist(), right.tolist())))


def uniformity(x: ArrayLike) -> float:
    """``ln mean exp(-2 ‖x̂_i - x̂_j‖²)`` over pairs of rows on the unit sphere: the lower, the more evenly spread.

    >>> uniformity(np.eye(2)) == -4.0
    True
    """
    return _native.uniformity(matrix(x, "x"))


def singular_values(x: ArrayLike) -> np.ndarray:
    """The singular values, descending.

    >>> singular_values(np.diag([1.0, 3.0])).round(12)
    array([3., 1.])
    """
    return _native.singular_values(matrix(x, "x"))


def effective_rank(x: ArrayLike) -> float:
    """The exponential of the entropy of squared singular values: of a matrix, or of a vector that holds them.

    >>> round(effective_rank(np.eye(3)), 12)
    3.0
    """
    found = singular_values(x) if plain(x, "x", "numbers").ndim == 2 else vector(x, "x")
    return _native.effective_rank(found.astype(np.float64).tolist())


def neighbour_overlap(x: ArrayLike, y: ArrayLike, k: int) -> float:
    """The share of their ``k`` nearest neighbours by cosine that two spaces of the same items have in common.

    >>> neighbour_overlap(np.eye(3), np.eye(3), k=1)
    1.0
    """
    return _native.overlap(*_spaces(x, y), whole(k, "k", 1))


def paired_t(differences: ArrayLike) -> PairedT:
    """Tests whether the mean of paired differences is 0, by Student's t.

    >>> paired_t([1.0, 3.0])[:2]
    (2.0, 2.0)
    """
    return PairedT(*_native.paired_t(vector(differences, "differences").astype(np.float64).tolist()))


def wilcoxon_signed_rank(differences: ArrayLike) -> SignedRank:
    """Tests whether paired differences are symmetric about 0, by Wilcoxon's signed ranks.

    >>> wilcoxon_signed_rank([0.1, -0.2, 0.3, 0.0])[:2]
    (3, 4.0)
    """
    return SignedRank(*_native.wilcoxon_signed_rank(vector(differences, "differences").astype(np.float64).tolist()))


def holm(p: ArrayLike) -> list[float]:
    """Corrects p values of several tests by Holm's method.

    >>> holm([0.01, 0.04])
    [0.02, 0.04]
    """
    return _native.holm(vector(p, "p").astype(np.float64).tolist())
