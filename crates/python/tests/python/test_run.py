"""A run: training, vectors without copies, lists, errors; and the same bits as the command's."""

import gc
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest

import anchorrec
from conftest import NEEDS_COMMAND, SETTINGS, command, features, reported, said_by_command, shop, trained


def interactions(folder):
    """Users, items and parts of a ready folder, as numbers."""
    lines = next(pathlib.Path(folder).glob("*.inter")).read_text().splitlines()
    places = [lines[0].split("\t").index(name) for name in ("userID", "itemID", "x_label")]
    rows = [line.split("\t") for line in lines[1:]]
    return [[int(row[place]) for place in places] for row in rows]


def test_vectors_are_the_runs_own_memory_for_reading_only(data, tmp_path):
    run = trained(data, tmp_path, epochs=1)
    users, items = run.user_vectors, run.item_vectors
    assert users.shape == (60, users.shape[1]) and items.shape == (30, users.shape[1]) and users.dtype == np.float32
    again = np.asarray(run._native.user_vectors)
    assert again.ctypes.data == users.ctypes.data, "a copy was made"
    for refused in (lambda: users.__setitem__((0, 0), 1.0), lambda: setattr(users.flags, "writeable", True)):
        with pytest.raises(ValueError):
            refused()
    before = users.copy()
    del run, again
    gc.collect()
    # Whatever takes memory now must not get that of the vectors.
    rubbish = [np.full(users.shape, -1.0, np.float32) for _ in range(50)]
    assert np.array_equal(users, before) and len(rubbish) == 50


def test_lists_are_those_of_the_vectors(run, data):
    scores = run.user_vectors.astype(np.float64) @ run.item_vectors.astype(np.float64).T
    for user, item, part in interactions(data.path):
        if part == 0:
            scores[user, item] = -np.inf
    lists = run.recommend(top=5)
    assert len(lists) == 60 and lists.ids == run.user_ids
    for number, user in enumerate(run.user_ids):
        want = np.argsort(-scores[number], kind="stable")[:5]
        found = lists[user]
        assert [item for item, _ in found] == [run.item_ids[item] for item in want]
        np.testing.assert_allclose([score for _, score in found], scores[number, want], rtol=1e-5, atol=1e-6)


def test_lists_make_a_table_of_any_library(run):
    lists = run.recommend(["u3", "u1"], top=2)
    columns = lists.columns()
    assert columns["id"] == ["u3", "u3", "u1", "u1"] and columns["rank"].tolist() == [1, 2, 1, 2]
    polars = pytest.importorskip("polars")
    assert polars.DataFrame(columns).shape == (4, 4)
    assert lists.to_dict() == {"u3": [item for item, _ in lists["u3"]], "u1": [item for item, _ in lists["u1"]]}
    with pytest.raises(LookupError, match="there is no list of 'u9'"):
        lists["u9"]


def test_ids_cannot_be_changed_and_numbers_are_their_texts(run):
    assert all(isinstance(ids, tuple) for ids in (run.user_ids, run.item_ids, run.recommend("u1").ids, run.recommend("u1").item_ids))
    lists = run.recommend(new_users={31: ["i0"]}, top=1)
    assert lists.ids == ("31",) and lists[31] == lists["31"] == lists[np.int64(31)]


def test_lists_are_made_by_many_threads_at_once(run):
    asked = [{"top": top, "exclude": exclude, "deny": deny} for top in (1, 5) for exclude in ("train", "none", "all") for deny in ((), ["i0"])]
    # A run that was asked nothing before has nothing that could be taken for another answer.
    want = [anchorrec.load(run.folder).recommend(**options).to_dict() for options in asked]
    found = [[] for _ in range(4)]

    def ask(mine):
        for _ in range(3):
            mine.append([run.recommend(**options).to_dict() for options in asked])
            run.similar("i4", top=3)
            run.fold_in([["i0", "i2"]])

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(mine) == 3 and all(lists == want for lists in mine) for mine in found)


