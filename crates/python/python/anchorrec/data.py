"""From tables, sparse matrices, arrays or folders to a data set that can be trained on."""

from __future__ import annotations

import datetime
import json
import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _native
from ._arrays import absolute, flag, ids, is_whole, listed, number, path, plain, shown, text_of, whole
from .errors import InputError, Note

__all__ = ["DataSet", "check", "prepare"]

_KINDS = ("text", "vision", "mm")


@dataclass(frozen=True)
class DataSet:
    """A ready folder: what :func:`prepare` makes and :func:`anchorrec.train` takes.

    >>> from anchorrec import examples
    >>> examples.data().report["size"]
    {'users': 24, 'items': 12, 'interactions': 132}
    >>> os.path.isdir(examples.data())
    True
    """

    path: str
    """The folder."""
    report: dict[str, Any]
    """What was done: ``size``, ``splits``, ``features``, ``steps``, ``notes``."""

    def __fspath__(self) -> str:
        return self.path


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))


def _is_gap(value: Any) -> bool:
    """Whether a value stands for none: None, NaN, NaT, NA."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except Exception:  # noqa: BLE001
        return type(value).__name__ == "NAType"


def _is_text(value: Any) -> bool:
    """Whether a value is a text of whole characters."""
    try:
        return isinstance(value, str) and (value.isascii() or value.encode() is not None)
    except UnicodeEncodeError:
        return False


def _microseconds(moment: Any) -> np.datetime64:
    if isinstance(moment, datetime.datetime) and moment.tzinfo is not None:
        moment = moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return np.datetime64(moment, "us")


def _objects(found: np.ndarray, gaps: np.ndarray) -> Any:
    """Objects of one type as an array, gaps as anything; what they are where that cannot be."""
    there = [value for value, gap in zip(found, gaps) if not gap]

    def made(kind: Any, otherwise: Any) -> np.ndarray:
        return np.array([otherwise if gap else value for value, gap in zip(found, gaps)], dtype=kind)

    def all_are(*kinds: Any) -> bool:
        return all(isinstance(value, kinds) for value in there)

    if all(_is_text(value) for value in there):
        return [None if gap else str(value) for value, gap in zip(found, gaps)]
    try:
        if all_are(bool, np.bool_):
            return made(np.bool_, False)
        if all(is_whole(value) for value in there):
            return made(np.int64 if min(there) < 0 else np.uint64, 0)
        if all(is_whole(value) or isinstance(value, (float, np.floating)) for value in there):
            return made(np.float64, np.nan)
        if all_are(datetime.date, np.datetime64):
            moments = [np.datetime64("NaT") if gap else _microseconds(value) for value, gap in zip(found, gaps)]
            return np.array(moments, dtype="datetime64[us]")
    except (OverflowError, TypeError, ValueError) as error:
        return str(error)
    if all_are(str):
        return "texts with half of a character"
    return "values of " + " and ".join(sorted({type(value).__name__ for value in there}))


def _column(values: Any, name: str) -> tuple[Any, np.ndarray | None]:
    """A column as the compiled half takes it, and which of its values are gaps. What cannot be read is no error: nobody may want to read it."""
    column = f"interactions: the column {name}"
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        raise InputError(f"interactions: expected values in the column {name}, found {shown(values)}")
    masked = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    if isinstance(values, (list, tuple)):
        found: Any = np.fromiter(values, dtype=object, count=len(values))
    else:
        found = plain(np.ma.getdata(values) if masked is not None else values, column, "values")
    if found.ndim == 0:
        raise InputError(f"interactions: expected values in the column {name}, found {shown(values)}")
    rows = len(found)
    if found.ndim > 1:
        return (f"rows of the shape {found.shape[1:]}", rows), None
    gaps = np.zeros(rows, dtype=np.bool_) if masked is None else np.require(masked, np.bool_, ["C", "A"])
    if found.dtype.kind in "OT":
        found = found.astype(object, copy=False)
        gaps = gaps | np.fromiter(map(_is_gap, found), dtype=np.bool_, count=rows)
        found = _objects(found, gaps)
    elif found.dtype.kind == "U":
        found = _objects(found.astype(object), gaps)
    if isinstance(found, str):
        return (found, rows), None
    if isinstance(found, list):
        return found, None
    kind, size = found.dtype.kind, found.dtype.itemsize
    if kind == "M":
        moments = found.astype("datetime64[us]")
        return ("moments", np.require(moments.astype(np.int64), requirements=["C", "A"])), gaps | np.isnat(moments)
    kinds = {"b": np.bool_, "i": np.int64, "u": np.uint64, "f": np.float32 if size <= 4 else np.float64}
    if kind not in kinds:
        return (f"values of {found.dtype}", rows), None
    # Fields of a structured array may stand at any address.
    return np.require(found, kinds[kind], ["C", "A"]), gaps if gaps.any() else None


def _table(interactions: Any, user_ids: Any, item_ids: Any, notes: list[str]) -> _native.Table:
    """The interactions as a table: of Arrow, of columns, of a sparse matrix, of pairs."""
    if hasattr(interactions, "collect") and hasattr(interactions, "lazy"):
        raise InputError("interactions: expected a table, found one that is not computed yet: pass interactions.collect()")
    if hasattr(interactions, "tocoo"):
        return _native.Table.of_columns(_of_sparse(interactions, user_ids, item_ids, notes))
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
            # Arrow has no type for a column of pandas: by columns, that one is said alone.
            if not _is_frame(interactions, "pandas"):
                raise InputError(f"interactions: cannot be handed over as Arrow: {error}") from error
    if isinstance(interactions, Mapping):
        columns = dict(interactions)
    elif hasattr(interactions, "columns") and hasattr(interactions, "__getitem__"):
        try:
            columns = {name: interactions[name].to_numpy() for name in interactions.columns}
            several = len(interactions.columns) - len(columns)
        except Exception as error:
            raise InputError(f"interactions: expected columns that numpy can read: {error}") from error
        if several:
            raise InputError(f"interactions: expected each column once, found {several} that repeat")
    elif isinstance(interactions, np.ndarray) and interactions.dtype.names:
        columns = {name: interactions[name] for name in interactions.dtype.names}
    elif isinstance(interactions, np.ndarray) and interactions.ndim == 2 and interactions.shape[1] == 2:
        columns = {"user": interactions[:, 0], "item": interactions[:, 1]}
    elif isinstance(interactions, np.ndarray):
        raise InputError(f"interactions: expected two columns, users and items, found the shape {interactions.shape}")
    else:
        expected = "a table of polars, pandas or pyarrow, a mapping of columns, a scipy sparse matrix, an array of pairs or a folder"
        raise InputError(f"interactions: expected {expected}, found {type(interactions).__name__}")
    names = [text_of(name, "interactions", "names of columns that are texts") for name in columns]
    if not columns:
        raise InputError("interactions: expected columns of users and items, found none")
    try:
        return _native.Table.of_columns([(name, *_column(values, name)) for name, values in zip(names, columns.values())])
    except InputError as error:
        text = str(error)
        raise InputError(text if text.startswith("interactions: ") else f"interactions: {text}") from None


def _is_frame(table: Any, library: str) -> bool:
    """Whether a table is a frame of a library, which need not be there."""
    frame = getattr(sys.modules.get(library), "DataFrame", None)
    return frame is not None and isinstance(table, frame)


def _without_null_type(table: Any) -> Any:
    """A polars frame whose columns of nothing are texts: polars (2.1) gives the type Null a buffer, which Arrow (60.1) refuses."""
    if not _is_frame(table, "polars"):
        return table
    polars = sys.modules["polars"]
    nothing = [name for name, kind in table.schema.items() if kind == polars.Null]
    return table.with_columns(polars.col(nothing).cast(polars.String)) if nothing else table


def _of_sparse(matrix: Any, user_ids: Any, item_ids: Any, notes: list[str]) -> list[tuple[str, Any, None]]:
    """The pairs of a sparse matrix, row by row, however it stores them."""
    shape = tuple(getattr(matrix, "shape", ()))
    if len(shape) != 2:
        raise InputError(f"interactions: expected a matrix of users by items, found the shape {shape}")
    names = []
    for kind, given, count in (("user_ids", user_ids, shape[0]), ("item_ids", item_ids, shape[1])):
        found = None if given is None else ids(given, kind)
        if found is not None and len(found) != count:
            raise InputError(f"{kind}: expected {count} ids for a matrix of the shape {shape}, found {len(found)}")
        if found is not None and len(set(found)) < count:
            raise InputError(f"{kind}: expected each id once, found {count - len(set(found))} that repeat")
        names.append(found)
    try:
        coo = matrix.tocoo()
        rows, columns, values = np.asarray(coo.row), np.asarray(coo.col), np.asarray(coo.data)
    except Exception as error:
        raise InputError(f"interactions: cannot be read as a sparse matrix: {error}") from error
    if values.dtype.kind not in "biuf":
        raise InputError(f"interactions: expected numbers in the matrix, found {values.dtype}")
    order = np.lexsort((columns, rows))
    rows, columns, values = rows[order].astype(np.int64), columns[order].astype(np.int64), values[order].astype(np.float64)
    is_first = np.ones(len(values), dtype=np.bool_)
    is_first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    if not is_first.all():
        repeated = int((~is_first).sum())
        notes.append(f"interactions: {repeated} values of the sparse matrix are added to another one at the same place, as scipy adds them")
        values = np.add.reduceat(values, np.flatnonzero(is_first))
        rows, columns = rows[is_first], columns[is_first]
    if not np.isfinite(values).all():
        raise InputError("interactions: expected finite numbers in the matrix, found some that are not")
    taken = values != 0
    if not taken.all():
        notes.append(f"interactions: {int((~taken).sum())} stored zeros of the sparse matrix are no interactions and are left out")
    rows, columns, values = rows[taken], columns[taken], values[taken]
    named = [where if known is None else [known[place] for place in where] for where, known in zip((rows, columns), names)]
    table: list[tuple[str, Any, None]] = [("user", named[0], None), ("item", named[1], None)]
    if (values != 1).any():
        table.append(("rating", values, None))
    return table


def _features(given: Any, name: str) -> tuple[list[str], np.ndarray]:
    """The ids and the rows of features: from a pair of both, or a mapping from ids to rows."""
    if isinstance(given, Mapping):
        given = (list(given), list(given.values()))
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise InputError(f"{name}: expected (item ids, rows) or a mapping from item ids to rows, found {type(given).__name__}")
    names = ids(given[0], name)
    rows = plain(given[1], name, "rows of one width")
    if rows.dtype.kind not in "iuf" or rows.ndim != 2:
        raise InputError(f"{name}: expected rows of numbers, found {rows.dtype} of shape {rows.shape}")
    if len(names) != len(rows):
        raise InputError(f"{name}: expected an id for each of {len(rows)} rows, found {len(names)}")
    if len(set(names)) < len(names):
        raise InputError(f"{name}: expected each item once, found {len(names) - len(set(names))} that repeat")
    with np.errstate(over="ignore"):
        narrow = np.require(rows, np.float32, ["C", "A"])
    wrong = ~np.isfinite(narrow).all(axis=1)
    if wrong.any():
        first = names[int(np.argmax(wrong))]
        raise InputError(f"{name}: expected finite numbers, found {int(wrong.sum())} rows with others, the first of item {first}")
    return names, narrow


def _positive(positive: Any) -> tuple[tuple[str, str] | None, bool]:
    if positive is None:
        return None, False
    if isinstance(positive, str) and positive == "all":
        return None, True
    if isinstance(positive, Mapping) and len(positive) == 1:
        ((column, value),) = positive.items()
        if isinstance(value, (bool, np.bool_)):
            value = "1" if value else "0"
        elif isinstance(value, (int, float, np.number)):
            value = str(value)
        return (text_of(column, "positive", "the name of a column"), text_of(value, "positive", "a text or a number")), False
    raise InputError(f"positive: expected 'all' or {{column: value}}, found {shown(positive)}")


def _texts(given: Any, name: str, kind: str, notes: list[str]) -> dict[str, str]:
    """Texts of items, without those that have none."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(f"{name}: expected a mapping from item ids to {kind}, found {type(given).__name__}")
    there = {item: text for item, text in zip(ids(list(given), name), given.values()) if not _is_gap(text)}
    if len(there) < len(given):
        notes.append(f"{name}: {len(given) - len(there)} of {len(given)} items have none and are left out")
    return {item: text_of(text, name, f"{kind} that are texts") for item, text in there.items()}


