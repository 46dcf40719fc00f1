"""What `aebench verify` prints."""

from pathlib import Path

from bench.errors import BenchError
from bench.screen import say
from bench.verify import verify
from bench.wording import count


def run_verify(folder: Path) -> None:
    """Print every fault and note; BenchError where there is a fault."""
    found = verify(folder)
    for line in (*found.faults, *found.notes):
        say(line)
    if found.faults:
        raise BenchError(
            f"not as the run left it: {count(len(found.faults), 'file')} in {folder}; the same `aebench run` makes "
            "records and models again, `aebench report` the rest; move away what is not the run's"
        )
    say(f"{count(found.files, 'file')}, all as the run left them")