def test_options_of_lists(run):
    everything = run.recommend("u0", top=100, exclude="none")["u0"]
    assert len(everything) == 30
    best = everything[0][0]
    assert run.recommend("u0", top=1, exclude="none", deny=[best])["u0"][0][0] == everything[1][0]
    assert [item for item, _ in run.recommend("u0", allow=[best], exclude="none")["u0"]] == [best]
    assert len(run.recommend("u0", top=100, exclude="all")["u0"]) == 22
    assert len(run.recommend(["u0", "u0"])) == 1


def test_new_users_are_folded_in(run):
    items = ["i0", "i2", "i4"]
    rows = [run.item_ids.index(item) for item in items]
    vectors = run.fold_in([items])
    np.testing.assert_allclose(vectors[0], run.item_vectors[rows].mean(0), rtol=1e-5)
    lists = run.recommend(new_users={"Zoe": items}, top=30)
    assert len(lists["Zoe"]) == 27 and not set(items) & {item for item, _ in lists["Zoe"]}
    assert len(run.recommend(new_users=[items], exclude="none", top=30)["0"]) == 30
    for way in ("propagation", "ridge"):
        assert run.fold_in([items], way).shape == vectors.shape
    with pytest.warns(anchorrec.Note, match="1 are known to the data set"):
        run.recommend(new_users={"u0": items})


def test_similar_items_are_the_largest_cosines(run):
    units = run.item_vectors / np.linalg.norm(run.item_vectors, axis=1, keepdims=True)
    place = run.item_ids.index("i4")
    cosines = units @ units[place]
    cosines[place] = -np.inf
    want = np.argsort(-cosines, kind="stable")[:3]
    found = run.similar("i4", top=3)["i4"]
    assert [item for item, _ in found] == [run.item_ids[item] for item in want]
    assert len(run.similar(["i4", "i5"], space="raw_text")) == 2
    assert run.space("raw_text").shape == (30, 6)


def test_a_run_is_judged_as_its_training_judged_it(run):
    found = run.evaluate()
    recorded = run.report["runs"][0]
    assert found["test"] == recorded["test"] and found["valid"] == recorded["valid"]
    held_out = anchorrec.evaluate(run.recommend(top=50), truth(run, 2), at=[20])
    assert held_out["recall@20"] == pytest.approx(found["test"]["recall@20"], rel=1e-12)


def truth(run, part):
    taken = {}
    for user, item, which in interactions(run.report["data"]["dir"]):
        if which == part:
            taken.setdefault(run.user_ids[user], []).append(run.item_ids[item])
    return taken


