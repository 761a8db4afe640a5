"""Training, with progress that terminals and notebooks show."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import _native
from ._arrays import number, whole
from .errors import FileError, InputError, Note
from .run import Run, load

__all__ = ["Progress", "set_threads", "train"]


class Progress:
    """Shows a training on standard error: lines that stay, and below them the step at hand with its loss terms.

    A notebook or a terminal shows the step in place; elsewhere only lines are written. Anything that can be called with an event can take its place:
    a mapping with ``kind`` (``line``: ``text``; ``step``: ``epoch``, ``epochs``, ``step``, ``steps``, ``terms``; ``epoch``: ``record``).
    """

    def __init__(self, out: Any = None) -> None:
        self.out = sys.stderr if out is None else out
        in_notebook = type(self.out).__module__.startswith("ipykernel")
        self.in_place = in_notebook or bool(getattr(self.out, "isatty", lambda: False)())
        self.width = 0

    def __call__(self, event: Mapping[str, Any]) -> None:
        if event["kind"] == "line":
            self._write(event["text"], "\n")
        elif event["kind"] == "step" and self.in_place:
            terms = "  ".join(f"{name} {value:.4f}" for name, value in event["terms"].items())
            text = f"epoch {event['epoch']}/{event['epochs']} step {event['step']}/{event['steps']}  {terms}"
            self._write(text[:119], "")

    def _write(self, text: str, end: str) -> None:
        start = "\r" if self.in_place else ""
        self.out.write(f"{start}{text.ljust(self.width)}{end}")
        self.width = 0 if end else len(text)
        self.out.flush()


def _assignments(settings: Mapping[str, Any], above: str = "") -> list[str]:
    """Settings as the command takes them: ``path=value``, the value in TOML."""
    found = []
    for name, value in settings.items():
        if not isinstance(name, str):
            raise InputError(f"settings: expected names of settings, found {name!r}")
        path = f"{above}.{name}" if above else name
        if isinstance(value, Mapping):
            found.extend(_assignments(value, path))
        elif isinstance(value, bool) or isinstance(value, str):
            found.append(f"{path}={json.dumps(value)}")
        elif isinstance(value, (int, float)):
            found.append(f"{path}={value!r}")
        elif isinstance(value, (list, tuple)):
            found.append(f"{path}={json.dumps(list(value))}")
        else:
            raise InputError(f"settings: expected a number, a text or a truth for {path}, found {type(value).__name__}")
    return found


def train(
    data: Any,
    *,
    model: str | None = None,
    seeds: int | Iterable[int] | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    settings: Mapping[str, Any] | None = None,
    config: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] = "runs",
    datasets: str | os.PathLike[str] = "datasets",
    resume: bool = False,
    restart: bool = False,
    checkpoint_every: float = 10.0,
    strict: bool = False,
    fuse: bool = False,
    progress: bool | Callable[[Mapping[str, Any]], None] = True,
) -> Run:
    """Trains a model, as ``anchorrec train`` does, and returns its run. A job that was trained before is not trained again, unless ``restart``.

    ``data`` is what :func:`anchorrec.prepare` made, or the folder of a data set. ``model`` is one of ``anchorrec.MODELS``. ``settings`` override the
    defaults and the data set's tuned settings: ``{"train.learning_rate": 0.001}``, nested or with points; ``config`` is a TOML file of them.
    ``fuse`` also ranks by the model's scores plus those of a closed form, chosen on validation: ``run.recommend(..., fuse=True)``.
    ``progress`` shows the training; something that can be called gets each event, and what it raises stops the training.

    Ctrl-C raises ``KeyboardInterrupt`` after the step at hand, with a checkpoint: ``resume=True`` goes on and ends with the same bits. Other Python
    threads go on meanwhile.
    """
    if not isinstance(data, (str, os.PathLike)):
        raise InputError(f"data: expected what prepare made, or the folder of a data set, found {type(data).__name__}")
    if resume and restart:
        raise InputError("resume and restart: expected one of the two, found both")
    if model is not None and not isinstance(model, str):
        raise InputError(f"model: expected a name, found {model!r}")
    chosen = None
    if seeds is not None:
        if isinstance(seeds, (str, bytes)) or not isinstance(seeds, (int, Iterable)):
            raise InputError(f"seeds: expected whole numbers, found {seeds!r}")
        chosen = [whole(seed, "seeds", 0, 2**63 - 1) for seed in ([seeds] if isinstance(seeds, int) else seeds)]
    if settings is not None and not isinstance(settings, Mapping):
        raise InputError(f"settings: expected a mapping from settings to values, found {type(settings).__name__}")
    for name, path in (("out", out), ("datasets", datasets), ("config", "" if config is None else config)):
        # A number would be taken for an open file.
        if not isinstance(path, (str, os.PathLike)):
            raise InputError(f"{name}: expected a path, found {type(path).__name__}")
    text = None
    if config is not None:
        try:
            # One byte more than may be: the parser says so, and nothing longer is ever read.
            with open(config, encoding="utf-8") as file:
                text = (os.fspath(config), file.read(2**14 + 1))
        except (OSError, ValueError) as error:
            raise FileError(f"{os.fspath(config)}: cannot read: {error}") from None
    if progress is True:
        listener: Any = Progress()
    elif progress is False or progress is None:
        listener = None
    elif callable(progress):
        listener = progress
    else:
        raise InputError(f"progress: expected True, False or something that can be called, found {progress!r}")
    wanted = dict(
        data=os.path.abspath(os.fspath(data)),
        datasets=os.fspath(datasets),
        model=model,
        seeds=chosen,
        epochs=None if epochs is None else whole(epochs, "epochs", 1),
        patience=None if patience is None else whole(patience, "patience"),
        config=text,
        set=_assignments(settings or {}),
        out=os.path.abspath(os.fspath(out)),
        resume=bool(resume),
        restart=bool(restart),
        checkpoint_every=number(checkpoint_every, "checkpoint_every", 0.0),
        strict=bool(strict),
        fuse=bool(fuse),
        command=["anchorrec.train", os.fspath(data)],
    )
    report, before, notes = _native.train(wanted, listener)
    if listener is None:
        for note in notes:
            warnings.warn(note, Note, stacklevel=2)
    if before and listener is not None:
        listener({"kind": "line", "text": "this run is finished and was not trained again: restart=True trains it again"})
    elif before:
        warnings.warn("this run is finished and was not trained again: restart=True trains it again", Note, stacklevel=2)
    return load(os.fspath(report))


def set_threads(threads: int) -> None:
    """Computes with so many threads: once, before anything was computed. The number changes the time and never a result."""
    _native.set_threads(whole(threads, "threads", 1, 2**16))
