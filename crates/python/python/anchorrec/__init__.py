"""Multimodal recommenders, in Rust: prepare data, train, load a run, recommend; losses, metrics and graphs as functions of numpy arrays.

Everything computes in the same library as the command ``anchorrec``, and gives the same bits. Errors are :class:`AnchorRecError`; whatever is ignored,
guessed, merged, dropped or filled in is a warning of the class :class:`Note`.
"""

from . import errors, examples, graphs, losses, metrics
from ._native import __version__
from ._native import models as _models
from .data import DataSet, check, prepare
from .errors import AnchorRecError, FileError, InputError, InternalError, Note, UnknownIdError
from .graphs import item_graph, knn_graph
from .metrics import evaluate
from .run import Lists, Run, load
from .studies import Search, ablate, tune
from .training import Progress, set_threads, train

MODELS: tuple[str, ...] = tuple(_models)
"""The models that can be trained."""

__all__ = [
    "MODELS",
    "AnchorRecError",
    "DataSet",
    "FileError",
    "InputError",
    "InternalError",
    "Lists",
    "Note",
    "Progress",
    "Run",
    "Search",
    "UnknownIdError",
    "__version__",
    "ablate",
    "check",
    "errors",
    "evaluate",
    "examples",
    "graphs",
    "item_graph",
    "knn_graph",
    "load",
    "losses",
    "metrics",
    "prepare",
    "set_threads",
    "train",
    "tune",
]
