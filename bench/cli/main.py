"""The command line: parses, calls, prints; heavy imports only where they are used."""

import os
import shlex
import sys

import click

from bench.cli.commands import (
    audit,
    claims,
    compare,
    data,
    list_variants,
    perf,
    report,
    reproduce,
    run,
    status,
    tune,
    unit,
    verify,
)
from bench.io.errors import BenchError, TerminatedError, ignore_signals, raise_on_signals
from bench.io.text import printable


def main() -> None:
    """Run the command and exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted, 143 terminated."""
    raise_on_signals()
    try:
        aebench.main(standalone_mode=False, prog_name="aebench")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BenchError as error:
        click.echo(f"aebench: {printable(error)}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _leave("interrupted", 130)
    except TerminatedError:
        _leave("terminated", 143)


def _leave(how: str, code: int) -> None:
    """Say how to go on, and go: all is closed by now, and Python takes seconds to unload PyTorch."""
    ignore_signals()
    again = shlex.join(["aebench", *sys.argv[1:]])
    click.echo(f"\n{how}; what was finished is kept; go on with: {again}", err=True)
    sys.stdout.flush()
    os._exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="aebench")
def aebench() -> None:
    """Ablation bench for autoencoders: does this change really help?

    \b
    aebench run                the full ablation: tune, train and compare every variant
    aebench tune VARIANT       the learning rate of one variant
    aebench report RUN         tables, figures and report of a run, from its records
    aebench status RUN         what is done, running, failed and left of a run
    aebench compare A B        run B against run A, seed by seed
    """


for command in (
    run, tune, unit, report, status, verify, reproduce, claims, compare, list_variants, data, audit, perf,
):  # fmt: skip
    aebench.add_command(command)