@pytest.mark.parametrize(
    "call, kind, sentence",
    [
        (lambda run: run.recommend("nobody"), LookupError, "users: 1 of 1 user ids are not known to the data set: nobody"),
        (lambda run: run.recommend([]), ValueError, "users: expected a user or more, found none"),
        (lambda run: run.recommend(["u0", 0]), ValueError, "users: expected ids of one type, found 1 texts and 1 whole numbers"),
        (lambda run: run.recommend([0.0]), ValueError, "users: expected ids that are texts or whole numbers, found 0.0 (float)"),
        (lambda run: run.recommend([None]), ValueError, "found None (NoneType)"),
        (lambda run: run.recommend(b"u0"), ValueError, "users: expected ids, found bytes"),
        (lambda run: run.recommend(3.5), ValueError, "users: expected ids, found float"),
        (lambda run: run.recommend("u0", top=0), ValueError, "top: expected a whole number from 1"),
        (lambda run: run.recommend("u0", top=2**40), ValueError, "top: expected a whole number from 1"),
        (lambda run: run.recommend("u0", top="many"), ValueError, "top: expected a whole number from 1"),
        (lambda run: run.recommend("u0", exclude="some"), ValueError, "exclude: expected `train`, `all` or `none`, found `some`"),
        (lambda run: run.recommend("u0", allow=["i0"], deny=["i0"]), ValueError, "1 item is both allowed and denied: i0"),
        (lambda run: run.recommend("u0", allow=[]), ValueError, "no item is left to recommend"),
        (lambda run: run.recommend("u0", deny=["pot"]), LookupError, "deny: 1 of 1 item ids are not known"),
        (lambda run: run.recommend("u0", fuse=True), ValueError, "this run was not fused with a closed form"),
        (lambda run: run.recommend("u0", new_users={"a": ["i0"]}), ValueError, "users and new_users: expected one of the two"),
        (lambda run: run.recommend(new_users={}), ValueError, "new_users: expected a user or more, found none"),
        (lambda run: run.recommend(new_users={"a": "i0"}), ValueError, "new_users: expected a list of items of user a"),
        (lambda run: run.recommend(new_users={"a": []}), ValueError, "new_users: expected an item or more of user a, found none"),
        (lambda run: run.recommend(new_users=7), ValueError, "new_users: expected a mapping"),
        (lambda run: run.fold_in([["i0"]], "magic"), ValueError, "method: expected one of propagation, ridge, mean, found `magic`"),
        (lambda run: run.fold_in([["pot"]]), LookupError, "histories: 1 of 1 item ids are not known"),
        (lambda run: run.similar("pot"), LookupError, "items: 1 of 1 item ids are not known"),
        (lambda run: run.similar([]), ValueError, "items: expected an item or more, found none"),
        (lambda run: run.similar("i0", space="moon"), ValueError, "this model has no item space `moon`: expected one of"),
        (lambda run: run.space("moon"), ValueError, "this model has no item space `moon`"),
        (lambda run: anchorrec.load(run.folder, seed=5), ValueError, "there is no run of seed 5: expected one of 999"),
        (lambda run: anchorrec.load(run.folder, seed=-1), ValueError, "seed: expected a whole number"),
        (lambda run: anchorrec.load(17), ValueError, "run: expected the path of a run, found int"),
        (lambda run: anchorrec.load("nowhere"), ValueError, "expected the folder of a finished run"),
        (lambda run: anchorrec.load(run.folder, data="nowhere"), anchorrec.AnchorRecError, "nowhere"),
    ],
)
def test_what_cannot_be_asked_of_a_run(run, call, kind, sentence):
    with pytest.raises(kind) as caught:
        call(run)
    assert isinstance(caught.value, anchorrec.AnchorRecError)
    assert sentence in str(caught.value)


def test_a_run_that_is_damaged_or_not_finished_is_refused(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run.folder, copy)
    weights = next(copy.glob("*.best.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(anchorrec.InputError, match="these weights are not those of the report"):
        anchorrec.load(copy)
    weights.unlink()
    with pytest.raises(anchorrec.FileError):
        anchorrec.load(copy)
    (copy / "report.json").unlink()
    with pytest.raises(anchorrec.InputError, match="this run is not finished"):
        anchorrec.load(copy)


def test_progress_is_lines_steps_and_epochs(data, tmp_path):
    events = []
    trained(data, tmp_path, progress=events.append, model="lightgcn", checkpoint_every=0)
    lines = [event["text"] for event in events if event["kind"] == "line"]
    assert any(line.startswith("settings: defaults") for line in lines)
    assert any(line.startswith("seed 999: ") and "up to 3 epochs" in line for line in lines)
    epochs = [json.loads(event["record"]) for event in events if event["kind"] == "epoch"]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]


def test_what_a_listener_raises_stops_the_training_and_it_can_be_resumed(data, tmp_path):
    def stop(event):
        if event["kind"] == "epoch":
            raise RuntimeError("seen enough")

    long = {"epochs": 8, "patience": 0}
    with pytest.raises(RuntimeError, match="seen enough"):
        trained(data, tmp_path / "one", progress=stop, **long)
    with pytest.raises(anchorrec.InputError, match="an interrupted run of this very job is here"):
        trained(data, tmp_path / "one", **long)
    resumed = trained(data, tmp_path / "one", resume=True, **long)
    whole = trained(data, tmp_path / "two", **long)
    assert resumed.report["runs"][0]["checkpoint_sha256"] == whole.report["runs"][0]["checkpoint_sha256"]


INTERRUPTED = """
import sys, threading, time, os, signal
import anchorrec
began = threading.Event()
def watch(event):
    if event["kind"] == "epoch":
        began.set()
def interrupt():
    began.wait()
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    anchorrec.train(sys.argv[1], out=sys.argv[2], epochs=100000, patience=0, progress=watch)
except KeyboardInterrupt as error:
    print("caught:", error)
"""


def python(code, *arguments):
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=300)


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as POSIX has them")
def test_ctrl_c_is_a_keyboard_interrupt_and_leaves_a_checkpoint(data, tmp_path):
    done = python(INTERRUPTED, data.path, tmp_path)
    assert "caught: interrupted; nothing is lost" in done.stdout, done.stdout + done.stderr
    assert list(tmp_path.rglob("*.checkpoint*")) or list(tmp_path.rglob("*step*")), list(tmp_path.rglob("*"))
    with pytest.raises(anchorrec.InputError, match="this run is not finished"):
        anchorrec.load(next(tmp_path.rglob("identity.json")).parent)


