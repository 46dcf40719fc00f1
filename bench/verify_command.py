"""What `aebench verify` prints."""

from pathlib import Path

from bench.errors import BenchError
from bench.printable import printable
from bench.screen import console
from bench.verify import verify
from bench.wording import count


def run_verify(folder: Path) -> None:
    """Print every fault and note; BenchError where there is a fault."""
    found = verify(folder)
    for line in (*found.faults, *found.notes):
        console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
    if found.faults:
        raise BenchError(
            f"not as the run left it: {count(len(found.faults), 'file')} in {folder}; the same `aebench run` makes "
            "records and models again, `aebench report` the rest; move away what is not the run's"
        )
    console.print(f"{count(found.files, 'file')}, all as the run left them", highlight=False)
