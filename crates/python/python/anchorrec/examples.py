"""A small shop that is made up, to try things with: the examples of this package use it.

>>> from anchorrec import examples
>>> examples.run().recommend("Al", top=2).ids
('Al',)
"""

from __future__ import annotations

import tempfile
import warnings
from functools import cache
from pathlib import Path

from .data import DataSet, prepare
from .errors import Note
from .run import Run
from .training import train

__all__ = ["data", "interactions", "run"]

_USERS = ["Al", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal"]
_KINDS = ["tea", "rope"]


def interactions() -> dict[str, list[str]]:
    """Returns who took what: a column of users and one of items, some 100 rows.

    >>> table = interactions()
    >>> list(table), table["user"][0], table["item"][0]
    (['user', 'item'], 'Al', 'tea-1')
    """
    users = [f"{name}{more}" for more in ("", "-2", "-3") for name in _USERS]
    # Every other user drinks tea, and each leaves some kinds of it out.
    rows = [(user, f"{_KINDS[n % 2]}-{item}") for n, user in enumerate(users) for item in range(6) if (n // 2 + item) % 4]
    rows += [(user, f"{_KINDS[1 - n % 2]}-{n % 6}") for n, user in enumerate(users)]
    return {"user": [user for user, _ in rows], "item": [item for _, item in rows]}


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="anchorrec-example-")


@cache
def data() -> DataSet:
    """Returns the shop as a data set, in a temporary folder that goes when the program ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Note)
        titles = {f"{kind}-{n}": f"{kind.title()} no. {n}" for kind in _KINDS for n in range(6)}
        return prepare(interactions(), Path(_folder().name) / "shop", titles=titles)


@cache
def run() -> Run:
    """Returns a run of LightGCN on the shop, trained for a moment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Note)
        return train(data(), model="lightgcn", epochs=3, out=Path(_folder().name) / "runs", progress=False)
