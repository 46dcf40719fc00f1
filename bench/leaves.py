"""What the bench leaves in a run's folder, by name."""

import re

UNIT = "[0-9a-f]{64}"
FRAMES = (
    "summary", "contrasts", "claims", "attribution", "one_rate", "budget", "expected_best", "members", "levels",
    "trials", "epochs", "audit",
)  # fmt: skip
"""The tables as CSV."""
SHOWN = ("headline", "contrasts", "attribution", "levels", "claims", "rules", "one_rate", "budget")
"""The tables of the report, as LaTeX."""
DRAWN = ("error", "reconstructions", "epochs", "lr", "budget", "levels", "audit")
"""The figures."""
RECORDS = rf"units/({UNIT}|baselines|audit)\.json"
REPORT = r"report\.(html|md)"
SEALED = (
    r"manifest\.json", RECORDS, REPORT, rf"tables/({'|'.join(FRAMES)})\.csv", rf"tables/({'|'.join(SHOWN)})\.tex",
    rf"figures/({'|'.join(DRAWN)})\.svg",
)  # fmt: skip
"""What a report is made from, and what is made from it."""
MODEL = r"models/[a-z][a-z0-9_]{0,39}\.safetensors"
"""Apart from the rest, for models come and go together."""
PASSING = (
    r"\.lock", r"(progress|holder)\.json", rf"failures/{UNIT}\.json", rf"checkpoints/{UNIT}\.safetensors",
    rf"trained/{UNIT}\.(json|safetensors|checkpoint)", r"optuna\.db(-journal|-wal|-shm)?", r"timings\.csv",
    r"(models/)?SHA256SUMS",
)  # fmt: skip
"""Clock times, what is rebuilt, and what is there for a while."""
LEFTOVER = r"(.*/)?\.[^/]+\.tmp"
"""Of a write that a kill cut short: harmless."""


def is_one(name: str, *patterns: str) -> bool:
    """Whether one of the patterns describes the file; name: its path below the run's folder."""
    return any(re.fullmatch(pattern, name, re.DOTALL) for pattern in patterns)
