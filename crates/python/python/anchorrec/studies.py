"""Many trainings at once: a search for settings, and a model without each of its parts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from . import _native
from ._arrays import flag, listed, text_of, whole
from .training import job, listening, warn

__all__ = ["Search", "ablate", "tune"]


@dataclass(frozen=True)
class Search:
    """What :func:`tune` found: ``anchorrec.train(..., settings=search.best)`` trains with it.

    >>> import tempfile
    >>> from anchorrec import examples
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     search = tune(examples.data(), model="lightgcn", budget=2, epochs=2, out=folder, progress=False)
    >>> len(search.trials), sorted(search.best)
    (2, ['lightgcn.layers', 'lightgcn.reg'])
    """

    best: dict[str, Any]
    """The settings of the best trial on validation; empty where every trial diverged."""
    trials: list[dict[str, Any]]
    """Every trial: its ``settings``, what it ``reached`` on validation at each rung, and whether it ``diverged``."""
    trace: str
    """The file of the search. The same call goes on from it."""


def _value(text: str) -> Any:
    """The value of an assignment as Python has it: a number, a truth, a list, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def tune(
    data: Any = None,
    *,
    dataset: str | None = None,
    model: str | None = None,
    strategy: Literal["halving", "random"] = "halving",
    budget: int = 9,
    search_seed: int = 0,
    parallel: int | None = None,
    seeds: int | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    settings: Mapping[str, Any] | None = None,
    config: str | os.PathLike[str] | None = None,
    mm: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] = "runs",
    datasets: str | os.PathLike[str] = "datasets",
    scale: float | None = None,
    checkpoint_every: float = 10.0,
    portable: bool = False,
    strict: bool = False,
    progress: bool | Callable[[Mapping[str, Any]], None] = True,
) -> Search:
    """Searches for settings of a model on validation, as ``anchorrec tune --dry-run`` does. Nothing is written into the data set's manifest.

    ``budget`` points are drawn by ``search_seed`` from the ranges of the model. ``"halving"`` trains all of them for a ninth of the epochs, the best third
    for a third, the best third of these to the end; ``"random"`` trains all to the end. ``parallel`` trials run at once. The other arguments are those
    of :func:`train`; ``settings`` hold for every trial.

    Ctrl-C raises ``KeyboardInterrupt``; the same call goes on.

    >>> tune("no/such/folder", strategy="grid")
    Traceback (most recent call last):
    anchorrec.errors.InputError: strategy: expected `halving` or `random`, found `grid`
    """
    given = dict(locals())
    listener = listening(progress)
    wanted = dict(
        job=job("tune", given),
        model=None if model is None else text_of(model, "model", "a name"),
        strategy=text_of(strategy, "strategy", "`halving` or `random`"),
        budget=whole(budget, "budget", 1),
        search_seed=whole(search_seed, "search_seed", 0, 2**64 - 1),
        parallel=None if parallel is None else whole(parallel, "parallel", 1),
    )
    record, trace, notes = _native.tune(wanted, listener)
    warn(notes)
    found = json.loads(record)
    best = {} if found["best"] is None else found["trials"][found["best"]]["settings"]
    pairs = [assignment.split("=", 1) for assignment in best]
    return Search({path.strip(): _value(value.strip()) for path, value in pairs}, found["trials"], os.fspath(trace))


def ablate(
    data: Any = None,
    *,
    dataset: str | None = None,
    only: Iterable[str] | None = None,
    models: bool = False,
    seeds: int | Iterable[int] | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    settings: Mapping[str, Any] | None = None,
    config: str | os.PathLike[str] | None = None,
    mm: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] = "runs",
    datasets: str | os.PathLike[str] = "datasets",
    scale: float | None = None,
    checkpoint_every: float = 10.0,
    portable: bool = False,
    strict: bool = False,
    progress: bool | Callable[[Mapping[str, Any]], None] = True,
) -> dict[str, Any]:
    """Trains AnchorRec without each of its parts and with controls, and tests the differences, as ``anchorrec ablate`` does.

    Returns the comparison, as ``comparison.json`` has it: ``variants`` with their metrics, and paired tests against the whole method. ``only`` names
    variants; ``models`` trains the other models too. The other arguments are those of :func:`train`. What was trained before is not trained again.

    >>> ablate("no/such/folder", only=["without-hope"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    anchorrec.errors.InputError: --only: there is no variant `without-hope`: expected some of ...
    """
    given = dict(locals())
    chosen = None
    if only is not None:
        chosen = [text_of(name, "only", "names of variants") for name in listed(only, "only", "names of variants")]
    listener = listening(progress)
    wanted = dict(job=job("ablate", given), only=chosen, models=flag(models, "models"))
    record, _, notes = _native.ablate(wanted, listener)
    warn(notes)
    comparison: dict[str, Any] = json.loads(record)
    return comparison