def _said(options: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """What is said of the data, as the compiled half takes it."""
    files, arrays = [], []
    for kind in _KINDS:
        given = options.pop(kind)
        if given is None:
            continue
        name = "image" if kind == "vision" else kind
        if _is_path(given):
            files.append((kind, path(given, name)))
        else:
            arrays.append((kind, *_features(given, name)))
    positive, all_rows = _positive(options.pop("positive"))
    titles = _texts(options.pop("titles"), "titles", "titles", notes)
    images = _texts(options.pop("image_urls"), "image_urls", "addresses", notes)
    least = options.pop("min_rating")
    return dict(
        options,
        positive=positive,
        all=all_rows,
        files=files,
        arrays=arrays,
        titles=titles,
        images=images,
        min_rating=None if least is None else number(least, "min_rating"),
    )


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


# The names of columns and what separates them.
_NAMES = ("user_column", "item_column", "time_column", "rating_column", "split_column", "separator")


def _shared(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of the data by the arguments of a call."""
    said = {known: arguments[name] for name, known in _SHARED.items()}
    for name in _NAMES:
        if arguments[name] is not None:
            said[_SHARED[name]] = text_of(arguments[name], name, "the name of a column" if name != "separator" else "a text")
    if arguments["interactions"] is not None:
        said["interactions"] = path(arguments["interactions"], "interactions", "the name of a file")
    if arguments["columns"] is not None:
        columns = listed(arguments["columns"], "columns", "a list of names of columns")
        said["header"] = [text_of(name, "columns", "names of columns") for name in columns]
    return dict(said, **{name: flag(arguments[name], name) for name in ("rows_in_time_order", "allow_missing")})


def _open(data: Any, arguments: Mapping[str, Any]) -> tuple[Any, dict[str, Any], list[str]]:
    """The interactions, what is said of them, and what is to be noted of both."""
    notes: list[str] = []
    said = _said(_shared(arguments), notes)
    user_ids, item_ids = arguments["user_ids"], arguments["item_ids"]
    if not _is_path(data):
        for name in ("interactions", "columns", "separator"):
            if said[_SHARED[name]] is not None:
                raise InputError(f"{name}: says how files of a folder are read, and this is a table in memory")
        return _table(data, user_ids, item_ids, notes), said, notes
    if user_ids is not None or item_ids is not None:
        raise InputError("user_ids and item_ids: name rows and columns of a sparse matrix; a folder has its own ids")
    return path(data, "data"), said, notes


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
    table, described, notes = _open(data, dict(locals()))
    for note in notes:
        warnings.warn(note, Note, stacklevel=2)
    found: dict[str, Any] = json.loads(_native.check(table, described))
    return found


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

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = prepare({"who": ["Al", "Al", "Bo"], "item": [1, 2, 2]}, os.path.join(folder, "shop"), user_column="who", split="none")
    >>> made.report["splits"]
    [3, 0, 0]
    """
    given = dict(locals())
    folder = absolute(out, "out", "the path of a folder")
    shares = None
    if share is not None:
        parts = [number(part, "share", 0.0) for part in listed(share, "share", "three shares that sum to 1")]
        shares = ",".join(f"{part:.9f}".rstrip("0").rstrip(".") for part in parts)
    wanted = dict(
        out=folder,
        name=None if name is None else text_of(name, "name", "the name of a data set"),
        k_core=whole(k_core, "k_core"),
        split=None if split is None else text_of(split, "split", "a rule, such as 'random'"),
        share=shares,
        seed=whole(seed, "seed", 0, 2**64 - 1),
        keep_new_items=flag(keep_new_items, "keep_new_items"),
        strict=flag(strict, "strict"),
    )
    table, described, notes = _open(data, given)
    if notes and wanted["strict"]:
        raise InputError(f"--strict: {'; '.join(notes)}")
    report, more = _native.prepare(table, described, wanted)
    for note in notes + more:
        warnings.warn(note, Note, stacklevel=2)
    return DataSet(folder, json.loads(report))
