"""A finished run: vectors, lists, similar items."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from . import _native
from ._arrays import flag, id_of, ids, path, shown, text_of, whole
from ._arrays import histories as checked_histories
from .errors import InputError, Note, UnknownIdError

__all__ = ["Lists", "Run", "load"]

Exclude = Literal["train", "all", "none"]
FoldIn = Literal["mean", "propagation", "ridge"]


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists of items, best first: of users, or of items where similar ones were asked for.

    ``lists["Al"]`` is a list of pairs of item and score; ``polars.DataFrame(lists.columns())`` makes a table.

    >>> from anchorrec import examples
    >>> lists = examples.run().recommend(["Al", "Bo"], top=3)
    >>> lists
    Lists(2 lists, 6 items)
    >>> [rank for rank, _ in enumerate(lists["Al"], 1)], lists["Al"][0][0] == lists.to_dict()["Al"][0]
    ([1, 2, 3], True)
    >>> lists.columns()["id"]
    ['Al', 'Al', 'Al', 'Bo', 'Bo', 'Bo']
    """

    ids: tuple[str, ...]
    """Whose lists these are."""
    numbers: np.ndarray
    """The numbers of all items, one list behind the other."""
    scores: np.ndarray
    """The score of each, float32: of items that are compared, their cosine."""
    offsets: np.ndarray
    """Where each list begins in ``numbers`` and ``scores``, and where the last one ends."""
    item_ids: tuple[str, ...]
    """What items are called."""

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __getitem__(self, name: str | int) -> list[tuple[str, float]]:
        try:
            place = self._places.get(id_of(name, "lists"))
        except InputError:
            place = None
        if place is None:
            some = ", ".join(self.ids[:3])
            raise UnknownIdError(f"there is no list of {shown(name)}: expected one of {len(self.ids)} ids, such as {some}")
        part = slice(self.offsets[place], self.offsets[place + 1])
        return [(self.item_ids[item], float(score)) for item, score in zip(self.numbers[part], self.scores[part])]

    def to_dict(self) -> dict[str, list[str]]:
        """Returns the items of each list, best first, as :func:`anchorrec.evaluate` takes them, which takes this object too."""
        parts = zip(self.ids, self.offsets[:-1], self.offsets[1:])
        return {name: [self.item_ids[item] for item in self.numbers[begin:end]] for name, begin, end in parts}

    def columns(self) -> dict[str, Any]:
        """Returns the columns ``id``, ``rank`` (from 1), ``item`` and ``score``, for a table of any library."""
        lengths = np.diff(self.offsets)
        return {
            "id": [name for name, length in zip(self.ids, lengths) for _ in range(length)],
            "rank": np.concatenate([np.arange(1, length + 1) for length in lengths] or [np.zeros(0, np.int64)]),
            "item": [self.item_ids[item] for item in self.numbers],
            "score": self.scores,
        }

    def __repr__(self) -> str:
        return f"Lists({len(self.ids)} lists, {len(self.numbers)} items)"


