"""What a training takes from a finished run, data by name, and many trainings at once: with the same bits as the command's."""

import json
import pathlib
import shutil
import subprocess
import sys
import warnings

import pytest

import anchorrec
from conftest import NEEDS_COMMAND, SETTINGS, command, made, reported, said_by_command, trained

QUIET = {"progress": False}


def weights(run):
    return [one["checkpoint_sha256"] for one in run.report["runs"]]


def of_command(folder, *words):
    report = json.loads(reported(command(folder, *words), folder).read_text())
    return [one["checkpoint_sha256"] for one in report["runs"]]


@NEEDS_COMMAND
def test_a_refit_has_the_bits_of_the_commands(run, data, tmp_path):
    with pytest.warns(anchorrec.Note, match="refit: trained on all 480 rows"):
        ours = anchorrec.train(refit=run, out=tmp_path / "ours", **QUIET)
    assert ours.report["refit"]["epochs"] == {"999": run.report["runs"][0]["best_epoch"]}
    assert weights(ours) == of_command(tmp_path, "train", "--refit", run.folder, "--out", "theirs") != weights(run)


@NEEDS_COMMAND
def test_a_warm_start_has_the_bits_of_the_commands(run, data, tmp_path):
    later = made(tmp_path, "later", seed=5)
    ours = trained(later, tmp_path / "ours", warm_start=run.folder, epochs=2, settings=None)
    words = ["train", "--data", later.path, "--warm-start", run.folder, "--epochs", 2, "--out", "theirs"]
    assert weights(ours) == of_command(tmp_path, *words) != weights(trained(later, tmp_path / "cold", epochs=2))
    assert ours.report["warm_start"]["seed"] == 999


def test_what_cannot_be_begun_with(run, data, tmp_path):
    refit = trained(None, tmp_path, refit=run, epochs=None, settings=None)
    for options, sentence in [
        ({"refit": refit}, "this run is a refit itself"),
        ({"refit": run, "seeds": [3]}, "seed 3 is not among those of the run that is to be refitted: 999"),
        ({"refit": run, "fuse": True, "epochs": 3}, "refit: a run is trained again as it is: leave out epochs, fuse"),
        ({"refit": tmp_path / "gone"}, "gone"),
        ({"data": data, "warm_start": tmp_path / "gone"}, "--warm-start "),
        ({"data": data, "warm_start": run, "model": "lightgcn"}, "lightgcn"),
        ({"data": data, "warm_start": run, "warm_start_seed": 3}, "there is no run of seed 3"),
        ({"data": data, "warm_start_seed": 3}, "warm_start_seed and warm_start_data: say more of a run that warm_start names"),
        ({"data": data, "warm_start": 5}, "warm_start: expected a path, found int"),
        ({}, "data: expected what prepare made or the folder of a data set"),
        ({"dataset": "nobody"}, "there is no data set `nobody`"),
        ({"dataset": "a/b"}, "--dataset a/b: expected the name of a data set, found a path"),
        ({"dataset": 5}, "dataset: expected a name, found 5"),
        ({"data": data, "scale": 0.1}, "--scale is the size of a synthetic twin, but there is data in"),
        ({"data": data, "scale": -1.0}, "scale: expected a share above 0"),
    ]:
        with pytest.raises(anchorrec.AnchorRecError) as caught:
            anchorrec.train(out=tmp_path / "no", **QUIET, **options)
        assert sentence in str(caught.value), caught.value


