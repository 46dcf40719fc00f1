"""What `aebench verify` prints."""

from pathlib import Path

from bench.errors import BenchError
from bench.printable import printable
from bench.screen import console
from bench.verify import verify


def run_verify(folder: Path) -> None:
    """Print every fault and note; BenchError where there is a fault."""
    found = verify(folder)
    for line in (*found.faults, *found.notes):
        console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
    if found.faults:
        count = len(found.faults)
        raise BenchError(
            f"{count} of the files in {folder} {'is' if count == 1 else 'are'} not as the run left "
            f"{'it' if count == 1 else 'them'}; the same `aebench run` again makes records and models anew, "
            "`aebench report` the rest; what is not the run's, move away"
        )
    console.print(f"{found.files} files, all as the run left them", highlight=False)
