"""The package in a real notebook: progress in the cell, an interrupted cell that goes on.

    pip install nbconvert==7.16.6 ipykernel==6.29.5 jupyter-client==8.6.3 nbformat==5.10.4
    python docs/python/notebook.py [folder]

A notebook is executed by nbconvert and its outputs are looked at; then a cell that trains is interrupted as the button does it.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client.manager import start_new_kernel

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()).absolute()
folder.mkdir(parents=True, exist_ok=True)

SHOP = """
import numpy as np, warnings, anchorrec
warnings.simplefilter("ignore", anchorrec.Note)
draw = np.random.default_rng(1)
rows = {"user": np.repeat(np.arange(200), 8), "item": np.concatenate([draw.choice(50, 8, replace=False) for _ in range(200)])}
data = anchorrec.prepare(rows, "shop")
"""
TRAIN = "run = anchorrec.train(data, model='lightgcn', epochs=3, out='runs')"

# A whole notebook, as `jupyter nbconvert --execute` runs it.
cells = [SHOP, TRAIN, "run.recommend('0', top=2)['0']"]
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
path = folder / "lists.ipynb"
nbformat.write(notebook, path)
subprocess.run([sys.executable, "-m", "jupyter", "nbconvert", "--execute", "--to", "notebook", "--inplace", path], check=True, cwd=folder)
done = json.loads(path.read_text())
shown = ["".join("".join(output.get("text", output.get("data", {}).get("text/plain", ""))) for output in cell["outputs"]) for cell in done["cells"]]
print(shown[1][-700:])
print("list:", shown[2])
assert "seed 999: " in shown[1] and "epoch     3/3" in shown[1].replace("\r", "\n"), shown[1]
assert shown[2].startswith("[('"), shown[2]

# The same cells, one of them interrupted.
manager, client = start_new_kernel(cwd=str(folder))


def cell(source, interrupt_after=None):
    """Runs a cell; the text and the error that it shows."""
    message, text, error, begun = client.execute(source), "", None, None
    while True:
        got = client.get_iopub_msg(timeout=120)
        if got["parent_header"].get("msg_id") != message:
            continue
        kind, content = got["msg_type"], got["content"]
        if kind == "stream":
            text += content["text"]
            if interrupt_after and interrupt_after in text and begun is None:
                begun = time.time()
                manager.interrupt_kernel()
        elif kind == "error":
            error = f"{content['ename']}: {content['evalue']}"
        elif kind == "status" and content["execution_state"] == "idle":
            return text, error, begun and time.time() - begun


try:
    cell(SHOP)
    long = "run = anchorrec.train(data, model='lightgcn', epochs=2000, patience=0, out='long')"
    text, error, seconds = cell(long, interrupt_after="epoch ")
    print(f"interrupted after {seconds:.1f} s: {error}")
    assert error.startswith("KeyboardInterrupt: interrupted; nothing is lost"), error
    # The kernel is alive, and the step at hand was shown in place: the carriage return writes over it.
    assert "\r" in text and "step" in text, text[-300:]
    text, error, _ = cell("print(anchorrec.train(data, model='lightgcn', epochs=2000, patience=0, out='long', resume=True, "
                          "progress=lambda event: (_ for _ in ()).throw(RuntimeError('resumed')) if event['kind'] == 'epoch' else None))")
    print(f"resumed: {error}")
    assert error == "RuntimeError: resumed", (text, error)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print("the notebook shows its progress, is interrupted and goes on")
