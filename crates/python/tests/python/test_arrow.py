"""What comes through the Arrow C data interface was written by anybody: every type that can be read is, and what is no Arrow is refused."""

import ctypes
import datetime
import decimal
import struct
import subprocess
import sys

import numpy as np
import pytest

import anchorrec

pyarrow = pytest.importorskip("pyarrow")


def texts_of(kind, offsets, data):
    """A column of texts of which nothing was checked."""
    return pyarrow.Array.from_buffers(kind, len(offsets) - 1, [None, pyarrow.py_buffer(offsets), pyarrow.py_buffer(data)])


def broken_columns():
    # One byte each: `a`, and one that begins a character which nothing ends.
    yield "text", lambda: texts_of(pyarrow.string(), np.array([0, 1, 2], np.int32), b"a\xff")
    yield "large text", lambda: texts_of(pyarrow.large_string(), np.array([0, 1, 2], np.int64), b"a\xff")
    views = b"".join(struct.pack("<i12s", 1, letter) for letter in (b"a", b"\xff"))
    yield "text view", lambda: pyarrow.Array.from_buffers(pyarrow.string_view(), 2, [None, pyarrow.py_buffer(views)])
    # The second text would end where it begins, and begin in the middle of a character.
    yield "offsets", lambda: texts_of(pyarrow.string(), np.array([0, 1, 2], np.int32), "é".encode())
    keys = pyarrow.array([0, 1], pyarrow.int8())
    yield "keys", lambda: pyarrow.DictionaryArray.from_arrays(keys, pyarrow.array(["a"]), safe=False)


@pytest.mark.parametrize("column", [column for _, column in broken_columns()], ids=[name for name, _ in broken_columns()])
@pytest.mark.parametrize("read", ["user", "remark"])
def test_a_column_that_is_no_arrow_is_refused_before_it_is_read(column, read):
    table = {"user": ["a", "b"], "item": ["x", "y"], read: column()}
    with pytest.raises(anchorrec.InputError, match=f"interactions: the column {read} is no valid Arrow: "):
        anchorrec.check(pyarrow.table(table))


CALLED = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


class Stream(ctypes.Structure):
    """A stream as the C interface has it."""

    _fields_ = [("get_schema", CALLED), ("get_next", CALLED), ("get_last_error", CALLED), ("release", CALLED), ("private", ctypes.c_void_p)]


class WithoutSchema:
    """A table whose stream says that it has a schema, and gives none."""

    def __init__(self):
        done = CALLED(lambda *_: 0)
        self.stream = Stream(done, done, done, done, None)
        self.name = b"arrow_array_stream"

    def __arrow_c_stream__(self, requested_schema=None):
        capsule = ctypes.pythonapi.PyCapsule_New
        capsule.restype, capsule.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
        return capsule(ctypes.addressof(self.stream), self.name, None)


def test_a_panic_of_arrow_is_an_exception():
    with pytest.raises(anchorrec.InputError, match="^interactions: the Arrow stream: "):
        anchorrec.check(WithoutSchema())


def test_a_column_of_nothing_is_read_from_polars():
    polars = pytest.importorskip("polars")
    assert anchorrec.check(polars.DataFrame({"user": ["a"], "item": ["b"], "remark": [None]}))["pairs"] == 1


def test_a_stream_that_breaks_off_is_told_with_its_reason():
    schema = pyarrow.schema([("user", pyarrow.string()), ("item", pyarrow.string())])

    def batches():
        yield pyarrow.record_batch({"user": ["a"], "item": ["b"]}, schema=schema)
        raise RuntimeError("a pipe burst")

    with pytest.raises(anchorrec.InputError, match="interactions: the Arrow stream breaks off: .*a pipe burst"):
        anchorrec.check(pyarrow.RecordBatchReader.from_batches(schema, batches()))


def test_a_reader_is_read_once():
    reader = pyarrow.table({"user": ["a"], "item": ["b"]}).to_reader()
    assert anchorrec.check(reader)["pairs"] == 1
    with pytest.raises(anchorrec.InputError, match="interactions: "):
        anchorrec.check(reader)


