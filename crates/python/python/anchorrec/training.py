"""Training, with progress that terminals and notebooks show."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from . import _native
from ._arrays import absolute, flag, is_whole, listed, number, path, shown, text_of, whole
from .errors import FileError, InputError, Note
from .run import Run, load

__all__ = ["Progress", "set_threads", "train"]


class Progress:
    """Shows a training on standard error: lines that stay, and below them the step at hand with its loss terms.

    A notebook or a terminal shows the step in place; elsewhere only lines are written. Anything that can be called with an event can take its place:
    a mapping with ``kind`` (``line``: ``text``; ``step``: ``epoch``, ``epochs``, ``step``, ``steps``, ``terms``; ``epoch``: ``record``).

    >>> show = Progress(sys.stdout)
    >>> show({"kind": "line", "text": "12 items"})
    12 items
    """

    def __init__(self, out: Any = None) -> None:
        # A program without a terminal may have no standard error: then nothing is shown.
        self.out = sys.stderr if out is None else out
        in_notebook = type(self.out).__module__.startswith("ipykernel")
        self.in_place = in_notebook or bool(getattr(self.out, "isatty", lambda: False)())
        self.width = 0

    def __call__(self, event: Mapping[str, Any]) -> None:
        if self.out is None:
            return
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
        own = text_of(name, "settings", "names of settings")
        setting = f"{above}.{own}" if above else own
        if isinstance(value, Mapping):
            found.extend(_assignments(value, setting))
        else:
            found.append(f"{setting}={_toml(value, setting)}")
    return found


def _toml(value: Any, setting: str) -> str:
    """A value of a setting as TOML writes it."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(text_of(value, f"settings: {setting}"), ensure_ascii=False)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(one, setting) for one in value)}]"
    raise InputError(f"settings: expected a number, a text, a truth or a list of such for {setting}, found {type(value).__name__}")


def maybe(check: Callable[..., Any], value: Any, *others: Any) -> Any:
    """What a check makes of a value, where there is one."""
    return None if value is None else check(value, *others)


