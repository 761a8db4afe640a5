"""Types every command of docs/recommendations.md, after the shop of docs/data.md, and compares what is printed with the page.

    cargo build --release -p anchorrec-cli
    python docs/recommendations/follow.py target/release DIR

DIR is a folder to work in, which must not be there yet. Needs Python 3.9 and numpy. Prints the seconds of each command and of all, and every line that differs
from the page, seconds in tables aside; ends with status 1 if one does.

The page is followed as a reader would: what a `python` block says is run, the lines of a `sh` block and those that begin with `$` are typed, a file that the
page shows with `cat` is made as it is shown, RUN is the folder of the report. A line `...` stands for any number of lines.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

DOCS = pathlib.Path(__file__).resolve().parent.parent


def blocks(page):
    """The language and the text of each block of code."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", (DOCS / page).read_text(), flags=re.M | re.S)


def commands(text):
    """Each command of a block with the lines that follow it."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def agrees(page, real):
    """Whether lines are those of the page, where `...` is any number of them."""
    if not page or not real:
        return page == real or page == ["..."]
    if page[0] == "...":
        return agrees(page[1:], real) or agrees(page, real[1:])
    return untimed(page[0]) == untimed(real[0]) and agrees(page[1:], real[1:])


def untimed(line):
    """The line without the seconds that stand before an amount of memory: every run takes its own."""
    return re.sub(r"\d+\.\d(?=\s+\d+\.\d MiB)", "-", line)


def main():
    binary, work = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    work.mkdir(parents=True)
    os.chdir(work)
    os.environ["PATH"] = f"{binary}:{os.environ['PATH']}"
    seconds, differing, run = [], 0, "RUN"

    def call(words, shell=True):
        started = time.perf_counter()
        done = subprocess.run(words, shell=shell, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        seconds.append(time.perf_counter() - started)
        print(f"{seconds[-1]:7.2f} s  {words if shell else 'python'}", flush=True)
        return done.stdout.splitlines()

    shop = next(text for language, text in blocks("data.md") if language == "python")
    call([sys.executable, "-c", shop], shell=False)
    for language, text in blocks("recommendations.md"):
        if language == "python":
            call([sys.executable, "-c", text], shell=False)
        elif language == "sh":
            for line in text.splitlines():
                for printed in call(line):
                    if printed.startswith("report: "):
                        run = str(pathlib.Path(printed[8:]).parent)
        else:
            for command, shown in commands(text):
                shown = [line.replace("RUN", run) for line in shown]
                name = command.removeprefix("cat ")
                if name != command and not pathlib.Path(name).exists():
                    pathlib.Path(name).write_text("".join(line + "\n" for line in shown))
                real = call(re.sub(r"\bRUN\b", run, command))
                if not agrees(shown, real):
                    differing += 1
                    print("    the page:", *shown, "    here:", *real, sep="\n      ")
    print(f"{len(seconds)} commands in {sum(seconds):.0f} s; {differing} printed something else than the page")
    sys.exit(differing > 0)


main()
