"""Nothing ends the interpreter: hostile calls, each told by the exception that it raises, in a process of its own."""

import os
import subprocess
import sys

import pytest

HOSTILE = r"""
import gc, itertools, os, pathlib, sys, warnings
import numpy as np
import anchorrec
from anchorrec import _native, losses, metrics

warnings.simplefilter("ignore")
run = anchorrec.load(sys.argv[1])
folder = pathlib.Path(sys.argv[2])
nan, huge = float("nan"), 2**70
wide = np.zeros((12, 8))
values = [
    None, True, 0, -1, 1, huge, -huge, 0.5, nan, float("inf"), 1j, "", "u0", "i0", "\x00", "\ud800", "x" * 100_000, b"u0", [], [[]], [None], ["u0", 1],
    {}, {"u0": ["i0"]}, {"a": None}, {"a": [1, "x"]}, {None: []}, (), set(), range(3), object(), print, Ellipsis, type,
    np.zeros(0), np.zeros((0, 0)), np.zeros((3, 0)), np.zeros((0, 3)), np.eye(3), np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float16),
    np.eye(3, dtype=int), np.eye(3, dtype=bool), np.eye(3, dtype=object), np.eye(3, dtype=complex), np.eye(3).astype(">f4"), np.eye(3) * nan,
    np.asfortranarray(np.arange(9.0).reshape(3, 3)), wide[::4, ::3], wide[::-1], np.broadcast_to(1.0, (3, 3)), np.array("u0"), np.array(["u0", "u1"]),
    np.array([huge]), np.zeros(3, dtype=[("user", "i4"), ("item", "i4")]), np.zeros((2, 2, 2)), np.ones(3), np.array([1, 2, 3]), np.datetime64("now"),
    [[1.0], [1.0, 2.0]], [True, 2], ["\ud800"], [[0.0, 0.0], [1.0, 2.0]], np.frombuffer(b"x" + bytes(72), np.float64, offset=1).reshape(3, 3), 10**5000,
    np.ma.masked_array(["u0", "u1"], [True, False]), np.ma.masked_array(np.eye(3), np.eye(3) > 0), np.array([None, 1.5], object), np.bool_(True),
    np.array(["2020"], dtype="datetime64[s]"), np.ma.masked_array([1.0, 2.0], [True, False]), memoryview(b"abc"), np.float32(1), np.int64(3),
]
calls = {
    "one": [losses.half_squared_norm, losses.frobenius_norm, metrics.uniformity, metrics.singular_values, metrics.effective_rank, metrics.coverage,
            metrics.gini, metrics.paired_t, metrics.wilcoxon_signed_rank, metrics.holm, run.recommend, run.similar, run.fold_in, run.space,
            anchorrec.load, anchorrec.check, lambda x: run.recommend("u0", top=x), lambda x: run.recommend("u0", allow=x),
            lambda x: run.recommend("u0", deny=x), lambda x: run.recommend("u0", exclude=x), lambda x: run.recommend(new_users=x),
            lambda x: run.recommend(new_users={"a": ["i0"]}, fold_in=x), lambda x: run.similar("i0", space=x), lambda x: run.similar("i0", top=x),
            lambda x: anchorrec.prepare(x, folder / "a"), lambda x: anchorrec.prepare({"user": ["a"], "item": ["b"]}, folder / "a", text=x),
            lambda x: anchorrec.prepare({"user": x, "item": x}, folder / "a"), lambda x: anchorrec.prepare({"user": ["a"], "item": ["b"]}, x),
            lambda x: anchorrec.prepare({"user": ["a"], "item": ["b"]}, folder / "a", split=x),
            lambda x: anchorrec.prepare({"user": ["a"], "item": ["b"]}, folder / "a", share=x),
            lambda x: anchorrec.train(x, out=folder / "r", progress=False), lambda x: anchorrec.train(folder, model=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(folder, seeds=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(folder, settings=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(folder, settings={"train.epochs": x}, out=folder / "r", progress=False),
            lambda x: anchorrec.train(folder, config=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(refit=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(folder, warm_start=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(folder, warm_start=run, warm_start_seed=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(dataset=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(folder, scale=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(folder, mm=x, out=folder / "r", progress=False),
            lambda x: anchorrec.train(folder, log_dir=x, out=folder / "r", progress=False),
            lambda x: anchorrec.tune(x, out=folder / "r", progress=False),
            lambda x: anchorrec.tune(folder, budget=x, model=x, out=folder / "r", progress=False),
            lambda x: anchorrec.tune(folder, strategy=x, out=folder / "r", progress=False),
            lambda x: anchorrec.ablate(folder, only=x, out=folder / "r", progress=False),
            lambda x: run.recommend("u0", fuse=x), lambda x: run.recommend("u0")[x], lambda x: metrics.evaluate([["a"]], [["a"]], at=x),
            lambda x: metrics.evaluate([["a"]], [["a"]], definition=x), lambda x: metrics.evaluate({"a": x}, {"a": ["b"]}),
            lambda x: anchorrec.load(run.folder, seed=x), lambda x: anchorrec.load(run.folder, data=x),
            *[lambda x, name=name: anchorrec.check({"user": ["a"], "item": ["b"]}, **{name: x})
              for name in ("user_column", "split_column", "positive", "min_rating", "allow_missing", "user_ids", "item_ids", "columns", "separator")],
            *[lambda x, name=name: anchorrec.check(folder, **{name: x}) for name in ("interactions", "columns", "separator", "user_column")],
            lambda x: anchorrec.check({"user": ["a"], "item": ["b"], "other": x}), lambda x: anchorrec.check({"user": ["a"], "item": ["b"], x if isinstance(x, (str, int, float)) else (): x}),
            *[lambda x, name=name: anchorrec.prepare({"user": ["a"], "item": ["b"]}, folder / "a", **{name: x})
              for name in ("name", "k_core", "seed", "strict", "keep_new_items")],
            *[lambda x, name=name: anchorrec.train(folder, out=folder / "r", **{name: x})
              for name in ("progress", "resume", "portable", "checkpoint_every", "datasets", "epochs", "patience")],
            lambda x: anchorrec.train(folder, out=x, progress=False), lambda x: anchorrec.train(folder, settings={"a": [x]}, progress=False),
            lambda x: anchorrec.set_threads(0 if isinstance(x, (int, np.integer)) else x),
            lambda x: anchorrec.prepare({"user": ["a"], "item": ["b"]}, folder / "a", titles=x),
            lambda x: anchorrec.prepare({"user": ["a"], "item": ["b"]}, folder / "a", image_urls=x),
            lambda x: anchorrec.prepare({"user": ["a"], "item": ["b"]}, folder / "a", image_urls={"b": x})],
    "two": [losses.bpr, losses.info_nce, losses.cosine_distance, losses.gram_distance, losses.edge_smoothness, metrics.linear_cka,
            metrics.positional_spread, metrics.popularity_lift, metrics.evaluate, anchorrec.knn_graph, anchorrec.item_graph, run.similar,
            lambda x, y: losses.info_nce(np.eye(3), np.eye(3), x, y), lambda x, y: metrics.exposure(x, y, 3),
            lambda x, y: metrics.alignment(np.eye(3), x, y), lambda x, y: losses.info_nce_in_table(x, np.eye(3), y),
            lambda x, y: losses.neighbour_discrimination([np.eye(3)], x, 1, 1, y), lambda x, y: losses.neighbour_discrimination(x, y, 1, 1, 0.5),
            lambda x, y: metrics.neighbour_overlap(np.eye(3), x, y)],
    "raw": [_native.bpr, _native.info_nce, _native.nearest, _native.measure, _native.edge_smoothness, _native.load, _native.check, _native.prepare,
            _native.train, _native.tune, _native.ablate, _native.Table.of_stream, _native.Table.of_columns, _native.Table, _native.Run, _native.Vectors, run._native.recommend,
            run._native.similar],
}
# The files that a hostile path could name stand in an empty folder.
os.chdir(folder)
raised, done = {}, 0
def attempt(call, *arguments):
    global done
    done += 1
    try:
        call(*arguments)
    except Exception as error:
        kind = type(error)
        raised[kind.__name__] = raised.get(kind.__name__, 0) + 1
        if isinstance(error, anchorrec.InternalError) or not isinstance(error, anchorrec.AnchorRecError):
            print("strange:", kind.__name__, str(error)[:200], "of", [anchorrec._arrays.shown(a) for a in arguments], call)
for call in calls["one"]:
    for value in values:
        attempt(call, value)
for call in calls["two"]:
    for pair in itertools.product(values, values):
        attempt(call, *pair)
for call in calls["raw"]:
    for count in range(4):
        for value in values:
            try:
                call(*[value] * count)
            except Exception:
                done += 1
gc.collect()
print("done", done, raised)
"""