@NEEDS_COMMAND
def test_a_known_data_set_is_found_by_its_name_and_a_twin_is_made(tmp_path, monkeypatch):
    manifest = pathlib.Path(__file__).parents[4] / "datasets" / "amazon-baby" / "manifest.toml"
    (tmp_path / "datasets" / "amazon-baby").mkdir(parents=True)
    shutil.copy(manifest, tmp_path / "datasets" / "amazon-baby")
    monkeypatch.delenv("ANCHORREC_DATA", raising=False)
    lines = []
    options = {"model": "lightgcn", "datasets": tmp_path / "datasets", "scale": 0.02, "epochs": 1, "settings": None}
    progress = lambda event: lines.append(event.get("text", ""))  # noqa: E731
    ours = trained(None, tmp_path / "ours", dataset="baby", progress=progress, **options)
    assert any("a synthetic twin of amazon-baby at scale 0.02 is used" in line for line in lines)
    assert any("SYNTHETIC DATA" in line for line in lines) and ours.report["data"]["source"] == "synthetic"
    words = ["train", "--dataset", "baby", "--datasets", tmp_path / "datasets", "--scale", 0.02, "--model", "lightgcn", "--epochs", 1]
    assert weights(ours) == of_command(tmp_path, *words)
    # The folder that holds it by its name is taken before any twin.
    (tmp_path / "shelf").mkdir()
    twin = next((tmp_path / "datasets").rglob("*.inter")).parent
    shutil.copytree(twin, tmp_path / "shelf" / "baby")
    monkeypatch.setenv("ANCHORREC_DATA", str(tmp_path / "shelf"))
    found = trained(None, tmp_path / "found", dataset="amazon-baby", **{**options, "scale": None})
    assert found.report["data"]["dir"] == str(tmp_path / "shelf" / "baby")


def test_the_curve_is_logged_while_it_grows(data, tmp_path):
    run = trained(data, tmp_path / "runs", epochs=2, log_dir=tmp_path / "logs")
    lines = next((tmp_path / "logs").rglob("*.jsonl")).read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2] and "seed-999" in str(next((tmp_path / "logs").rglob("*tfevents*")))
    assert run.report["runs"][0]["epochs_run"] == 2


PORTABLE = """
import sys, warnings
import anchorrec
warnings.simplefilter("ignore")
run = anchorrec.train(sys.argv[1], epochs=1, out=sys.argv[2], portable=True, progress=False)
print(run.report["arithmetic"], run.report["runs"][0]["checkpoint_sha256"])
try:
    anchorrec.train(sys.argv[1], epochs=1, out=sys.argv[2], progress=False)
except anchorrec.InputError as error:
    print(error)
"""


@NEEDS_COMMAND
def test_portable_arithmetic_has_the_bits_of_the_commands(data, tmp_path):
    done = subprocess.run([sys.executable, "-c", PORTABLE, data.path, tmp_path / "ours"], capture_output=True, text=True, timeout=300)
    said = done.stdout.splitlines()
    assert len(said) == 2, done.stderr
    theirs = of_command(tmp_path, "train", "--data", data.path, "--epochs", 1, "--portable", "--out", "theirs")
    assert said[0] == f"portable {theirs[0]}" and said[1].startswith("portable: since an earlier call")


OF_PORTABLE = """
import sys, warnings
import anchorrec
run, data, out, normal = sys.argv[1:]
warnings.simplefilter("ignore")

def trained():
    return anchorrec.train(data, model="lightgcn", epochs=1, out=out, restart=True, progress=False).report["portable"]

def refused(call):
    try:
        call()
    except anchorrec.AnchorRecError as error:
        return str(error)

print(refused(lambda: anchorrec.load(run, data="nowhere")) is not None, trained())
print(refused(lambda: anchorrec.train(refit=run, out=out, progress=False)))
print(trained())
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    anchorrec.load(run)
print(*(note.message for note in said))
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    anchorrec.load(normal)
print(*(note.message for note in said))
"""


def test_plain_loops_are_chosen_by_nobody_unsaid(data, tmp_path):
    code = "import sys, anchorrec; anchorrec.train(sys.argv[1], model='lightgcn', epochs=1, out=sys.argv[2], portable=True, progress=False)"
    subprocess.run([sys.executable, "-c", code, data.path, tmp_path / "portable"], check=True, capture_output=True, timeout=300)
    run = next((tmp_path / "portable").rglob("report.json")).parent
    normal = trained(data, tmp_path / "normal", model="lightgcn", epochs=1)
    words = [sys.executable, "-c", OF_PORTABLE, run, data.path, tmp_path / "out", normal.folder]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    said = done.stdout.splitlines()
    assert len(said) == 5, done.stderr
    # A run that cannot be loaded, and a refit that nobody allowed, leave the process as it was.
    assert said[0] == "True False" and said[2] == "False"
    assert said[1].startswith("refit: this run was computed with plain loops: pass portable=True")
    assert "from here on so is everything in this process" in said[3]
    assert "arithmetic is portable, was " in said[4]