def test_other_threads_go_on_while_a_model_trains(data, tmp_path):
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.002)

    thread = threading.Thread(target=tick)
    thread.start()
    began = time.monotonic()
    trained(data, tmp_path, epochs=100, patience=0)
    ended = time.monotonic()
    done.set()
    thread.join()
    # Half a second of training has room for two hundred; whoever holds the lock all the time leaves a few from before and after.
    assert sum(began <= tick <= ended for tick in ticks) >= 40


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"model": "nobody"}, "model: expected one of anchorrec"),
        ({"model": 3}, "model: expected a name, found 3"),
        ({"epochs": 0}, "epochs: expected a whole number from 1"),
        ({"epochs": 2.5}, "epochs: expected a whole number from 1"),
        ({"patience": -1}, "patience: expected a whole number from 0"),
        ({"seeds": [1, "2"]}, "seeds: expected a whole number"),
        ({"seeds": [1, 1]}, "seeds"),
        ({"settings": {"train.learning_rat": 1}}, "there is no setting `train.learning_rat`; did you mean `train.learning_rate`?"),
        ({"settings": {"train": {"learning_rate": -1.0}}}, "train.learning_rate"),
        ({"settings": {"train.learning_rate": float("nan")}}, "train.learning_rate"),
        ({"settings": {"train.learning_rate": object()}}, "settings: expected a number, a text, a truth or a list of such"),
        ({"settings": {3: 4}}, "settings: expected names of settings"),
        ({"checkpoint_every": float("inf")}, "checkpoint_every: expected a finite number"),
        ({"progress": "loud"}, "progress: expected True, False"),
        ({"resume": True, "restart": True}, "resume and restart: expected one of the two"),
        ({"strict": True}, "strict: "),
    ],
)
def test_what_cannot_be_trained(data, tmp_path, options, sentence):
    with pytest.raises(anchorrec.InputError) as caught:
        trained(data, tmp_path, **options)
    assert sentence in str(caught.value)


def test_folders_and_files_that_are_not_there(data, tmp_path):
    with pytest.raises(anchorrec.FileError, match="cannot read"):
        trained(data, tmp_path, config=tmp_path / "no.toml")
    with pytest.raises(anchorrec.AnchorRecError, match="no-data"):
        trained(tmp_path / "no-data", tmp_path)
    with pytest.raises(anchorrec.InputError, match="data: expected what prepare made"):
        anchorrec.train(shop())


