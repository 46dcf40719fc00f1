"""The two kinds of failure a person at the keyboard can cause or meet."""


class BenchError(Exception):
    """The work failed; the message is one line that says what and the way out. Exit code 1."""

    exit_code = 1


class UsageError(BenchError):
    """The request itself is wrong: the rule, the value given, the choices. Exit code 2."""

    exit_code = 2
