"""Text from outside as a screen may show it."""


def printable(text: object) -> str:
    """The text on one line, with a question mark for each character that a screen would obey.

    Spaces within a line stay as many as they are, so that a name is shown as it has to be typed.
    """
    lines = (line.strip() for line in str(text).splitlines())
    return "".join(map(_shown, " ".join(filter(None, lines))))


def _shown(one: str) -> str:
    return one if one.isprintable() else " " if one.isspace() else "?"
