"""What ends a command early: two kinds of failure, and being told to end."""


class BenchError(Exception):
    """The work failed; the message is one line that says what and the way out. Exit code 1."""

    exit_code = 1


class UsageError(BenchError):
    """The request itself is wrong: the rule, the value given, the choices. Exit code 2."""

    exit_code = 2


class TerminatedError(BaseException):
    """SIGTERM came. Not an Exception, so that nothing takes it for a failure of its own. Exit code 143."""