@NEEDS_COMMAND
def test_an_analysis_is_the_commands(run, data, tmp_path):
    words = ["--epochs", 3, "--out", "theirs", "--analyse", *said_by_command(SETTINGS)]
    report = reported(command(tmp_path, "train", "--data", data.path, *words), tmp_path)
    theirs = json.loads(next(report.parent.glob("*analysis*.json")).read_text())
    assert run.analyse() == theirs and theirs["spaces"]


@NEEDS_COMMAND
def test_a_search_has_the_trace_of_the_commands(data, tmp_path):
    options = {"budget": 3, "epochs": 3, "parallel": 1, "settings": SETTINGS, **QUIET}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        search = anchorrec.tune(data, out=tmp_path / "ours", model="lightgcn", **options)
    words = ["--budget", 3, "--epochs", 3, "--parallel", 1, "--out", "theirs", "--model", "lightgcn", "--dry-run", *said_by_command(SETTINGS)]
    command(tmp_path, "tune", "--data", data.path, *words)
    theirs = json.loads(next((tmp_path / "theirs").rglob("tuning-*.json")).read_text())
    assert json.loads(pathlib.Path(search.trace).read_text()) == theirs
    assert search.trials == theirs["trials"] and len(search.trials) == 3
    # What was found can be trained with.
    best = theirs["trials"][theirs["best"]]
    run = trained(data, tmp_path / "best", model="lightgcn", settings={**SETTINGS, **search.best})
    assert run.report["runs"][0]["valid"]["recall@20"] == best["reached"][-1]["recall"]


def accuracy(comparison):
    return {variant["name"]: (variant["test"], variant.get("tests")) for variant in comparison["variants"]}


@NEEDS_COMMAND
def test_an_ablation_study_is_the_commands(data, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        ours = anchorrec.ablate(data, only=["text-only"], epochs=2, settings=SETTINGS, out=tmp_path / "ours", **QUIET)
    words = ["--only", "text-only", "--epochs", 2, "--out", "theirs", *said_by_command(SETTINGS)]
    command(tmp_path, "ablate", "--data", data.path, *words)
    theirs = json.loads(next((tmp_path / "theirs").rglob("comparison.json")).read_text())
    assert accuracy(ours) == accuracy(theirs) and len(ours["variants"]) == 2


def test_what_cannot_be_searched_or_compared(data, tmp_path):
    unsplit = made(tmp_path, "unsplit", split="none")
    for call, options, sentence in [
        (anchorrec.tune, {"data": unsplit}, "there are no validation rows, so no point can be chosen"),
        (anchorrec.tune, {"data": data, "budget": 0}, "budget: expected a whole number from 1"),
        (anchorrec.tune, {"data": data, "model": "nobody"}, "model: expected one of"),
        (anchorrec.tune, {"data": data, "seeds": [1, 2]}, "--seeds: expected one"),
        (anchorrec.tune, {"data": data, "strategy": 4}, "strategy: expected"),
        (anchorrec.ablate, {"data": unsplit}, "there are no test rows, so variants cannot be compared"),
        (anchorrec.ablate, {"data": data, "only": "text-only"}, "only: expected names of variants"),
        (anchorrec.ablate, {"data": data, "settings": {"train.epoch": 1}}, "train.epochs"),
    ]:
        with pytest.raises(anchorrec.InputError) as caught:
            call(out=tmp_path / "no", **QUIET, **options)
        assert sentence in str(caught.value), caught.value


def test_what_a_listener_raises_ends_a_search_that_goes_on_later(data, tmp_path):
    def stop(event):
        if "validation recall@20" in event.get("text", ""):
            raise RuntimeError("seen enough")

    options = {"model": "lightgcn", "budget": 3, "epochs": 9, "parallel": 1, "settings": SETTINGS}
    with pytest.raises(RuntimeError, match="seen enough"):
        anchorrec.tune(data, out=tmp_path / "one", progress=stop, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        resumed = anchorrec.tune(data, out=tmp_path / "one", **options, **QUIET)
        whole = anchorrec.tune(data, out=tmp_path / "two", **options, **QUIET)
    assert (resumed.best, resumed.trials) == (whole.best, whole.trials)