def job(called: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """What every training is asked for by, as the compiled half takes it."""
    data = maybe(path, options["data"], "data", "what prepare made, or the folder of a data set")
    seeds, settings, config = options["seeds"], options["settings"], maybe(path, options["config"], "config")
    chosen = None
    if seeds is not None:
        several = [seeds] if is_whole(seeds) else listed(seeds, "seeds", "whole numbers")
        chosen = [whole(seed, "seeds", 0, 2**63 - 1) for seed in several]
    if settings is not None and not isinstance(settings, Mapping):
        raise InputError(f"settings: expected a mapping from settings to values, found {type(settings).__name__}")
    try:
        assignments = _assignments(settings or {})
    except (RecursionError, ValueError) as error:  # settings in themselves; numbers of more digits than Python writes
        raise error if isinstance(error, InputError) else InputError(f"settings: expected settings with values: {error}") from None
    text = None
    if config is not None:
        try:
            # One byte more than may be: the parser says so, and nothing longer is ever read.
            with open(config, encoding="utf-8") as file:
                text = (config, file.read(2**14 + 1))
        except (OSError, ValueError) as error:
            raise FileError(f"{config}: cannot read: {error}") from None
    scale = None if options["scale"] is None else number(options["scale"], "scale")
    if scale is not None and not 0 < scale <= 10:
        raise InputError(f"scale: expected a share above 0 and up to 10, such as 0.1, found {scale!r}")
    dataset = maybe(text_of, options["dataset"], "dataset", "a name")
    epochs, patience = options["epochs"], options["patience"]
    return dict(
        data=maybe(absolute, data, "data"),
        dataset=dataset,
        mm=maybe(path, options["mm"], "mm"),
        datasets=path(options["datasets"], "datasets"),
        scale=scale,
        seeds=chosen,
        epochs=maybe(whole, epochs, "epochs", 1),
        patience=maybe(whole, patience, "patience"),
        config=text,
        set=assignments,
        out=absolute(options["out"], "out"),
        checkpoint_every=number(options["checkpoint_every"], "checkpoint_every", 0.0),
        strict=flag(options["strict"], "strict"),
        portable=flag(options["portable"], "portable"),
        command=[f"anchorrec.{called}", *(word for word in (dataset, data) if word is not None)],
    )


def listening(progress: Any) -> Any:
    """What is called with each event, if anything is."""
    if progress is True:
        return Progress()
    if progress is False or progress is None:
        return None
    if callable(progress):
        return progress
    raise InputError(f"progress: expected True, False or something that can be called, found {shown(progress)}")


def warn(notes: Iterable[str]) -> None:
    """Warns of what was noted: what the terminal shows is gone when somebody looks for it."""
    for note in notes:
        warnings.warn(note, Note, stacklevel=3)


def train(
    data: Any = None,
    *,
    dataset: str | None = None,
    model: str | None = None,
    seeds: int | Iterable[int] | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    settings: Mapping[str, Any] | None = None,
    config: str | os.PathLike[str] | None = None,
    refit: Run | str | os.PathLike[str] | None = None,
    warm_start: Run | str | os.PathLike[str] | None = None,
    warm_start_seed: int | None = None,
    warm_start_data: str | os.PathLike[str] | None = None,
    mm: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] = "runs",
    datasets: str | os.PathLike[str] = "datasets",
    scale: float | None = None,
    resume: bool = False,
    restart: bool = False,
    checkpoint_every: float = 10.0,
    log_dir: str | os.PathLike[str] | None = None,
    portable: bool = False,
    strict: bool = False,
    fuse: bool = False,
    progress: bool | Callable[[Mapping[str, Any]], None] = True,
) -> Run:
    """Trains a model, as ``anchorrec train`` does, and returns its run. A job that was trained before is not trained again, unless ``restart``.

    ``data`` is what :func:`anchorrec.prepare` made, or the folder of a data set; ``dataset`` is the name of one, such as ``"amazon-baby"``, which is
    looked for in ``$ANCHORREC_DATA`` and in ``datasets``, the folder of the manifests. Where it is in neither, or ``scale`` is given, its synthetic twin
    is made. ``mm`` is a file of fused features in place of the folder's own. ``model`` is one of ``anchorrec.MODELS``. ``settings`` override the
    defaults and the data set's tuned settings: ``{"train.learning_rate": 0.001}``, nested or with points; ``config`` is a TOML file of them.

    ``refit`` trains a finished run again, on all its rows, for the epochs that its validation chose: give it alone, with ``seeds`` for some of them, and
    ``data`` where its data set has moved. ``warm_start`` begins with the weights of a finished run on earlier data: users and items are matched by their
    ids, its settings lie under yours; ``warm_start_seed`` chooses one of its seeds, and ``warm_start_data`` says where its data set is now.

    ``fuse`` also ranks by the model's scores plus those of a closed form, chosen on validation: ``run.recommend(..., fuse=True)``. ``log_dir`` gets the
    learning curve as TensorBoard event files and JSON lines. ``portable`` computes with plain loops: slowly, and with the same bits on every
    processor; from then on so does the whole process. ``progress`` shows the training; something that can be called gets each event, and what it raises
    stops the training.

    Ctrl-C raises ``KeyboardInterrupt`` after the step at hand, with a checkpoint: ``resume=True`` goes on and ends with the same bits. Other Python
    threads go on meanwhile.

    >>> train(refit="runs/shop", model="lightgcn")
    Traceback (most recent call last):
    anchorrec.errors.InputError: refit: a run is trained again as it is: leave out model
    """
    given = dict(locals())
    if refit is not None:
        others = ("dataset", "model", "epochs", "patience", "settings", "config", "warm_start", "mm", "scale")
        wrong = [name for name in others if given[name] is not None] + ["fuse"] * (fuse is not False)
        if wrong:
            raise InputError(f"refit: a run is trained again as it is: leave out {', '.join(wrong)}")
    elif data is None and dataset is None:
        raise InputError("data: expected what prepare made or the folder of a data set, or the name of one with dataset=")
    if warm_start is None and (warm_start_seed is not None or warm_start_data is not None):
        raise InputError("warm_start_seed and warm_start_data: say more of a run that warm_start names")
    resume, restart = flag(resume, "resume"), flag(restart, "restart")
    if resume and restart:
        raise InputError("resume and restart: expected one of the two, found both")
    listener = listening(progress)
    asked = job("train", given)
    if refit is not None:
        asked["command"].append(f"refit={_of_run(refit, 'refit')}")
    wanted = dict(
        job=asked,
        model=maybe(text_of, model, "model", "a name"),
        refit=maybe(_of_run, refit, "refit"),
        warm_start=maybe(_of_run, warm_start, "warm_start"),
        warm_start_seed=maybe(whole, warm_start_seed, "warm_start_seed", 0, 2**64 - 1),
        warm_start_data=maybe(path, warm_start_data, "warm_start_data"),
        resume=resume,
        restart=restart,
        fuse=flag(fuse, "fuse"),
        log_dir=maybe(path, log_dir, "log_dir"),
    )
    report, before, notes = _native.train(wanted, listener)
    if before:
        notes.append("this run is finished and was not trained again: restart=True trains it again")
    warn(notes)
    return load(report)


def _of_run(run: Any, name: str) -> str:
    """The folder of a run."""
    return absolute(run.folder if isinstance(run, Run) else run, name)


def set_threads(threads: int) -> None:
    """Computes with so many threads: once, before anything was computed. The number changes the time and never a result.

    >>> set_threads(0)
    Traceback (most recent call last):
    anchorrec.errors.InputError: threads: expected a whole number from 1 to 65536, found 0
    """
    _native.set_threads(whole(threads, "threads", 1, 2**16))
