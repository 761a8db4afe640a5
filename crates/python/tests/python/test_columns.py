"""Columns of lists and arrays: gaps of every kind, types that are mixed, addresses that do not fit, sparse matrices however they store their values."""

import datetime
import decimal
import hashlib
import pathlib
import subprocess
import sys
import warnings

import numpy as np
import pytest

import anchorrec
from anchorrec import _arrays, losses, metrics

NAN = float("nan")


def checked(**columns):
    """What is in a table; of two rows where nothing else is said."""
    return anchorrec.check({"user": ["a", "b"], "item": ["x", "y"], **columns})


@pytest.mark.parametrize("ratings", [[4.5, None], [4, None], [np.float32(4.5), np.nan], np.array([4.5, None], object), np.ma.array([4, 1], mask=[0, 1])])
def test_a_gap_among_ratings_is_a_row_without_one(ratings):
    found = checked(rating=ratings)
    assert (found["pairs"], found["problems"]) == (2, [])
    assert any("rating is missing" in str(note) for note in found["notes"]), found["notes"]


@pytest.mark.parametrize(
    "users",
    [[2**60 + 1, None], [None, "a"], np.array([2**60 + 1, None], object), np.ma.array([7, 2**60 + 1], mask=[1, 0]), np.ma.array(["a", "b"], mask=[0, 1])],
)
def test_a_gap_among_ids_is_a_row_without_one(users):
    problems = checked(user=users)["problems"]
    assert len(problems) == 1 and problems[0].endswith("expected a user id, found nothing")


@pytest.mark.skipif(not hasattr(getattr(np, "dtypes", None), "StringDType"), reason="numpy has no texts of any length before version 2")
def test_texts_of_any_length_are_texts():
    assert checked(user=np.array(["a", "a longer name"], np.dtypes.StringDType()))["users"] == 2
    problems = checked(user=np.array(["a", None], np.dtypes.StringDType(na_object=None)))["problems"]
    assert problems[0] == "interactions: row 1: expected a user id, found nothing"


