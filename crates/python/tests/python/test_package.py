"""The package as a whole: the stubs are those of the compiled half, and the documentation shows what is printed."""

import ast
import inspect
import pathlib
import re
import subprocess
import sys

import pytest

import anchorrec
from anchorrec import _native

HERE = pathlib.Path(__file__)
DOCUMENTATION = HERE.parents[4] / "docs"
NEEDS_DOCUMENTATION = pytest.mark.skipif(not (DOCUMENTATION / "python.md").is_file(), reason="the documentation is not beside the tests")


def parameters(function):
    """The names of a function's parameters in the stubs, and which of them have a default."""
    arguments = function.args
    names = [argument.arg for argument in arguments.posonlyargs + arguments.args]
    first = len(names) - len(arguments.defaults)
    return [(name, place >= first) for place, name in enumerate(names)] + [
        (argument.arg, default is not None) for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults)
    ]


def real(function):
    """The same of the compiled half."""
    return [(name, of.default is not of.empty) for name, of in inspect.signature(function).parameters.items()]


def test_the_stubs_are_those_of_the_compiled_half():
    tree = ast.parse(pathlib.Path(anchorrec.__file__).with_name("_native.pyi").read_text())
    declared, wrong = set(), []

    def compare(name, node, found):
        if any(isinstance(decorator, ast.Name) and decorator.id == "property" for decorator in node.decorator_list):
            if not inspect.isgetsetdescriptor(found):
                wrong.append(f"{name}: no property")
        elif not node.name.startswith("__") and parameters(node) != real(found):
            wrong.append(f"{name}: {parameters(node)}, and is {real(found)}")

    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            declared.add(node.name)
            compare(node.name, node, getattr(_native, node.name))
        elif isinstance(node, ast.ClassDef):
            declared.add(node.name)
            kind = getattr(_native, node.name)
            members = {member.name: member for member in node.body if isinstance(member, ast.FunctionDef)}
            for name, member in members.items():
                compare(f"{node.name}.{name}", member, inspect.getattr_static(kind, name) if "property" in ast.dump(member) else getattr(kind, name))
            unsaid = {name for name in vars(kind) if not name.startswith("__")} - members.keys()
            wrong.extend(f"{node.name}.{name}: not in the stubs" for name in sorted(unsaid))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            declared.add(node.target.id)
    public = {name for name in vars(_native) if not name.startswith("__")} | {"__version__"}
    wrong.extend(f"{name}: not in the stubs" for name in sorted(public - declared))
    assert not wrong, "\n".join(wrong)


NUMBER = re.compile(r"(?<![\w.-])\d+\.\d+(?!\w)")


@NEEDS_DOCUMENTATION
def test_the_documentation_shows_what_its_script_prints(tmp_path):
    pytest.importorskip("polars")
    done = subprocess.run([sys.executable, DOCUMENTATION / "python" / "lists.py", tmp_path], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    shown = re.search(r"`python docs/python/lists.py` prints this.*?```text\n(.*?)```", (DOCUMENTATION / "python.md").read_text(), re.S).group(1)

    def words(text):
        # Frames are drawn as wide as their numbers are long.
        return " ".join(NUMBER.sub("#", re.sub(r"[─═┌┬┐╞╪╡└┴┘]+", "-", text)).split())

    assert words(done.stdout) == words(shown), done.stdout
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (done.stdout, shown)]
    # Another processor rounds otherwise: of 60 steps of a model in single precision, three digits are left.
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-3)


@NEEDS_DOCUMENTATION
def test_the_documentation_names_what_the_command_has_alone():
    from conftest import COMMAND

    if not COMMAND:
        pytest.skip("the command is not built: $ANCHORREC_COMMAND")
    listed = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"^  ([a-z][a-z-]+)  ", listed, re.M)) - {"help"}
    # What the package has under the same name, and `check-data`, which is `check`; lists and their similar items are methods of a run.
    ours = {name for name in commands if hasattr(anchorrec, name) or hasattr(anchorrec.Run, name)} | {"check-data"}
    text = (DOCUMENTATION / "python.md").read_text()
    alone = text[text.index("Only the command has"):]
    missing = sorted(name for name in commands - ours if f"`{name}`" not in alone.split("\n\n")[0])
    assert len(commands) > 9 and not missing, missing