def test_hostile_calls_end_in_exceptions(run, tmp_path):
    done = subprocess.run([sys.executable, "-c", HOSTILE, run.folder, str(tmp_path)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{done.returncode}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    assert done.stdout.splitlines()[-1].startswith("done "), done.stdout
    strange = [line for line in done.stdout.splitlines() if line.startswith("strange:")]
    assert not strange, "\n".join(strange[:40])


WRITTEN = r"""
import sys, threading
import anchorrec
data, out = sys.argv[1:]
import pathlib, warnings
warnings.simplefilter("ignore")
kinds = set()
begun, over = threading.Event(), threading.Event()
def watch():
    begun.wait()
    while not over.is_set():
        for folder in {path.parent for path in pathlib.Path(out).rglob("identity.json")}:
            try:
                anchorrec.load(folder)
                kinds.add("loaded")
            except BaseException as error:
                kinds.add(type(error).__name__)
thread = threading.Thread(target=watch, daemon=True)
thread.start()
anchorrec.train(data, out=out, epochs=6, patience=0, progress=lambda event: begun.set(), checkpoint_every=0)
over.set()
thread.join()
print(*sorted(kinds))
"""


def test_a_run_that_is_being_written_is_refused_until_it_is_whole(data, tmp_path):
    done = subprocess.run([sys.executable, "-c", WRITTEN, data.path, str(tmp_path)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    kinds = set(done.stdout.split())
    assert "InputError" in kinds and kinds <= {"InputError", "FileError", "loaded"}, done.stdout


def test_a_panic_is_an_exception_of_this_package():
    import anchorrec
    from anchorrec import _native

    # Past the checks of the Python half: the library panics, as its documentation says.
    with pytest.raises(anchorrec.InputError, match="a paired t test of 1 differences"):
        _native.paired_t([1.0])


LONG = """
import os, signal, sys, threading, time
import numpy as np
import anchorrec

def table(rows):
    numbers = np.arange(rows)
    return {"user": numbers % 1000, "item": numbers // 1000}

def seconds(call):
    began = time.monotonic()
    call()
    return time.monotonic() - began

short = seconds(lambda: anchorrec.check(table(200_000)))
long = table(6_000_000)
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
began = time.monotonic()
try:
    anchorrec.check(long)
except KeyboardInterrupt:
    print("interrupted", time.monotonic() - began < 0.3 + 10 * short)
sys.stdout.flush()
# What was begun ends unseen: nobody waits for it here.
os._exit(0)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as POSIX has them")
def test_ctrl_c_ends_a_call_that_no_training_is():
    done = subprocess.run([sys.executable, "-c", LONG], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "interrupted True", done.stdout + done.stderr