def test_whole_numbers_beside_a_gap_keep_all_their_digits(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        table = {"user": ["a", "b", "c"], "item": [2**60 + 1, 2**60, 2**60 + 1], "rating": [1, None, 2]}
        data = anchorrec.prepare(table, tmp_path / "shop", split="none")
    written = "".join(path.read_text() for path in pathlib.Path(data.path).glob("*mapping*"))
    assert str(2**60 + 1) in written and str(2**60) in written


@pytest.mark.parametrize("absent", [None, np.datetime64("NaT")])
def test_points_in_time_may_have_gaps_and_zones(absent):
    later = datetime.datetime(1970, 1, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    assert checked(time=[later, datetime.datetime(1970, 1, 1, 2)])["times"] == [3600, 7200]
    assert checked(time=[datetime.date(1970, 1, 2), datetime.date(1970, 1, 3)])["times"] == [86_400, 2 * 86_400]
    problems = checked(time=[later, absent])["problems"]
    assert problems[0].startswith("interactions: row 1: expected"), problems


UNREADABLE = [
    ([["a"], ["b", "c"]], "values of list"),
    ([["a"], ["b"]], "values of list"),
    (np.zeros((2, 3)), r"rows of the shape \(3,\)"),
    ([1, "a"], "values of int and str"),
    ([True, 2], "values of bool and int"),
    ([decimal.Decimal(1), None], "values of Decimal"),
    ([b"a", b"b"], "values of bytes"),
    ([object(), {}], "values of dict and object"),
    (["a", "\ud800"], "texts with half of a character"),
    ([2**70, 1], "out of bounds|too large"),
    (np.array([1 + 2j, 0]), "values of complex128"),
    (np.array([1, 2], "m8[s]"), "values of timedelta64"),
]


@pytest.mark.parametrize("column, kind", UNREADABLE, ids=[kind for _, kind in UNREADABLE])
def test_a_column_that_cannot_be_read_disturbs_where_it_is_read_alone(column, kind, tmp_path):
    table = {"user": ["a", "b"], "item": ["x", "y"], "tags": column}
    with pytest.warns(anchorrec.Note, match=r"1 column is not read \(tags\)"):
        anchorrec.prepare(table, tmp_path / "shop", split="none")
    expected = rf'interactions: expected the column "tags" to hold texts, numbers or points in time, found .*({kind})'
    with pytest.raises(anchorrec.InputError, match=expected):
        anchorrec.check(table, user_column="tags")


def test_gaps_of_pandas_are_gaps_without_pyarrow_too():
    pytest.importorskip("pandas")
    code = """
import sys; sys.modules["pyarrow"] = None
import pandas, anchorrec
frame = pandas.DataFrame({"user": ["a", "b"], "item": pandas.array([1, 2], "Int64"), "price": pandas.array([1, None], "Int64")})
print(anchorrec.check(frame)["pairs"], anchorrec.check(frame)["problems"])
frame["item"] = pandas.array([1, None], "Int64")
print(anchorrec.check(frame)["problems"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines() == ["2 []", "['interactions: row 1: expected an item id, found nothing']"], done.stderr


def test_fields_that_stand_at_any_address_are_read():
    kind = np.dtype([("flag", "u1"), ("user", "<i8"), ("item", "<i8"), ("rating", "<f4")])
    # A single row: numpy calls each field contiguous.
    row = np.array([(1, 2**40 + 1, 7, 2.5)], dtype=kind)
    assert not row["user"].flags.aligned
    found = anchorrec.check(row)
    assert (found["pairs"], found["rated"]) == (1, 1)
    unaligned = np.frombuffer(b"\0" + np.arange(6.0).tobytes(), np.float64, offset=1).reshape(2, 3)
    assert not unaligned.flags.aligned
    assert losses.frobenius_norm(unaligned).value == pytest.approx(np.sqrt(55), rel=1e-15)
    given = (["a", "b"], np.frombuffer(b"\0" + np.ones(4, np.float32).tobytes(), np.float32, offset=1).reshape(2, 2))
    assert not given[1].flags.aligned
    assert anchorrec.check({"user": ["u", "v"], "item": ["a", "b"]}, text=given)["features"][0]["width"] == 2


def test_what_is_computed_with_is_nobody_elses():
    # Other threads may write to what the caller holds while it is computed with.
    matrix, vector, numbers = np.eye(3), np.ones(3, np.float32), np.arange(3, dtype=np.uint32)
    unaligned = np.frombuffer(b"\0" + np.ones(3).tobytes(), np.float64, offset=1)
    for own, given in [
        (_arrays.matrix(matrix, "x"), matrix),
        (_arrays.vector(vector, "x"), vector),
        (_arrays.vector(unaligned, "x"), unaligned),
        (_arrays.wholes(numbers, "x"), numbers),
    ]:
        assert not np.shares_memory(own, given) and own.flags.c_contiguous and own.flags.aligned and own.flags.owndata
        assert np.array_equal(own, given) and own.dtype == given.dtype


def test_masked_arrays_do_not_lose_their_masks():
    gaps = np.ma.array([[1.0, 2.0], [3.0, 4.0]], mask=[[False, True], [False, False]])
    whole = np.ma.array([[1.0, 2.0], [3.0, 4.0]])
    for call in (
        lambda: losses.frobenius_norm(gaps),
        lambda: anchorrec.knn_graph(gaps, 1),
        lambda: metrics.effective_rank(gaps),
        lambda: metrics.gini(np.ma.array([1, 2], mask=[0, 1])),
        lambda: metrics.holm(np.ma.array([0.1, 0.2], mask=[0, 1])),
        lambda: metrics.alignment(whole, whole, np.ma.array([[0, 1]], mask=[[0, 1]])),
        lambda: anchorrec.check({"user": ["u", "v"], "item": ["a", "b"]}, text=(["a", "b"], gaps)),
    ):
        with pytest.raises(anchorrec.InputError, match="found a masked array with 1 gaps"):
            call()
    assert losses.frobenius_norm(whole).value == losses.frobenius_norm(whole.data).value


def written(data):
    files = [path for path in pathlib.Path(data.path).iterdir() if path.suffix == ".inter" or "mapping" in path.name]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_sparse_matrix_is_its_pairs_however_it_stores_them(tmp_path):
    sparse = pytest.importorskip("scipy.sparse")
    # Column by column, and the last value twice.
    rows, columns, values = [2, 0, 1, 0, 2, 2], [0, 1, 1, 2, 2, 2], [3.0, 5.0, 1.0, 2.0, 1.5, 2.5]
    coo = sparse.coo_matrix((values, (rows, columns)), shape=(3, 3))
    twice = coo.copy()
    named = {"user": ["a", "a", "b", "c", "c"], "item": ["y", "z", "y", "x", "z"], "rating": [5.0, 2.0, 1.0, 3.0, 4.0]}
    ids = {"user_ids": ["a", "b", "c"], "item_ids": ["x", "y", "z"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        want = written(anchorrec.prepare(named, tmp_path / "named", name="m", split="random", share=(0.4, 0.2, 0.4)))
        for kind in ("csr", "csc", "coo", "lil", "dok", "bsr", "dia"):
            for made in (coo.asformat(kind), sparse.coo_array(coo).asformat(kind)):
                found = anchorrec.prepare(made, tmp_path / kind, name="m", split="random", share=(0.4, 0.2, 0.4), **ids)
                assert written(found) == want, kind
    with pytest.warns(anchorrec.Note, match="interactions: 1 values of the sparse matrix are added to another one at the same place"):
        assert anchorrec.check(twice)["pairs"] == 5
    assert twice.nnz == 6, "the caller's matrix was changed"
    with pytest.raises(anchorrec.InputError, match="--strict: interactions: 1 values"):
        anchorrec.prepare(twice, tmp_path / "strict", strict=True)
    wide = sparse.coo_matrix((np.array([100, 100], np.int8), ([0, 0], [0, 0])), shape=(1, 1))
    with pytest.warns(anchorrec.Note):
        assert anchorrec.check(wide, min_rating=200)["pairs"] == 1


def test_sparse_arrays_that_are_no_matrices_are_refused():
    sparse = pytest.importorskip("scipy.sparse")
    negative = sparse.coo_matrix(([-1.0, 2.0], ([0, 1], [0, 1])), shape=(2, 2))
    assert anchorrec.check(negative, min_rating=0)["pairs"] == 1
    shapes = [(3,)]
    try:
        sparse.coo_array(np.ones((2, 2, 2)))
        shapes.append((2, 2, 2))
    except ValueError:
        pass  # only later versions have them
    for shape in shapes:
        with pytest.raises(anchorrec.InputError) as caught:
            anchorrec.check(sparse.coo_array(np.ones(shape)))
        assert f"expected a matrix of users by items, found the shape {shape}" in str(caught.value)
        with pytest.raises(anchorrec.InputError, match="graph: expected 3 rows and columns"):
            losses.edge_smoothness(np.eye(3), sparse.coo_array(np.ones(shape)))
    for wrong in (np.nan, np.inf):
        with pytest.raises(anchorrec.InputError, match="expected finite numbers in the matrix"):
            anchorrec.check(sparse.csr_matrix([[1.0, wrong]]))
    with pytest.raises(anchorrec.InputError, match="expected numbers in the matrix, found complex128"):
        anchorrec.check(sparse.csr_matrix([[1j]]))


def test_titles_that_are_missing_are_left_out_and_said(tmp_path):
    table = {"user": ["a", "b", "c"], "item": [1, 2, 3]}
    with pytest.warns(anchorrec.Note, match="titles: 2 of 3 items have none and are left out"):
        data = anchorrec.prepare(table, tmp_path / "shop", split="none", titles={1: "A pot", 2: None, 3: NAN})
    written = "".join(path.read_text() for path in pathlib.Path(data.path).glob("*.jsonl"))
    assert "A pot" in written and "None" not in written and "nan" not in written
    for titles, sentence in [
        ({1: 5}, "titles: expected titles that are texts, found 5"),
        ({1: ["a"]}, "titles: expected titles that are texts, found"),
        ({1: "\ud800"}, "titles: expected titles that are texts, found half of a character"),
        ({1: "a", "1": "b"}, "titles: expected ids of one type, found 1 texts and 1 whole numbers"),
        ({True: "a"}, "titles: expected ids that are texts or whole numbers, found True"),
    ]:
        with pytest.raises(anchorrec.InputError) as caught:
            anchorrec.check(table, titles=titles)
        assert sentence in str(caught.value), caught.value
