"""Arguments as the compiled half takes them; what cannot be right is refused here, with the argument's name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .errors import FileError, InputError

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))

_LONGEST = 80


def shown(value: Any) -> str:
    """A value as a sentence shows it: not too long, and also where it cannot say itself what it is."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001
        return f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def text_of(value: Any, name: str, expected: str = "a text") -> str:
    """Returns a text of whole characters."""
    if not isinstance(value, str):
        raise InputError(f"{name}: expected {expected}, found {shown(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InputError(f"{name}: expected {expected}, found half of a character: {shown(value)}") from None
    return str(value)


def flag(value: Any, name: str) -> bool:
    """Returns a truth. A text is none: ``"no"`` would be true."""
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name}: expected True or False, found {shown(value)}")
    return bool(value)


def path(value: Any, name: str, expected: str = "a path") -> str:
    """Returns a path as text. A number is none: it would be taken for an open file."""
    if not isinstance(value, (str, os.PathLike)):
        raise InputError(f"{name}: expected {expected}, found {type(value).__name__}")
    try:
        found = os.fsdecode(os.fspath(value))
        os.fsencode(found)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: expected {expected}: {error}") from None
    return found


def absolute(value: Any, name: str, expected: str = "a path") -> str:
    """Returns a path from the root on."""
    found = path(value, name, expected)
    try:
        return os.path.abspath(found)
    except OSError as error:
        raise FileError(f"{name} {found}: {error}") from None


def listed(values: Any, name: str, expected: str) -> list[Any]:
    """Returns what is in a collection that is no text and no mapping."""
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise InputError(f"{name}: expected {expected}, found {shown(values)}")
    try:
        return list(values)
    except TypeError as error:  # an array of no dimension
        raise InputError(f"{name}: expected {expected}: {error}") from None


def plain(values: Any, name: str, expected: str) -> np.ndarray:
    """Returns an array of whatever can be one, without gaps."""
    if getattr(values, "requires_grad", False) is True:
        raise InputError(f"{name}: expected numbers alone, found a tensor with a gradient: pass {name}.detach()")
    try:
        gaps = np.count_nonzero(np.ma.getmask(values)) if isinstance(values, np.ma.MaskedArray) else 0
        found = np.asarray(values)
    except Exception as error:
        raise InputError(f"{name}: expected {expected}: {error}") from None
    if gaps:
        raise InputError(f"{name}: expected {expected}, found a masked array with {gaps} gaps: fill them or leave them out")
    return found


def array(values: Any, name: str, dimensions: int) -> np.ndarray:
    """Returns a copy of finite numbers in rows, of float32 or float64. Nobody else can write to it while it is read."""
    if not isinstance(values, (np.ndarray, list, tuple)) and not hasattr(values, "__array__"):
        raise InputError(f"{name}: expected a numpy array, found {type(values).__name__}")
    found = plain(values, name, "numbers in rows of one length")
    if isinstance(values, (list, tuple)) and found.dtype.kind in "iu":
        found = found.astype(np.float64)
    if found.dtype not in FLOATS or not found.dtype.isnative:
        raise InputError(f"{name}: expected float32 or float64, found {found.dtype}: use .astype(numpy.float64)")
    if found.ndim != dimensions:
        raise InputError(f"{name}: expected {dimensions} dimension{'s' * (dimensions > 1)}, found the shape {found.shape}")
    own = np.array(found, order="C", copy=True, subok=False)
    wrong = ~np.isfinite(own)
    if wrong.any():
        first = tuple(int(place) for place in np.argwhere(wrong)[0])
        raise InputError(f"{name}: expected finite numbers, found {int(wrong.sum())} that are not, the first at {list(first)}")
    return own


def matrix(values: Any, name: str) -> np.ndarray:
    """Returns a matrix; see :func:`array`."""
    return array(values, name, 2)


def vector(values: Any, name: str) -> np.ndarray:
    """Returns a vector; see :func:`array`."""
    return array(values, name, 1)


def alike(*arrays: tuple[str, np.ndarray]) -> None:
    """Checks that arrays hold numbers of one width."""
    (first, one), *others = arrays
    for name, other in others:
        if other.dtype != one.dtype:
            raise InputError(f"{name}: expected {one.dtype} as {first} has it, found {other.dtype}")


def number(value: Any, name: str, least: float | None = None) -> float:
    """Returns a finite number, at least ``least``."""
    found = np.nan
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:
            pass
    if not np.isfinite(found):
        raise InputError(f"{name}: expected a finite number, found {shown(value)}")
    if least is not None and found < least:
        raise InputError(f"{name}: expected a number of at least {least}, found {shown(value)}")
    return found


def whole(value: Any, name: str, least: int = 0, most: int = 2**31 - 1) -> int:
    """Returns a whole number from ``least`` to ``most``."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or not least <= value <= most:
        raise InputError(f"{name}: expected a whole number from {least} to {most}, found {shown(value)}")
    return int(value)


def wholes(values: Any, name: str, below: int | None = None) -> np.ndarray:
    """Returns whole numbers as a copy of uint32."""
    found = plain(values, name, "whole numbers")
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise InputError(f"{name}: expected whole numbers, found {found.dtype} of shape {found.shape}")
    most = 2**32 if below is None else below
    if found.size and (found.min() < 0 or found.max() >= most):
        wrong = found[(found < 0) | (found >= most)][0]
        raise InputError(f"{name}: expected whole numbers from 0 to {most - 1}, found {wrong}")
    return np.array(found, dtype=np.uint32, order="C", copy=True, subok=False)


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number, and no truth."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))


def id_of(value: Any, name: str) -> str:
    """Returns an id as text: it is a text, or a whole number."""
    if isinstance(value, str):
        return text_of(value, name, "ids that are texts")
    if is_whole(value):
        try:
            return str(int(value))
        except ValueError as error:  # more digits than Python writes
            raise InputError(f"{name}: expected ids: {error}") from None
    raise InputError(f"{name}: expected ids that are texts or whole numbers, found {shown(value)} ({type(value).__name__})")


def ids(values: Any, name: str) -> list[str]:
    """Returns ids as texts. A text alone is one id; texts and whole numbers together are refused, as ``1`` and ``"1"`` would be one."""
    if isinstance(values, str) or is_whole(values):
        values = [values]
    if isinstance(values, (bytes, Mapping)) or not isinstance(values, Iterable):
        raise InputError(f"{name}: expected ids, found {type(values).__name__}")
    values = listed(values, name, "ids")
    found = [id_of(value, name) for value in values]
    texts = sum(isinstance(value, str) for value in values)
    if 0 < texts < len(values):
        raise InputError(f"{name}: expected ids of one type, found {texts} texts and {len(values) - texts} whole numbers")
    return found


def histories(values: Any, name: str) -> tuple[list[str], list[list[str]]]:
    """Returns users with the items of each, from a mapping, or from a sequence without names, which are then numbers."""
    if isinstance(values, Mapping):
        users = ids(list(values), name)
        lists = list(values.values())
    elif isinstance(values, Sequence) and not isinstance(values, (str, bytes)):
        users = [str(place) for place in range(len(values))]
        lists = list(values)
    else:
        raise InputError(f"{name}: expected a mapping from users to their items, or a list of lists, found {type(values).__name__}")
    found = []
    for user, items in zip(users, lists):
        if isinstance(items, str) or is_whole(items):
            raise InputError(f"{name}: expected a list of items of user {user}, found {shown(items)}")
        found.append(ids(items, name))
        if not found[-1]:
            raise InputError(f"{name}: expected an item or more of user {user}, found none")
    return users, found
