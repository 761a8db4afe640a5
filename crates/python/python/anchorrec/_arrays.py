"""Arguments as the compiled half takes them; what cannot be right is refused here, with the argument's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .errors import InputError

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def array(values: Any, name: str, dimensions: int) -> np.ndarray:
    """Returns finite numbers in rows, of float32 or float64. A copy is made only where they do not stand so already."""
    if hasattr(values, "requires_grad") and values.requires_grad:
        raise InputError(f"{name}: expected numbers alone, found a tensor with a gradient: pass {name}.detach()")
    if not isinstance(values, (np.ndarray, list, tuple)) and not hasattr(values, "__array__"):
        raise InputError(f"{name}: expected a numpy array, found {type(values).__name__}")
    try:
        found = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: expected numbers in rows of one length: {error}") from None
    if isinstance(values, (list, tuple)) and found.dtype.kind in "iu":
        found = found.astype(np.float64)
    if found.dtype not in FLOATS or not found.dtype.isnative:
        raise InputError(f"{name}: expected float32 or float64, found {found.dtype}: use .astype(numpy.float64)")
    if found.ndim != dimensions:
        raise InputError(f"{name}: expected {dimensions} dimension{'s' * (dimensions > 1)}, found the shape {found.shape}")
    wrong = ~np.isfinite(found)
    if wrong.any():
        first = tuple(int(place) for place in np.argwhere(wrong)[0])
        raise InputError(f"{name}: expected finite numbers, found {int(wrong.sum())} that are not, the first at {list(first)}")
    return np.ascontiguousarray(found)


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
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)) or not np.isfinite(value):
        raise InputError(f"{name}: expected a finite number, found {value!r}")
    if least is not None and value < least:
        raise InputError(f"{name}: expected a number of at least {least}, found {value}")
    return float(value)


def whole(value: Any, name: str, least: int = 0, most: int = 2**31 - 1) -> int:
    """Returns a whole number from ``least`` to ``most``."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or not least <= value <= most:
        raise InputError(f"{name}: expected a whole number from {least} to {most}, found {value!r}")
    return int(value)


def wholes(values: Any, name: str, below: int | None = None) -> np.ndarray:
    """Returns whole numbers as uint32."""
    found = np.asarray(values)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise InputError(f"{name}: expected whole numbers, found {found.dtype} of shape {found.shape}")
    most = 2**32 if below is None else below
    if found.size and (found.min() < 0 or found.max() >= most):
        wrong = found[(found < 0) | (found >= most)][0]
        raise InputError(f"{name}: expected whole numbers from 0 to {most - 1}, found {wrong}")
    return np.ascontiguousarray(found, dtype=np.uint32)


def id_of(value: Any, name: str) -> str:
    """Returns an id as text: it is a text, or a whole number."""
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise InputError(f"{name}: expected ids that are texts, found half of a character: {value!r}")
        return value
    if isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_)):
        return str(int(value))
    raise InputError(f"{name}: expected ids that are texts or whole numbers, found {value!r} ({type(value).__name__})")


def ids(values: Any, name: str) -> list[str]:
    """Returns ids as texts. A text alone is one id; texts and whole numbers together are refused, as ``1`` and ``"1"`` would be one."""
    if isinstance(values, (str, int, np.integer)):
        values = [values]
    if isinstance(values, (bytes, Mapping)) or not isinstance(values, Iterable):
        raise InputError(f"{name}: expected ids, found {type(values).__name__}")
    values = list(values)
    found = [id_of(value, name) for value in values]
    texts = sum(isinstance(value, str) for value in values)
    if 0 < texts < len(values):
        raise InputError(f"{name}: expected ids of one type, found {texts} texts and {len(values) - texts} whole numbers")
    return found


def histories(values: Any, name: str) -> tuple[list[str], list[list[str]]]:
    """Returns users with the items of each, from a mapping, or from a sequence without names, which are then numbers."""
    if isinstance(values, Mapping):
        users = [id_of(user, name) for user in values]
        lists = list(values.values())
    elif isinstance(values, Sequence) and not isinstance(values, (str, bytes)):
        users = [str(place) for place in range(len(values))]
        lists = list(values)
    else:
        raise InputError(f"{name}: expected a mapping from users to their items, or a list of lists, found {type(values).__name__}")
    for user, items in zip(users, lists):
        if isinstance(items, (str, int, np.integer)):
            raise InputError(f"{name}: expected a list of items of user {user}, found {items!r}")
    return users, [ids(items, name) for items in lists]
