"""Reads the tables of `anchorrec report --table` with pandas, polars, a Markdown parser and LaTeX, and compares them with the runs' reports.

    pip install -r docs/exporting-results/requirements.txt
    python docs/exporting-results/tables.py RUN...

LaTeX is asked where there is a `pdflatex` (Debian: apt-get install --no-install-recommends texlive-latex-base).
"""

import argparse
import io
import json
import pathlib
import shutil
import subprocess
import tempfile

import markdown_it
import pandas
import polars


def cells(markdown):
    """The rows of the first table, as text without marks."""
    rows, row = [], None
    tokens = markdown_it.MarkdownIt("commonmark").enable("table").parse(markdown)
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "inline" and row is not None:
            row.append("".join(child.content for child in token.children))
        elif token.type == "tr_close":
            rows.append(row)
            row = None
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", type=pathlib.Path, nargs="+")
    parser.add_argument("--anchorrec", default="target/release/anchorrec")
    options = parser.parse_args()

    def table(kind):
        command = [options.anchorrec, "report", *options.runs, "--table", kind]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    reports = [json.loads((run / "report.json").read_text()) for run in options.runs]
    good = True

    text = table("csv")
    read = [("pandas", pandas.read_csv(io.StringIO(text)).to_dict("records")), ("polars", polars.read_csv(io.StringIO(text)).to_dicts())]
    for name, rows in read:
        same = True
        for run, report in zip(options.runs, reports):
            (row,) = [row for row in rows if row["run"] == str(run) and "+" not in row["model"]]
            for split in ("valid", "test"):
                for measure, value in (report["summary"][split] or {}).items():
                    same &= row[f"{split}_{measure}"] == value["mean"]
        print(f"CSV by {name}: {len(rows)} rows, the means of {len(reports)} runs are {'equal' if same else 'OTHER'}")
        good &= same

    rows = cells(table("markdown"))
    whole = all(len(row) == len(rows[0]) for row in rows)
    same = all(f"{report['summary']['test']['recall@20']['mean']:.4f}" in " ".join(sum(rows, [])) for report in reports if report["summary"]["test"])
    print(f"Markdown by markdown-it-py: {len(rows)} rows of {len(rows[0])} cells, {'whole and equal' if whole and same else 'NOT as it should be'}")
    good &= whole and same

    if shutil.which("pdflatex"):
        with tempfile.TemporaryDirectory() as folder:
            document = "\\documentclass{article}\\begin{document}\n" + table("latex") + "\\end{document}\n"
            pathlib.Path(folder, "table.tex").write_text(document)
            done = subprocess.run(["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "table.tex"], cwd=folder, stdout=subprocess.PIPE, text=True)
            pages = pathlib.Path(folder, "table.pdf").is_file()
            print(f"LaTeX by pdflatex: {'a page' if done.returncode == 0 and pages else done.stdout[-500:]}")
            good &= done.returncode == 0 and pages
    else:
        print("LaTeX: not asked, there is no pdflatex")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