@NEEDS_COMMAND
def test_results_are_the_same_bits_as_the_commands(data, tmp_path):
    polars = pytest.importorskip("polars")
    raw = tmp_path / "raw"
    raw.mkdir()
    polars.DataFrame(shop()).write_csv(raw / "rows.csv")
    for name, (ids, rows) in features().items():
        np.save(raw / f"{name}.npy", rows)
        (raw / f"{name}.ids.txt").write_text("\n".join(ids) + "\n")

    command(tmp_path, "prepare", raw, "--out", tmp_path / "ready", "--name", "shop")
    settings = said_by_command(SETTINGS)
    said = command(tmp_path, "train", "--data", tmp_path / "ready", "--epochs", 3, "--out", tmp_path / "theirs", *settings)
    report = reported(said, tmp_path)
    theirs = json.loads(report.read_text())
    ours = trained(data, tmp_path / "ours")
    assert ours.report["runs"][0]["checkpoint_sha256"] == theirs["runs"][0]["checkpoint_sha256"]
    assert ours.report["runs"][0]["test"] == theirs["runs"][0]["test"]
    rows = command(tmp_path, "recommend", report, "--top", 7).splitlines()
    lists = ours.recommend(top=7)
    columns = lists.columns()
    for row, user, rank, item, score in zip(rows[1:], *columns.values(), strict=True):
        fields = dict(zip(rows[0].split(","), row.split(",")))
        assert (fields["user"], int(fields["rank"]), fields["item"]) == (user, rank, item)
        assert np.float32(fields["score"]) == score


def test_a_fusion_ranks_by_both(data, tmp_path):
    run = trained(data, tmp_path, fuse=True)
    fused = run.recommend(top=5, fuse=True)
    assert run.report["fusion"] and len(fused) == 60
    with pytest.warns(anchorrec.Note, match="fuse=True ranks by both"):
        run.recommend("u0", top=5)
    assert len(run.recommend(new_users=[["i0", "i2"]], fuse=True, top=5)["0"]) == 5


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self):
        return True


def test_a_terminal_shows_the_step_in_place_and_a_file_shows_lines():
    step = {"kind": "step", "seed": 1, "epoch": 2, "epochs": 3, "step": 4, "steps": 5, "terms": {"bpr": 0.25}}
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        progress = anchorrec.Progress(out)
        for event in ({"kind": "line", "text": "begun"}, step, {"kind": "epoch", "record": "{}"}, {"kind": "line", "text": "done"}):
            progress(event)
    assert file.getvalue() == "begun\ndone\n"
    shown = "epoch 2/3 step 4/5  bpr 0.2500"
    # What follows a step covers all of it.
    assert terminal.getvalue() == "\rbegun\n\r" + shown + "\rdone".ljust(len(shown) + 1) + "\n"


def test_without_a_standard_error_nothing_is_shown(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    anchorrec.Progress()({"kind": "line", "text": "begun"})


def test_what_is_noted_is_a_warning_also_where_it_is_shown(tmp_path, data, capfd):
    with pytest.warns(anchorrec.Note, match="no manifest knows this data"):
        run = anchorrec.train(data, model="lightgcn", epochs=1, out=tmp_path)
    assert "seed 999: " in capfd.readouterr().err
    with pytest.warns(anchorrec.Note, match="this run is finished and was not trained again"):
        anchorrec.train(data, model="lightgcn", epochs=1, out=tmp_path)
    # A note that is made an error is raised when the work is done: nothing of it is lost.
    with warnings.catch_warnings():
        warnings.simplefilter("error", anchorrec.Note)
        with pytest.raises(anchorrec.Note):
            anchorrec.train(data, model="lightgcn", epochs=2, out=tmp_path)
    reports = [json.loads(path.read_text()) for path in tmp_path.rglob("report.json")]
    assert sorted(report["runs"][0]["epochs_run"] for report in reports) == [1, 2] and run.report in reports


THREADS = """
import sys, warnings
import anchorrec
warnings.simplefilter("ignore")
anchorrec.set_threads(int(sys.argv[3]))
run = anchorrec.train(sys.argv[1], epochs=2, out=sys.argv[2], progress=False)
try:
    anchorrec.set_threads(2)
except anchorrec.InputError:
    print(run.report["threads"], run.report["runs"][0]["checkpoint_sha256"])
"""


def test_the_number_of_threads_changes_no_bit(data, tmp_path):
    said = [python(THREADS, data.path, tmp_path / str(threads), threads).stdout.split() for threads in (1, 3)]
    assert [words[0] for words in said] == ["1", "3"] and said[0][1] == said[1][1]
