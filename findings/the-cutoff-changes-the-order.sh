#!/usr/bin/env bash
# ir_measures: the reciprocal rank at 1 is greater than the one without a cutoff, and contradicts the precision at 1 of the same call.
#
# Versions   ir-measures 0.4.3, pytrec-eval-terrier 0.5.11 (Python 3.11 or newer).
# Guessed    All measures of one call are of one list: RR@1 is at most RR, and equals P@1.
# Behaviour  RR@k is computed by another provider than RR, P, R, AP and nDCG, and orders equal scores the other way round: by the id upwards, where
#            the others take the id downwards (the ranks of the run are read by neither). A table of nDCG@20 and RR@20 is of two lists wherever
#            scores are equal, as counts, rounded scores and votes of neighbours are. No warning.
# Seen       items a and b with one score. a is relevant: P@1 0, RR 0.5, RR@1 1. b is relevant: P@1 1, RR 1, RR@1 0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ir-measures==0.4.3 pytrec-eval-terrier==0.5.11
cd "$work"
"$work/venv/bin/python" - <<'PY'
import ir_measures
from ir_measures import RR, P, Qrel, ScoredDoc

def measured(relevant):
    # In the order of the run, with the ranks 1 and 2.
    run = [ScoredDoc("user", item, 1.0) for item in ("a", "b")]
    values = ir_measures.calc_aggregate([P @ 1, RR, RR @ 1], [Qrel("user", relevant, 1)], run)
    return {str(measure): value for measure, value in values.items()}

first, second = measured("a"), measured("b")
print(f"seen: a is relevant: {first}; b is relevant: {second}")
assert first == {"P@1": 0, "RR": 0.5, "RR@1": 1} and second == {"P@1": 1, "RR": 1, "RR@1": 0}
PY
