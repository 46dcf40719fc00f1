"""Several runs of `aebench perf` as one: medians over the runs, the lowest and highest of all; run by hand.

python tests/studies/perf_medians.py OUT RUN RUN RUN
"""

import sys
from dataclasses import fields
from pathlib import Path
from statistics import median

import pandas as pd

from bench.io.files import read_json
from bench.perf.measure import Timing
from bench.perf.report import write_perf_report
from bench.plan import Plan

KEYS = ["variant", "loop", "members"]


def main(out: Path, runs: list[Path]) -> None:
    """Write into `out` what `aebench perf` writes, and how many runs stand behind it."""
    rows = pd.concat([pd.read_csv(run / "perf.csv") for run in runs])
    groups = rows.groupby(KEYS, sort=False)
    merged = groups.median().assign(
        seconds_low=groups["seconds_low"].min(), seconds_high=groups["seconds_high"].max()
    )
    names = [field.name for field in fields(Timing)]
    timings = [Timing(**row) for row in merged.reset_index()[names].to_dict("records")]
    facts = [read_json(run / "machine.json") for run in runs]
    speeds = {key: median(one[key] for one in facts) for key in ("peak_gflop_per_s", "copy_gb_per_s")}
    write_perf_report(out, timings, Plan().widths, facts[0] | speeds | {"runs": len(runs)})


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
