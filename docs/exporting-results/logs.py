"""Reads the logs of `anchorrec train --log-dir` with TensorBoard's own reader and compares them with the run's curve.

    pip install -r docs/exporting-results/requirements.txt
    python docs/exporting-results/logs.py RUN LOG

RUN is the folder of a finished run, LOG a folder that `train` printed as `log: ...`, of one seed.
"""

import json
import pathlib
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader


def f32(number):
    return struct.unpack("f", struct.pack("f", number))[0]


def expected(epoch):
    yield "train/loss", epoch["loss"]
    yield "train/learning_rate", epoch["learning_rate"]
    yield from ((f"terms/{name}", value) for name, value in epoch["terms"].items())
    for split, key in [("validation", "valid"), ("test", "test")]:
        yield from ((f"{split}/{name}", value) for name, value in (epoch[key] or {}).items())


def main(run, log):
    curve = json.loads((run / f"{log.name}.json").read_text())["curve"]
    lines = [json.loads(line) for line in (log / "epochs.jsonl").read_text().splitlines()]
    print(f"epochs.jsonl: {len(lines)} lines, {'equal to' if lines == curve else 'OTHER than'} the curve of the run")
    good = lines == curve

    (path,) = log.glob("*tfevents*")
    steps = [event.step for event in EventFileLoader(str(path)).Load() if event.HasField("summary")]
    upwards = all(one < other for one, other in zip(steps, steps[1:]))
    print(f"{path.name}: {len(steps)} events, steps {'go up, each once' if upwards else 'REPEAT or go BACK'}")
    good &= upwards and steps == [epoch["epoch"] for epoch in curve]

    accumulator = EventAccumulator(str(log), size_guidance={"scalars": 0})
    accumulator.Reload()
    wanted = {}
    for epoch in curve:
        for tag, value in expected(epoch):
            wanted.setdefault(tag, []).append((epoch["epoch"], f32(value)))
    found = {tag: [(event.step, event.value) for event in accumulator.Scalars(tag)] for tag in accumulator.Tags()["scalars"]}
    same = found == wanted
    print(f"EventAccumulator: {len(found)} tags, {sum(map(len, found.values()))} numbers, {'equal to' if same else 'OTHER than'} the curve as 32-bit numbers")
    return good and same


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(0 if main(*map(pathlib.Path, sys.argv[1:])) else 1)
