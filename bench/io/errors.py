"""What ends a command early: two kinds of failure, and being told to end."""

from pathlib import Path


class BenchError(Exception):
    """The work failed; the message is one line that says what and the way out. Exit code 1."""

    exit_code = 1


class UsageError(BenchError):
    """The request itself is wrong: the rule, the value given, the choices. Exit code 2."""

    exit_code = 2


class DamagedError(BenchError):
    """A stored file is not what the bench wrote."""

    def __init__(self, path: Path, reason: str) -> None:
        """reason: what is wrong, to follow the file's name."""
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path} {self.reason}; delete it and run again to make it anew"


class TerminatedError(BaseException):
    """SIGTERM came. Not an Exception, so that nothing takes it for a failure of its own. Exit code 143."""
