"""A small shop that every test can train on."""

import os
import subprocess
import warnings

import numpy as np
import pytest

import anchorrec

USERS, ITEMS = 60, 30


def shop():
    """Who took what: users of two tastes, with a time for each row."""
    draw = np.random.default_rng(7)
    rows = []
    for user in range(USERS):
        own = np.arange(user % 2, ITEMS, 2)
        for item in draw.choice(own, size=8, replace=False):
            rows.append((f"u{user}", f"i{item}"))
    order = draw.permutation(len(rows))
    users, items = zip(*[rows[place] for place in order])
    return {"user_id": list(users), "item_id": list(items), "timestamp": [1_600_000_000 + 60 * n for n in range(len(rows))]}


def features():
    """Text and image features by item id, which know the two tastes."""
    draw = np.random.default_rng(8)
    ids = [f"i{item}" for item in range(ITEMS)]
    taste = np.arange(ITEMS)[:, None] % 2
    return {
        "text": (ids, (taste + 0.3 * draw.normal(size=(ITEMS, 6))).astype(np.float32)),
        "image": (ids, (taste - 0.3 * draw.normal(size=(ITEMS, 5))).astype(np.float32)),
    }


SETTINGS = {"train.batch_size": 64, "train.learning_rate": 0.01}


def made(folder, name="shop", **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        return anchorrec.prepare(shop(), folder / name, **{**features(), **options})


def trained(data, folder, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        return anchorrec.train(data, **{"epochs": 3, "settings": SETTINGS, "out": folder, "progress": False, **options})


COMMAND = os.environ.get("ANCHORREC_COMMAND")
NEEDS_COMMAND = pytest.mark.skipif(not COMMAND, reason="the command is not built: $ANCHORREC_COMMAND")


def command(folder, *words):
    """What the command prints, called in a folder."""
    done = subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def said_by_command(settings):
    return [word for path, value in settings.items() for word in ("--set", f"{path}={value}")]


def reported(printed, folder):
    """The report that the command names."""
    line = next(line for line in printed.splitlines() if line.startswith("report: "))
    return folder / line.removeprefix("report: ")


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    return made(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def run(data, tmp_path_factory):
    return trained(data, tmp_path_factory.mktemp("runs"))