class Run:
    """A trained model with its data set. :func:`load` makes one.

    >>> from anchorrec import examples
    >>> run = examples.run()
    >>> run
    Run(LightGCN on shop, seed 999: 24 users, 12 items, 64 wide)
    >>> run.user_vectors.shape, run.item_ids[run.item_titles.index("Tea no. 3")]
    ((24, 64), 'tea-3')
    """

    def __init__(self, native: _native.Run) -> None:
        self._native = native
        for note in native.notes:
            warnings.warn(note, Note, stacklevel=3)

    @property
    def folder(self) -> str:
        """The run's folder."""
        return os.fspath(self._native.folder)

    @property
    def seed(self) -> int:
        """The seed of the model that was chosen."""
        return self._native.seed

    @cached_property
    def report(self) -> dict[str, Any]:
        """Everything that the run recorded: ``report.json``."""
        report: dict[str, Any] = json.loads(self._native.report())
        return report

    @cached_property
    def user_vectors(self) -> np.ndarray:
        """The vectors of users, float32 ``[users, D]``: the run's own memory, for reading only. A score is a dot product with an item's vector."""
        return np.asarray(self._native.user_vectors)

    @cached_property
    def item_vectors(self) -> np.ndarray:
        """The vectors of items, float32 ``[items, D]``: the run's own memory, for reading only."""
        return np.asarray(self._native.item_vectors)

    @cached_property
    def user_ids(self) -> tuple[str, ...]:
        """The ids of users, in the order of their vectors."""
        return tuple(self._native.user_ids)

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """The ids of items, in the order of their vectors."""
        return tuple(self._native.item_ids)

    @cached_property
    def item_titles(self) -> tuple[str | None, ...] | None:
        """The titles of items, in the order of their vectors, where the data set has any."""
        titles = self._native.item_titles
        return None if titles is None else tuple(titles)

    def recommend(
        self,
        users: str | int | Iterable[str | int] | None = None,
        top: int = 20,
        *,
        new_users: Mapping[Any, Iterable[Any]] | Sequence[Iterable[Any]] | None = None,
        fold_in: FoldIn = "mean",
        exclude: Exclude = "train",
        allow: Iterable[str | int] | None = None,
        deny: Iterable[str | int] = (),
        fuse: bool = False,
    ) -> Lists:
        """Ranks all items, exactly: the lists that ``anchorrec recommend`` writes.

        For ``users`` of the data set, each once; without any, for all who have a training row. For ``new_users``, a mapping from ids of yours to the
        items that each has, or a sequence of such lists of items, by a vector that ``fold_in`` makes of these items.

        ``exclude`` leaves a user's own items out: those of its training rows (``"train"``), of all its rows (``"all"``), or ``"none"``. Only items of
        ``allow`` are shown, and none of ``deny``. ``fuse`` ranks by the model and the closed form together, as ``train --fuse`` chose them.

        >>> from anchorrec import examples
        >>> run = examples.run()
        >>> len(run.recommend("Al", top=100, exclude="none")["Al"]), run.recommend("Al", allow=["tea-0"], exclude="none").to_dict()
        (12, {'Al': ['tea-0']})
        >>> run.recommend(new_users={"Zoe": ["rope-1", "rope-2"]}, top=3, deny=["rope-3"])
        Lists(1 lists, 3 items)
        """
        top = whole(top, "top", 1)
        allowed = None if allow is None else ids(allow, "allow")
        options = (top, text_of(exclude, "exclude"), allowed, ids(deny, "deny"), flag(fuse, "fuse"))
        if self._native.is_fused and not fuse:
            text = "these lists are the trained model's alone, without the fusion: fuse=True ranks by both"
            warnings.warn(text, Note, stacklevel=2)
        if new_users is None:
            wanted = None if users is None else ids(users, "users")
            if wanted == []:
                raise InputError("users: expected a user or more, found none")
            found = self._native.recommend(wanted, *options)
            return self._lists((self.user_ids[number] for number in found[0]), found)
        if users is not None:
            raise InputError("users and new_users: expected one of the two, found both")
        names, items = checked_histories(new_users, "new_users")
        if not names:
            raise InputError("new_users: expected a user or more, found none")
        known = set(names).intersection(self.user_ids) if isinstance(new_users, Mapping) else set()
        if known:
            text = f"new_users: {len(known)} are known to the data set; their lists are made of the items given here alone, and not of what was trained"
            warnings.warn(text, Note, stacklevel=2)
        return self._lists(names, self._native.recommend_new(items, text_of(fold_in, "fold_in"), *options))

    def similar(self, items: str | int | Iterable[str | int], space: str = "final", top: int = 10) -> Lists:
        """Finds the items most similar to each of some by cosine, in a space of the model (``final``: the vectors that make scores) or of the features
        as they are (``raw_text``, ``raw_vision``, ``raw_mm``).

        >>> from anchorrec import examples
        >>> len(examples.run().similar("tea-1", top=4)["tea-1"])
        4
        """
        names = list(dict.fromkeys(ids(items, "items")))
        if not names:
            raise InputError("items: expected an item or more, found none")
        found, notes = self._native.similar(names, text_of(space, "space"), whole(top, "top", 1))
        for note in notes:
            warnings.warn(note, Note, stacklevel=2)
        return self._lists(names, found)

    def fold_in(self, histories: Mapping[Any, Iterable[Any]] | Sequence[Iterable[Any]], method: FoldIn = "mean") -> np.ndarray:
        """Makes a vector of each new user from the items that it has, float32 ``[n, D]``, in their order.

        >>> from anchorrec import examples
        >>> run = examples.run()
        >>> vectors = run.fold_in([["tea-1"], ["tea-1", "rope-1"]])
        >>> vectors.shape, bool((vectors[0] == run.item_vectors[run.item_ids.index("tea-1")]).all())
        ((2, 64), True)
        """
        _, items = checked_histories(histories, "histories")
        return self._native.fold_in(items, text_of(method, "method"))

    def space(self, name: str) -> np.ndarray:
        """Returns the positions of all items in a space; :meth:`similar` lists the names.

        >>> from anchorrec import examples
        >>> examples.run().space("final").shape
        (12, 64)
        """
        return self._native.space(text_of(name, "name"))

    def evaluate(self) -> dict[str, dict[str, float]]:
        """Ranks all items for all users and judges the lists by the held-out rows, as the training did: ``{"valid": ..., "test": ...}``.

        >>> from anchorrec import examples
        >>> run = examples.run()
        >>> run.evaluate()["test"] == run.report["runs"][0]["test"]
        True
        """
        valid, test = self._native.evaluate()
        return {"valid": valid, "test": test}

    def analyse(self) -> dict[str, Any]:
        """Looks at what the model made of the data, as ``anchorrec train --analyse`` does: neighbourhoods, spectra and spread of the spaces, alignment and
        uniformity, what is recommended to whom. For the seed of this run, as ``analysis`` files have it.

        >>> from anchorrec import examples
        >>> [space["name"] for space in examples.run().analyse()["spaces"]]
        ['final']
        """
        analysis: dict[str, Any] = json.loads(self._native.analyse())
        return analysis

    def _lists(self, names: Iterable[str], found: _native._Lists) -> Lists:
        _, lengths, numbers, scores = found
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return Lists(tuple(names), numbers, scores, offsets, self.item_ids)

    def __repr__(self) -> str:
        (users, width), items = self.user_vectors.shape, len(self.item_vectors)
        return f"Run({self.report['title']} on {self.report['data']['name']}, seed {self.seed}: {users} users, {items} items, {width} wide)"


def load(run: str | os.PathLike[str], *, seed: int | None = None, data: str | os.PathLike[str] | None = None) -> Run:
    """Loads a finished run by its folder or its ``report.json``.

    ``seed`` chooses one of several, else the best on validation is taken. ``data`` names the folder of the data set where it has moved. Weights and data
    are checked by the hashes that the run recorded.

    >>> from anchorrec import examples
    >>> load(examples.run().folder).user_ids == examples.run().user_ids
    True
    """
    folder = path(run, "run", "the path of a run")
    chosen = None if seed is None else whole(seed, "seed", 0, 2**64 - 1)
    return Run(_native.load(folder, chosen, None if data is None else path(data, "data")))
