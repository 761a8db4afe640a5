"""From tables, sparse matrices, arrays or folders to a data set that can be trained on."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _native
from ._arrays import id_of, ids, number, whole
from .errors import InputError, Note

__all__ = ["DataSet", "check", "prepare"]

_KINDS = ("text", "vision", "mm")


@dataclass(frozen=True)
class DataSet:
    """A ready folder: what :func:`prepare` makes and :func:`anchorrec.train` takes."""

    path: str
    """The folder."""
    report: dict[str, Any]
    """What was done: ``size``, ``splits``, ``features``, ``steps``, ``notes``."""

    def __fspath__(self) -> str:
        return self.path


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))


def _column(values: Any, name: str) -> Any:
    """A column as the compiled half takes it: numbers, moments, or texts with gaps."""
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        raise InputError(f"interactions: expected values in the column {name}, found {values!r}")
    found = np.asarray(values, dtype=object) if isinstance(values, (list, tuple)) else np.asarray(values)
    if found.ndim != 1:
        raise InputError(f"interactions: expected one value a row in the column {name}, found the shape {found.shape}")
    kind = found.dtype.kind
    if kind == "M":
        return ("moments", found.astype("datetime64[us]").astype(np.int64))
    if kind == "b":
        return np.ascontiguousarray(found)
    if kind == "i":
        return np.ascontiguousarray(found, dtype=np.int64)
    if kind == "u":
        return np.ascontiguousarray(found, dtype=np.uint64)
    if kind == "f":
        return np.ascontiguousarray(found, dtype=np.float32 if found.dtype.itemsize <= 4 else np.float64)
    if kind == "U":
        return found.tolist()
    if kind != "O":
        raise InputError(f"interactions: expected texts, numbers or points in time in the column {name}, found {found.dtype}")
    absent = [value is None or (isinstance(value, float) and value != value) for value in found]
    there = [value for value, gap in zip(found, absent) if not gap]
    texts = sum(isinstance(value, str) for value in there)
    if texts == len(there):
        return [None if gap else value for value, gap in zip(found, absent)]
    if texts:
        types = sorted({type(value).__name__ for value in there})
        raise InputError(f"interactions: expected values of one type in the column {name}, found {' and '.join(types)}")
    if any(absent):
        return [None if gap else id_of(value, f"interactions: the column {name}") for value, gap in zip(found, absent)]
    try:
        narrowed = np.array(found.tolist())
    except (OverflowError, ValueError) as error:
        raise InputError(f"interactions: the column {name}: {error}") from None
    if narrowed.dtype.kind not in "biufM" or narrowed.ndim != 1:
        raise InputError(f"interactions: expected texts or numbers in the column {name}, found {type(there[0]).__name__}")
    return _column(narrowed, name)


def _table(interactions: Any, user_ids: Any, item_ids: Any) -> _native.Table:
    """The interactions as a table: of Arrow, of columns, of a sparse matrix, of pairs."""
    if hasattr(interactions, "collect") and hasattr(interactions, "lazy"):
        raise InputError("interactions: expected a table, found one that is not computed yet: pass interactions.collect()")
    if hasattr(interactions, "tocoo"):
        return _native.Table.of_columns(_of_sparse(interactions, user_ids, item_ids))
    if user_ids is not None or item_ids is not None:
        raise InputError("user_ids and item_ids: name rows and columns of a sparse matrix; a table has its own ids")
    if hasattr(interactions, "__arrow_c_stream__"):
        try:
            return _native.Table.of_stream(_without_null_type(interactions))
        except ImportError:
            pass  # pandas without pyarrow: by columns
        except InputError as error:
            raise InputError(f"interactions: {error}") from None
        except Exception as error:
            raise InputError(f"interactions: cannot be handed over as Arrow: {error}") from error
    if isinstance(interactions, Mapping):
        columns = dict(interactions)
    elif hasattr(interactions, "columns") and hasattr(interactions, "__getitem__"):
        columns = {name: interactions[name].to_numpy() for name in interactions.columns}
    elif isinstance(interactions, np.ndarray) and interactions.dtype.names:
        columns = {name: interactions[name] for name in interactions.dtype.names}
    elif isinstance(interactions, np.ndarray) and interactions.ndim == 2 and interactions.shape[1] == 2:
        columns = {"user": interactions[:, 0], "item": interactions[:, 1]}
    elif isinstance(interactions, np.ndarray):
        raise InputError(f"interactions: expected two columns, users and items, found the shape {interactions.shape}")
    else:
        expected = "a table of polars, pandas or pyarrow, a mapping of columns, a scipy sparse matrix, an array of pairs or a folder"
        raise InputError(f"interactions: expected {expected}, found {type(interactions).__name__}")
    names = [name for name in columns if not isinstance(name, str)]
    if names:
        raise InputError(f"interactions: expected names of columns that are texts, found {names[0]!r}")
    if not columns:
        raise InputError("interactions: expected columns of users and items, found none")
    return _native.Table.of_columns([(name, _column(values, name)) for name, values in columns.items()])


def _without_null_type(table: Any) -> Any:
    """A polars frame whose columns of nothing are texts: polars (2.1) gives the type Null a buffer, which Arrow (60.1) refuses."""
    polars = sys.modules.get("polars")
    if polars is None or not isinstance(table, polars.DataFrame):
        return table
    nothing = [name for name, kind in table.schema.items() if kind == polars.Null]
    return table.with_columns(polars.col(nothing).cast(polars.String)) if nothing else table


def _of_sparse(matrix: Any, user_ids: Any, item_ids: Any) -> list[tuple[str, Any]]:
    coo = matrix.tocoo()
    names = []
    for kind, given, count in (("user_ids", user_ids, coo.shape[0]), ("item_ids", item_ids, coo.shape[1])):
        found = None if given is None else ids(given, kind)
        if found is not None and len(found) != count:
            raise InputError(f"{kind}: expected {count} ids for a matrix of the shape {coo.shape}, found {len(found)}")
        if found is not None and len(set(found)) < count:
            raise InputError(f"{kind}: expected each id once, found {count - len(set(found))} that repeat")
        names.append(found)
    values = np.asarray(coo.data)
    if values.dtype.kind not in "biuf":
        raise InputError(f"interactions: expected numbers in the matrix, found {values.dtype}")
    if values.size and not np.isfinite(values.astype(np.float64)).all():
        raise InputError("interactions: expected finite numbers in the matrix, found some that are not")
    taken = values != 0
    if not taken.all():
        text = f"interactions: {int((~taken).sum())} stored zeros of the sparse matrix are no interactions and are left out"
        warnings.warn(text, Note, stacklevel=4)
    rows, columns, values = coo.row[taken], coo.col[taken], values[taken]
    named = [
        where.astype(np.int64) if known is None else [known[place] for place in where]
        for where, known in zip((rows, columns), names)
    ]
    table: list[tuple[str, Any]] = [("user", named[0]), ("item", named[1])]
    if values.size and (values != 1).any():
        table.append(("rating", values.astype(np.float64)))
    return table


def _features(given: Any, name: str) -> tuple[list[str], np.ndarray]:
    """The ids and the rows of features: from a pair of both, or a mapping from ids to rows."""
    if isinstance(given, Mapping):
        given = (list(given), list(given.values()))
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise InputError(f"{name}: expected (item ids, rows) or a mapping from item ids to rows, found {type(given).__name__}")
    names = ids(given[0], name)
    try:
        rows = np.asarray(given[1])
    except ValueError as error:
        raise InputError(f"{name}: expected rows of one width: {error}") from None
    if rows.dtype.kind not in "iuf" or rows.ndim != 2:
        raise InputError(f"{name}: expected rows of numbers, found {rows.dtype} of shape {rows.shape}")
    if len(names) != len(rows):
        raise InputError(f"{name}: expected an id for each of {len(rows)} rows, found {len(names)}")
    if len(set(names)) < len(names):
        raise InputError(f"{name}: expected each item once, found {len(names) - len(set(names))} that repeat")
    with np.errstate(over="ignore"):
        narrow = np.ascontiguousarray(rows, dtype=np.float32)
    wrong = ~np.isfinite(narrow).all(axis=1)
    if wrong.any():
        first = names[int(np.argmax(wrong))]
        raise InputError(f"{name}: expected finite numbers, found {int(wrong.sum())} rows with others, the first of item {first}")
    return names, narrow


def _positive(positive: Any) -> tuple[tuple[str, str] | None, bool]:
    if positive is None:
        return None, False
    if positive == "all":
        return None, True
    if isinstance(positive, Mapping) and len(positive) == 1:
        ((column, value),) = positive.items()
        return (str(column), "1" if value is True else "0" if value is False else str(value)), False
    raise InputError(f"positive: expected 'all' or {{column: value}}, found {positive!r}")


def _said(options: dict[str, Any]) -> dict[str, Any]:
    """What is said of the data, as the compiled half takes it."""
    files, arrays = [], []
    for kind in _KINDS:
        given = options.pop(kind)
        if given is None:
            continue
        name = "image" if kind == "vision" else kind
        if _is_path(given):
            files.append((kind, os.fspath(given)))
        else:
            arrays.append((kind, *_features(given, name)))
    positive, all_rows = _positive(options.pop("positive"))
    named = {}
    for name, kind in (("titles", "titles"), ("image_urls", "addresses")):
        given = options.pop(name)
        if given is None:
            given = {}
        if not isinstance(given, Mapping):
            raise InputError(f"{name}: expected a mapping from item ids to {kind}, found {type(given).__name__}")
        named[name] = {id_of(item, name): str(text) for item, text in given.items()}
    least = options.pop("min_rating")
    return dict(
        options,
        positive=positive,
        all=all_rows,
        files=files,
        arrays=arrays,
        titles=named["titles"],
        images=named["image_urls"],
        min_rating=None if least is None else number(least, "min_rating"),
    )


def _open(data: Any, options: dict[str, Any], user_ids: Any, item_ids: Any) -> tuple[Any, dict[str, Any]]:
    for name in ("user", "item", "time", "rating", "part", "separator"):
        if options[name] is not None and not isinstance(options[name], str):
            raise InputError(f"{name}: expected the name of a column, found {options[name]!r}")
    said = _said(options)
    if not _is_path(data):
        for name in ("interactions", "header", "separator"):
            if said[name] is not None:
                raise InputError(f"{name}: says how files of a folder are read, and this is a table in memory")
        return _table(data, user_ids, item_ids), said
    if user_ids is not None or item_ids is not None:
        raise InputError("user_ids and item_ids: name rows and columns of a sparse matrix; a folder has its own ids")
    return os.fspath(data), said


# The arguments that check and prepare share, and what the compiled half calls them.
_SHARED = {
    "user_column": "user",
    "item_column": "item",
    "time_column": "time",
    "rating_column": "rating",
    "split_column": "part",
    "columns": "header",
    "image": "vision",
    **{name: name for name in ("interactions", "separator", "min_rating", "positive", "text", "mm", "titles", "image_urls")},
}


def _shared(arguments: Mapping[str, Any]) -> dict[str, Any]:
    said = {known: arguments[name] for name, known in _SHARED.items()}
    said["header"] = None if said["header"] is None else list(said["header"])
    return dict(said, **{name: bool(arguments[name]) for name in ("rows_in_time_order", "allow_missing")})


def check(
    data: Any,
    *,
    user_column: str | None = None,
    item_column: str | None = None,
    time_column: str | None = None,
    rating_column: str | None = None,
    split_column: str | None = None,
    interactions: str | os.PathLike[str] | None = None,
    columns: Sequence[str] | None = None,
    separator: str | None = None,
    min_rating: float | None = None,
    positive: Any = None,
    rows_in_time_order: bool = False,
    text: Any = None,
    image: Any = None,
    mm: Any = None,
    allow_missing: bool = False,
    titles: Mapping[Any, str] | None = None,
    image_urls: Mapping[Any, str] | None = None,
    user_ids: Iterable[Any] | None = None,
    item_ids: Iterable[Any] | None = None,
) -> dict[str, Any]:
    """Describes interactions: users, items, times, features, what training would take, and under ``problems`` what is wrong. Nothing is written.

    The arguments are those of :func:`prepare`.

    >>> found = check({"user": ["Al", "Al", "Bo"], "item": [1, 2, 2]})
    >>> found["users"], found["items"], found["pairs"], found["problems"]
    (2, 2, 3, [])
    """
    said = _shared(locals())
    described: dict[str, Any] = json.loads(_native.check(*_open(data, said, user_ids, item_ids)))
    return described


def prepare(
    data: Any,
    out: str | os.PathLike[str],
    *,
    name: str | None = None,
    k_core: int = 0,
    split: str | None = None,
    share: Iterable[float] | None = None,
    seed: int = 999,
    keep_new_items: bool = False,
    strict: bool = False,
    user_column: str | None = None,
    item_column: str | None = None,
    time_column: str | None = None,
    rating_column: str | None = None,
    split_column: str | None = None,
    interactions: str | os.PathLike[str] | None = None,
    columns: Sequence[str] | None = None,
    separator: str | None = None,
    min_rating: float | None = None,
    positive: Any = None,
    rows_in_time_order: bool = False,
    text: Any = None,
    image: Any = None,
    mm: Any = None,
    allow_missing: bool = False,
    titles: Mapping[Any, str] | None = None,
    image_urls: Mapping[Any, str] | None = None,
    user_ids: Iterable[Any] | None = None,
    item_ids: Iterable[Any] | None = None,
) -> DataSet:
    """Makes a ready folder of interactions and features, as ``anchorrec prepare`` does.

    ``data`` is a table of polars, pandas, pyarrow or anything else with ``__arrow_c_stream__``; a mapping of columns; a scipy sparse matrix of users by
    items (``user_ids`` and ``item_ids`` name its rows and columns); an array of pairs; or a folder with files that the command reads (``interactions``,
    ``columns`` and ``separator`` say how). Columns are found by their names, such as ``user_id``, ``item_id``, ``timestamp``, ``rating``, or named.

    ``text``, ``image`` and ``mm`` are features of items: ``(item ids, rows)``, a mapping from ids to rows, or a file of a folder. Without ``mm``, the
    fused features, it is made of the others. ``titles`` and ``image_urls`` are for people who look at lists, and for the page of ``anchorrec serve``.

    ``out`` is replaced if it was prepared before. ``split`` is ``"random"``, ``"user-time"``, ``"global-time"``, ``"leave-one-out"``,
    ``"dates:FROM,FROM"``, ``"given"``, ``"column:NAME"`` or ``"none"``. ``positive`` keeps rows with a value: ``{"event": "buy"}``, or ``"all"``.
    """
    if not _is_path(out):
        raise InputError(f"out: expected the path of a folder, found {type(out).__name__}")
    said = _shared(locals())
    shares = None
    if share is not None:
        if isinstance(share, (str, bytes)) or not isinstance(share, Iterable):
            raise InputError(f"share: expected three shares that sum to 1, found {share!r}")
        parts = [number(part, "share", 0.0) for part in share]
        shares = ",".join(f"{part:.9f}".rstrip("0").rstrip(".") for part in parts)
    folder = os.path.abspath(os.fspath(out))
    wanted = dict(
        out=folder,
        name=name,
        k_core=whole(k_core, "k_core"),
        split=split,
        share=shares,
        seed=whole(seed, "seed", 0, 2**64 - 1),
        keep_new_items=bool(keep_new_items),
        strict=bool(strict),
    )
    if split is not None and not isinstance(split, str):
        raise InputError(f"split: expected a rule, such as 'random', found {split!r}")
    report, notes = _native.prepare(*_open(data, said, user_ids, item_ids), wanted)
    for note in notes:
        warnings.warn(note, Note, stacklevel=2)
    return DataSet(folder, json.loads(report))
