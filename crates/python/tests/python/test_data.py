"""Interactions in all that Python people hold are the same data set, and what cannot be right is refused."""

import datetime
import hashlib
import json
import pathlib
import subprocess
import sys
import warnings

import numpy as np
import pytest

import anchorrec
from conftest import features, made, shop


def written(data):
    """The files of a ready folder by their hashes, without those that name where they came from."""
    files = [path for path in pathlib.Path(data.path).iterdir() if path.suffix in {".inter", ".npy"} or "mapping" in path.name]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def prepared(table, folder, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        return anchorrec.prepare(table, folder, name="shop", **{**features(), **options})


def polars_frame():
    return pytest.importorskip("polars").DataFrame(shop())


def polars_with_categories():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(shop())
    moments = polars.from_epoch("timestamp", time_unit="s").dt.replace_time_zone("UTC")
    return frame.with_columns(polars.col("user_id").cast(polars.Categorical), moments)


def pandas_frame():
    return pytest.importorskip("pandas").DataFrame(shop())


def pandas_with_moments():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(shop())
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"], unit="s")
    frame["item_id"] = frame["item_id"].astype("category")
    return frame


def pyarrow_table():
    return pytest.importorskip("pyarrow").table(shop())


def pyarrow_in_pieces():
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(shop())
    return pyarrow.concat_tables([table.slice(0, 1), table.slice(1, 0), table.slice(1)]).to_reader()


def numpy_columns():
    columns = {name: np.array(values) for name, values in shop().items()}
    columns["timestamp"] = columns["timestamp"].astype("datetime64[s]")
    return columns


def structured_array():
    columns = shop()
    kinds = [("user_id", "U8"), ("item_id", "U8"), ("timestamp", "i8")]
    return np.array(list(zip(*columns.values())), dtype=kinds)


TABLES = [polars_frame, polars_with_categories, pandas_frame, pandas_with_moments, pyarrow_table, pyarrow_in_pieces, numpy_columns, structured_array, shop]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_kind_of_table_is_the_same_data_set(table, data, tmp_path):
    assert written(prepared(table(), tmp_path / "shop")) == written(data)


def test_a_folder_with_the_same_rows_is_the_same_data_set(data, tmp_path):
    polars = pytest.importorskip("polars")
    for write in ("write_csv", "write_parquet"):
        folder = tmp_path / write
        folder.mkdir()
        getattr(polars.DataFrame(shop()), write)(folder / f"rows.{write.split('_')[1]}")
        assert written(prepared(folder, tmp_path / f"{write}-ready")) == written(data)


def test_a_sparse_matrix_is_its_pairs(tmp_path):
    sparse = pytest.importorskip("scipy.sparse")
    rows, columns = np.array([0, 0, 1, 2, 2]), np.array([1, 2, 1, 0, 2])
    matrix = sparse.coo_matrix((np.ones(5), (rows, columns)), shape=(3, 3))
    pairs = np.stack([rows, columns], axis=1)
    ids = {"user_ids": ["a", "b", "c"], "item_ids": ["x", "y", "z"]}
    named = {"user": np.array(ids["user_ids"])[rows], "item": np.array(ids["item_ids"])[columns]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        want = written(anchorrec.prepare(named, tmp_path / "named", name="m", split="none"))
        for kind in ("csr", "csc", "coo", "lil", "dok"):
            assert written(anchorrec.prepare(matrix.asformat(kind), tmp_path / kind, name="m", split="none", **ids)) == want
        unnamed = written(anchorrec.prepare(matrix.tocsr(), tmp_path / "unnamed", name="m", split="none"))
        assert unnamed == written(anchorrec.prepare(pairs, tmp_path / "pairs", name="m", split="none"))
    with pytest.warns(anchorrec.Note, match="2 stored zeros"):
        stored = sparse.csr_matrix(([1.0, 0.0, 0.0], ([0, 1, 1], [0, 1, 2])), shape=(2, 3))
        assert anchorrec.check(stored)["pairs"] == 1
    rated = sparse.csr_matrix(([4.0, 2.0], ([0, 1], [0, 1])), shape=(2, 2))
    assert anchorrec.check(rated)["rated"] == 2 and anchorrec.check(rated, min_rating=3)["pairs"] == 1
    for wrong, sentence in [
        ({"user_ids": ["a"]}, "user_ids: expected 3 ids for a matrix of the shape (3, 3), found 1"),
        ({"item_ids": ["a", "a", "b"]}, "item_ids: expected each id once, found 1 that repeat"),
    ]:
        with pytest.raises(anchorrec.InputError) as caught:
            anchorrec.check(matrix, **wrong)
        assert sentence in str(caught.value)


def test_what_is_in_a_table_is_described():
    found = anchorrec.check(shop(), **features())
    assert (found["users"], found["items"], found["pairs"], found["problems"]) == (60, 30, 480, [])
    assert found["times"] == [1_600_000_000, 1_600_000_000 + 60 * 479]
    assert {kind["modality"]: kind["width"] for kind in found["features"]} == {"text": 6, "vision": 5}


def test_what_is_not_taken_as_it_stands_is_a_warning_or_an_error(tmp_path):
    table = {**shop(), "colour": ["red"] * 480}
    with pytest.warns(anchorrec.Note) as said:
        anchorrec.prepare(table, tmp_path / "shop", **features())
    assert any("column is not read (colour)" in str(note.message) for note in said)
    with pytest.raises(anchorrec.InputError, match=r"column is not read \(colour\)"):
        anchorrec.prepare(table, tmp_path / "strict", strict=True, **features())
    assert not (tmp_path / "strict").exists()


def test_a_column_of_nothing_disturbs_nothing():
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    table = {**shop(), "remark": [None] * 480}
    pandas = pytest.importorskip("pandas")
    for frame in (polars.DataFrame(table), pyarrow.table(table), pandas.DataFrame(table), table):
        assert anchorrec.check(frame)["pairs"] == 480


def test_pandas_without_pyarrow_goes_by_columns():
    pytest.importorskip("pandas")
    code = """
import sys; sys.modules["pyarrow"] = None
import pandas, anchorrec
frame = pandas.DataFrame({"user": ["a", "b"], "item": [1, None], "time": pandas.to_datetime([1, 2], unit="s")})
print(anchorrec.check(frame)["problems"], anchorrec.check(frame)["times"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "['interactions: row 1: expected an item id, found nothing'] [1, 1]", done.stdout + done.stderr


def test_rows_that_are_wrong_are_named_and_nothing_is_written(tmp_path):
    table = {"user": ["Al", None, "Bo"], "item": ["pot", "pan", " pan"]}
    problems = anchorrec.check(table)["problems"]
    assert problems[0].startswith("interactions: row 1: expected a user id")
    with pytest.raises(anchorrec.InputError) as caught:
        anchorrec.prepare(table, tmp_path / "shop")
    assert "interactions: row 1: expected a user id" in str(caught.value) and "row 2" in str(caught.value)
    assert not (tmp_path / "shop").exists()


class Broken:
    """A table whose stream is none."""

    def __arrow_c_stream__(self, requested_schema=None):
        return "no capsule"


class Raising:
    """A table that fails while it is handed over."""

    def __arrow_c_stream__(self, requested_schema=None):
        raise RuntimeError("a pipe burst")


def refusals():
    nan = float("nan")
    yield {}, "interactions: expected columns of users and items, found none"
    yield {"user": [], "item": []}, "interactions: expected rows"
    yield {"user": ["a"]}, "interactions: expected a column of items"
    yield {"who": ["a"], "what": ["b"]}, "interactions: expected a column of users"
    yield {"user": ["a", 1], "item": ["b", "c"]}, 'interactions: expected the column "user" to hold texts, numbers or points in time, found values of int and str'
    yield {"user": ["a"], "item": ["b", "c"]}, "expected 1 rows in the column item as in user, found 2"
    yield {"user": [1.5], "item": ["b"]}, 'ids in the column "user": text, or whole numbers'
    yield {"user": [True], "item": ["b"]}, 'ids in the column "user"'
    yield {"user": [b"a"], "item": ["b"]}, 'the column "user" to hold texts'
    yield {"user": [["a"]], "item": ["b"]}, 'the column "user" to hold texts'
    yield {"user": [1 + 2j], "item": ["b"]}, 'the column "user" to hold texts'
    yield {"user": [object()], "item": ["b"]}, 'the column "user" to hold texts'
    yield {"user": "a", "item": ["b"]}, "expected values in the column user"
    yield {1: ["a"], 2: ["b"]}, "expected names of columns that are texts"
    yield {"user": np.zeros((2, 2)), "item": [1, 2]}, 'the column "user" to hold texts, numbers or points in time, found rows of the shape (2,)'
    yield np.zeros((3, 3)), "expected two columns, users and items, found the shape (3, 3)"
    yield np.zeros(3), "expected two columns, users and items, found the shape (3,)"
    yield np.array([[1.0, nan]]), "interactions: row 0: expected an item id"
    yield np.array([[1.0, 2.5]]), 'ids in the column "item"'
    yield 17, "expected a table of polars, pandas or pyarrow"
    yield None, "expected a table of polars, pandas or pyarrow"
    yield [("a", "b")], "expected a table of polars, pandas or pyarrow"
    yield Broken(), "interactions: cannot be handed over as Arrow"
    yield Raising(), "interactions: cannot be handed over as Arrow: a pipe burst"
    yield "no-such-folder", "no-such-folder"


@pytest.mark.parametrize("table, sentence", list(refusals()), ids=lambda value: str(value)[:30])
def test_a_table_that_cannot_be_read_is_refused(table, sentence, tmp_path):
    with pytest.raises(anchorrec.AnchorRecError) as caught:
        anchorrec.prepare(table, tmp_path / "out")
    assert sentence in str(caught.value)


def test_strange_frames_are_refused_with_their_column():
    polars = pytest.importorskip("polars")
    for frame, sentence in [
        (polars.DataFrame(), "interactions"),
        (polars.DataFrame({"user": [["a"]], "item": ["b"]}), 'the column "user" to hold texts, numbers or points in time'),
        (polars.DataFrame({"user": [b"a"], "item": ["b"]}), 'the column "user" to hold texts'),
        (polars.DataFrame({"user": ["a"], "item": ["b"], "time": [datetime.time(1)]}), 'the column "time"'),
        (polars.DataFrame({"user": [None], "item": [None]}), "row 0: expected a user id"),
        (polars.DataFrame({"user": ["a"], "item": ["b"]}).lazy(), "pass interactions.collect()"),
    ]:
        with pytest.raises(anchorrec.InputError) as caught:
            anchorrec.prepare(frame, "never-written")
        assert sentence in str(caught.value)
    pandas = pytest.importorskip("pandas")
    with pytest.raises(anchorrec.InputError, match="interactions"):
        anchorrec.check(pandas.DataFrame({"user": ["a", 1], "item": ["b", "c"]}, dtype=object))


@pytest.mark.parametrize(
    "given, sentence",
    [
        ((["a"], np.zeros((2, 3))), "text: expected an id for each of 2 rows, found 1"),
        ((["a", "a"], np.zeros((2, 3))), "text: expected each item once, found 1 that repeat"),
        ((["a", 1], np.zeros((2, 3))), "text: expected ids of one type"),
        ((["a", "b"], np.zeros(2)), "text: expected rows of numbers, found float64 of shape (2,)"),
        ((["a", "b"], [[1.0], [1.0, 2.0]]), "text: expected rows of one width"),
        ((["a", "b"], np.array([["x"], ["y"]])), "text: expected rows of numbers"),
        ((["a", "b"], np.array([[1.0], [np.nan]])), "text: expected finite numbers, found 1 rows with others, the first of item b"),
        ((["a", "b"], np.array([[1.0], [1e300]])), "text: expected finite numbers"),
        (np.zeros((2, 3)), "text: expected (item ids, rows) or a mapping"),
        ("features.npy", "expected arrays with ids, found the name of a file"),
        ((["i0", "i1"], np.ones((2, 3))), "items"),
    ],
)
def test_features_that_cannot_be_right_are_refused(given, sentence, tmp_path):
    with pytest.raises(anchorrec.InputError) as caught:
        anchorrec.prepare(shop(), tmp_path / "out", text=given)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"split": "sometimes"}, "split: expected random, user-time"),
        ({"split": 3}, "split: expected a rule"),
        ({"share": (0.5, 0.5, 0.5)}, "share: expected three shares that sum to 1"),
        ({"share": (0.7, 0.1, 0.2), "split": "given"}, "--share is for --split random"),
        ({"k_core": -1}, "k_core: expected a whole number from 0"),
        ({"k_core": 1000}, "users and items with at least 1,000 pairs"),
        ({"name": "../up"}, "expected letters, digits"),
        ({"user_column": "nobody"}, "nobody"),
        ({"user_column": 3}, "user_column: expected the name of a column, found 3"),
        ({"min_rating": float("nan")}, "min_rating: expected a finite number"),
        ({"min_rating": 3}, "a column of ratings for --min-rating"),
        ({"positive": 7}, "positive: expected 'all' or {column: value}"),
        ({"columns": ["user", "item"]}, "columns: says how files of a folder are read"),
        ({"titles": ["a"]}, "titles: expected a mapping"),
        ({"image_urls": ["a"]}, "image_urls: expected a mapping from item ids to addresses"),
        ({"image_urls": {"i1": "javascript:1"}}, "image_urls: expected addresses, http:// or https://, found \"javascript:1\" of item i1"),
    ],
)
def test_options_that_cannot_be_right_are_refused(options, sentence, tmp_path):
    with pytest.raises(anchorrec.InputError) as caught:
        anchorrec.prepare(shop(), tmp_path / "out", **options)
    assert sentence in str(caught.value)


def test_a_folder_that_cannot_be_written_is_an_os_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(OSError) as caught:
        made(blocked)
    assert isinstance(caught.value, anchorrec.FileError)


def test_addresses_of_images_are_kept_beside_the_titles(tmp_path):
    made(tmp_path, titles={"i3": "A pot"}, image_urls={"i3": "https://shop.example/3.jpg", "i99": "https://shop.example/99.jpg"})
    folder = tmp_path / "shop"
    titled = [json.loads(line) for line in (folder / "items.jsonl").read_text().splitlines() if "title" in line]
    (image,) = [json.loads(line) for line in (folder / "items_images.jsonl").read_text().splitlines()]
    assert image == {"itemID": titled[0]["itemID"], "image": "https://shop.example/3.jpg"}
