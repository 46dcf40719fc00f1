"""Text from outside as a screen may show it."""


def printable(text: object) -> str:
    """The text on one line, with a question mark for each character that a screen would obey."""
    return "".join(one if one.isprintable() else "?" for one in " ".join(str(text).split()))