FOREIGN = """
import io, sys
import pyarrow, pyarrow.csv
import anchorrec

class File(io.BytesIO):
    pass

rows = b"user,item\\n" + b"".join(b"u%d,i%d\\n" % (n, n % 97) for n in range(100000))
options = pyarrow.csv.ReadOptions(block_size=10000)
reader = pyarrow.csv.open_csv(pyarrow.PythonFile(File(rows), mode="r"), read_options=options)
print(anchorrec.check(reader)["pairs"])
"""


def test_a_stream_may_need_other_python_threads():
    # The reader's own threads read a file of Python's: whoever keeps the interpreter to himself waits for them forever.
    done = subprocess.run([sys.executable, "-c", FOREIGN], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "100000", done.stderr


USERS = ["a", "b", None, "c", "a"]
ITEMS = ["x", "y", "x", "z", "z"]


def dictionary(values):
    return pyarrow.array(values).dictionary_encode()


def with_a_null_in_the_dictionary(values):
    keys = pyarrow.array([None if value is None else sorted(set(values) - {None}).index(value) + 1 for value in values], pyarrow.int8())
    return pyarrow.DictionaryArray.from_arrays(keys, pyarrow.array([None, *sorted(set(values) - {None})]))


def sliced(values):
    return pyarrow.array([None, "nobody", *values, "nobody"]).slice(2, len(values))


KINDS = [
    pyarrow.array,
    lambda values: pyarrow.array(values, pyarrow.large_string()),
    lambda values: pyarrow.array(values, pyarrow.string_view()),
    dictionary,
    with_a_null_in_the_dictionary,
    sliced,
    lambda values: pyarrow.chunked_array([values[:1], [], values[1:3], values[3:]], pyarrow.string()),
]


@pytest.mark.parametrize("kind", KINDS)
def test_texts_of_every_kind_are_the_same_rows(kind):
    found = anchorrec.check(pyarrow.table({"user": kind(USERS), "item": kind(ITEMS)}))
    assert (found["users"], found["items"], found["pairs"]) == (3, 3, 4)
    assert found["problems"] == ["interactions: row 2: expected a user id, found nothing"]


def test_decimals_and_dates_are_read():
    days = [datetime.date(1970, 1, 2), datetime.date(1970, 1, 4)]
    table = {
        "user": pyarrow.array([decimal.Decimal(7), decimal.Decimal(8)], pyarrow.decimal128(5, 0)),
        "item": ["x", "y"],
        "rating": pyarrow.array([decimal.Decimal("4.5"), decimal.Decimal("0.5")], pyarrow.decimal128(3, 1)),
        "date": pyarrow.array(days, pyarrow.date32()),
    }
    assert anchorrec.check(pyarrow.table(table), min_rating=1)["pairs"] == 1
    assert anchorrec.check(pyarrow.table(table))["times"] == [86_400, 3 * 86_400]


def test_the_index_that_a_filter_leaves_in_a_frame_is_no_column(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"user": ["a", "b", "c", "d"], "item": ["x", "y", "x", "y"]})
    filtered = frame[frame["user"] != "c"]
    assert "__index_level_0__" in pyarrow.RecordBatchReader.from_stream(filtered).schema.names
    with pytest.warns(anchorrec.Note) as said:
        anchorrec.prepare(filtered, tmp_path / "shop", split="none")
    assert not [note for note in said if "not read" in str(note.message)]


def test_a_frame_with_a_column_that_arrow_has_no_type_for_goes_by_columns(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"user": ["a", "b"], "item": ["x", "y"], "tags": ["one", 2]})
    with pytest.warns(anchorrec.Note, match=r"column is not read \(tags\)"):
        anchorrec.prepare(frame, tmp_path / "shop", split="none")
    with pytest.raises(anchorrec.InputError, match=r'the column "tags" to hold texts, numbers or points in time, found values of int and str'):
        anchorrec.check(frame, user_column="tags")
    twice = pandas.DataFrame([["a", "x", 1, "two"]], columns=["user", "item", "tag", "tag"])
    with pytest.raises(anchorrec.InputError, match="interactions: "):
        anchorrec.check(twice)
