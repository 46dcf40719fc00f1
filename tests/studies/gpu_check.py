"""What a GPU makes of the bench: its tests, speed, a profile of a step and a run; run by hand.

python tests/studies/gpu_check.py --out FOLDER --minutes 10

Each result is in the folder as soon as it is there, and a part that fails leaves its traceback in errors.txt and
does not stop the next. `--device cpu --widths 784,32,16 --members 1,2` tries the script where there is no GPU.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tarfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch
from gpu_facts import facts
from gpu_profile import PROFILED, profile_step
from gpu_speed import Timer
from torch import Tensor

from bench import load_mnist
from bench.io.files import write_json

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from bench.cli.main import main; main()"]
RUN = (
    "run --preset full --variants plain,layer_mse,truncated,tied,layer_bce --sampler grid --trials 12 "
    "--tune-seeds 2 --population 24 --tune-epochs 20 --epochs 100 --seeds 8 --one-lr-seeds 0 --claim-seeds 0 "
    "--workers 2"
)
KEPT = ("units", "tables", "manifest.json", "timings.csv", "report.md", "figures", "failures")
"""Of the run's folder."""
LAST_S = 40.0
"""Before the end of the time, in which a run that is not done is ended and its report made."""


class Check:
    """The parts, with the folder they write to and the time they end by."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.out, self.options = options.out, options
        self.end: float = time.monotonic() + 60 * options.minutes
        self.device = torch.device(options.device)
        self._images: Tensor | None = None

    @property
    def images(self) -> Tensor:
        """MNIST's training images on the device."""
        if self._images is None:
            self._images = load_mnist(download=False).train.images.to(self.device)
        return self._images

    def left(self) -> float:
        """Seconds."""
        return self.end - time.monotonic()

    def facts(self) -> None:
        """The machine, the card, its peaks and its bandwidth."""
        write_json(self.out / "machine.json", facts(self.device, self.options.peak_size))

    def tests(self) -> None:
        """The tests that need a GPU, and those beside them."""
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-rs",
            "tests/training/test_cuda.py",
        ]
        found = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=max(1.0, self.left()), check=False
        )
        (self.out / "tests.txt").write_text(found.stdout + found.stderr)
        say(found.stdout.strip().splitlines()[-1])

    def speed(self) -> None:
        """Every loop at every size, the table rewritten after each."""
        timer = Timer(self.images, self.options.widths, self.options.steps, self.out)
        for variant in self.options.variants:
            timer.beside(variant)
        for precision in self.options.precisions:
            for members in self.options.members:
                for variant in self.options.variants:
                    if self.left() < LAST_S:
                        say("no time is left for the other timings")
                        return
                    say(timer.population(variant, members, precision))

    def epochs(self) -> None:
        """Whole epochs as a run trains them: batches drawn, validation, all."""
        timer = Timer(self.images, self.options.widths, self.options.steps, self.out)
        for members in self.options.epoch_members:
            say(timer.epochs("plain", members, load_mnist(download=False)))

    def profile(self) -> None:
        """The kernels of a step."""
        path = self.out / "profile.txt"
        path.unlink(missing_ok=True)
        for variant, members in PROFILED:
            with path.open("a") as file:
                file.write(profile_step(variant, self.options.widths, self.images, members) + "\n")

    def run(self) -> None:
        """A run in a process of its own, interrupted where the time ends; its records are kept as they come."""
        folder = self.out.absolute().parent / f"{self.out.name}-run"
        arguments = [*shlex.split(self.options.run), "--device", self.options.device, "--out", str(folder)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [PYTHONPATH])])}
        with (self.out / "run.txt").open("w") as log:
            began = time.monotonic()
            process = subprocess.Popen(
                [*COMMAND, *arguments], stdout=log, stderr=subprocess.STDOUT, env=environment
            )
            while process.poll() is None and self.left() > LAST_S:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(min(20.0, max(1.0, self.left() - LAST_S)))
                pack(folder, self.out / "run.tar.gz")
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(20)
                process.kill()
                process.wait()
            log.write(f"\n{time.monotonic() - began:.1f} s, exit code {process.returncode}\n")
            if process.returncode:
                subprocess.run(
                    [*COMMAND, "report", str(folder)], stdout=log, stderr=subprocess.STDOUT, env=environment,
                    timeout=60, check=False,
                )  # fmt: skip
        pack(folder, self.out / "run.tar.gz")
        say((self.out / "run.txt").read_text()[-1500:])


PYTHONPATH = os.environ.get("PYTHONPATH", "")
PARTS: dict[str, Callable[[Check], None]] = {
    "facts": Check.facts,
    "tests": Check.tests,
    "speed": Check.speed,
    "epochs": Check.epochs,
    "profile": Check.profile,
    "run": Check.run,
}


def pack(folder: Path, path: Path) -> None:
    """What matters of a run's folder as one file, replaced whole."""
    temporary = path.with_suffix(".tmp")
    with tarfile.open(temporary, "w:gz") as archive:
        for name in KEPT:
            if (folder / name).exists():
                archive.add(folder / name, f"run/{name}", filter=_no_temporary)
    temporary.replace(path)


def _no_temporary(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if member.name.endswith(".tmp") else member


def say(text: str) -> None:
    """At once, also into a pipe."""
    print(text, flush=True)


def main() -> None:
    """Do the parts asked for, in their order, each by itself."""
    check = Check(arguments())
    check.out.mkdir(parents=True, exist_ok=True)
    for name in check.options.parts:
        began = time.monotonic()
        try:
            PARTS[name](check)
            outcome = "done"
        except Exception:
            with (check.out / "errors.txt").open("a") as file:
                file.write(f"{name}\n{traceback.format_exc()}\n")
            outcome = f"failed: {traceback.format_exc()}"
        say(f"{name}: {outcome}, {time.monotonic() - began:.0f} s; {check.left():.0f} s are left")


def arguments() -> argparse.Namespace:
    """As they were given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--minutes", type=float, default=10.0, help="the run is ended in time for it")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--parts", type=_names, default=tuple(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--variants", type=_names, default="plain,layer_bce,layer_mse,truncated,tied")
    parser.add_argument("--members", type=_numbers, default="1,8,64,256", help="population sizes to time")
    parser.add_argument("--epoch-members", type=_numbers, default="8,64", help="sizes to train whole epochs")
    parser.add_argument("--precisions", type=_names, default="float32,tf32")
    parser.add_argument("--widths", type=_numbers, default="784,400,200,100,50")
    parser.add_argument("--steps", type=int, default=60, help="timed, at least, in each of three turns")
    parser.add_argument("--peak-size", type=int, default=8192, help="of the matrices for the peak")
    parser.add_argument("--run", default=RUN, help="the command, without device and folder")
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


if __name__ == "__main__":
    main()
