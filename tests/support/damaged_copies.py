"""Damaged copies of sound content, for tests: bytes changed at random, and JSON changed where it hurts."""

import json
from collections.abc import Callable
from hashlib import sha256
from random import Random
from typing import Any, TypeVar

from bench.io.errors import BenchError

Read = TypeVar("Read")

ROW = "14 bad input to every reader: damaged, altered, made up"
"""Of the fault matrix."""

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**400, 0.5, -0.5, 1e308, 5e-324, "nan", "inf", "-inf", "",
    "x", "../../x", "/etc/passwd", "=1+1", "<script>", "a|b", "ok\n", "\x00", "\ud800", "é" * 50, "AAA", "!!!!",
    "tune", "diverged", [], {}, [[]], [None], {"": {}}, {"digest": 1}, {"a\nb": None},
)  # fmt: skip
"""Values that no field of the same type may be taken for."""


def damaged(random: Random, content: bytes) -> bytes:
    """The content after one to four accidents: bytes flipped, cut off, put in, taken out, doubled or blown up."""
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(content) + 1)
        end = min(len(content), start + random.choice((1, 1, 1, 2, 4, 8, 40)))
        before, there, after = content[:start], content[start:end], content[end:]
        content = random.choice(
            (
                before + bytes(one ^ 1 << random.randrange(8) for one in there) + after,
                before + random.randbytes(len(there)) + after,
                before + random.choice((b"\x00", b"\xff", b"\x7f")) * len(there) + after,
                before + random.randbytes(random.randint(1, 8)) + there + after,
                before + there * 2 + after,
                before + after,
                before,
            )
        )
    return content


def altered(random: Random, value: Any) -> Any:
    """A copy of the JSON value after one to three changes: a field lost, renamed, doubled, or of another kind."""
    value = _copy(value)
    for _ in range(random.randint(1, 3)):
        _alter(random, value)
    return value


def with_digest(body: Any) -> bytes:
    """The JSON text of a body with the digest that belongs to it."""
    if isinstance(body, dict):
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        body = {**body, "digest": sha256(text.encode()).hexdigest()}
    return json.dumps(body).encode()


def read_or_refused(read: Callable[[], Read], named: object = "") -> Read | None:
    """What is read, None where it is refused: in one line that a screen can show and that names the file."""
    try:
        return read()
    except BenchError as error:
        refusal = str(error)
    assert refusal.isprintable(), ascii(refusal)
    assert str(named) in refusal
    assert len(refusal) < 1_000
    return None


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _alter(random: Random, value: Any) -> None:
    """Change one place, as likely near the root as near the leaves."""
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key = random.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and random.random() < 0.8:
            value = value[key]
        else:
            _change(random, value, key)
            return


def _change(random: Random, home: Any, key: Any) -> None:
    kind = random.randrange(8)
    if kind == 0:
        del home[key]
    elif kind == 1 and isinstance(home, dict):
        home[random.choice(("", key + "s", key.upper(), "seed", "digest"))] = home.pop(key)
    elif kind == 1 or kind == 2:
        _add(random, home, key)
    elif kind == 3 and isinstance(home[key], int | float) and abs(home[key]) < 1e300:
        home[key] = random.choice(
            (home[key] * -1, home[key] + 1, home[key] / 2, int(home[key]), str(home[key]))
        )
    elif kind == 3 and isinstance(home[key], str):
        home[key] = damaged(random, home[key].encode(errors="surrogatepass")).decode(errors="surrogateescape")
    elif kind == 4:
        home[key] = [home[key]]
    elif kind == 5:
        home[key] = {"value": home[key]}
    else:
        home[key] = _copy(random.choice(ODD))


def _add(random: Random, home: Any, key: Any) -> None:
    """A second one of what is there, or a field that is not asked for."""
    if isinstance(home, list):
        home.insert(key, _copy(home[key]))
    else:
        home[random.choice(("momentum", "__class__", "x" * 300))] = _copy(random.choice(ODD))
