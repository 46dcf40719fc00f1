"""JSON from outside as the dataclass it must be: every field there, of its type, and nothing else.

A field may be absent only where it says so, by `if_absent`: what came later than files that are still read.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field, fields, is_dataclass
from functools import cache
from reprlib import repr as shortened
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

NOT_FINITE = ("nan", "inf", "-inf")
"""Such numbers in JSON, which has none."""
BOUND = 2**63
"""Whole numbers lie below it in size: what a column of a table holds."""
ABSENT = "may be absent"
Kind = TypeVar("Kind")


def validated(kind: type[Kind], value: object, where: str) -> Kind:
    """The JSON value as this dataclass; ValueError that names the place, the rule and the value.

    Fields may be dataclasses, tuples of one kind, mappings from text, literals, unions, text and numbers; a float
    may be a whole number or one of `NOT_FINITE`. where: what the value is called in the error.
    """
    found: Kind = _checked(kind, value, where)
    return found


def if_absent(means: Kind) -> Kind:
    """The default of a dataclass's field that JSON may leave out, and what it then means.

    Defaults of other kinds serve those who build the value; `validated` asks for every field of theirs.
    """
    found: Kind = field(default=means, metadata={ABSENT: True})
    return found


def require(holds: bool, where: str, rule: str, value: object) -> None:
    """ValueError with the place, the rule and the value, shortened, unless the rule holds."""
    if not holds:
        raise ValueError(f"{where} must be {rule} but got {shortened(value)}")


def require_fields(values: Mapping[str, object], where: str, *names: str) -> None:
    """ValueError unless these fields are there and no others."""
    require(values.keys() == set(names), where, f"exactly the fields {sorted(names)}", sorted(values))


def _checked(kind: Any, value: Any, where: str) -> Any:
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _object(kind, value, where)
    if origin is tuple:
        return _row(get_args(kind), value, where)
    if origin is Mapping:
        require(isinstance(value, dict), where, "an object", value)
        return {
            key: _checked(get_args(kind)[1], item, f"{where}[{shortened(key)}]")
            for key, item in value.items()
        }
    if origin in (Union, UnionType):
        return _one_of(get_args(kind), value, where)
    if origin is Literal:
        choices = get_args(kind)
        require(isinstance(value, str) and value in choices, where, f"one of {', '.join(choices)}", value)
        return value
    return _scalar(kind, value, where)


def _object(kind: Any, value: Any, where: str) -> Any:
    require(isinstance(value, dict), where, "an object", value)
    hints, absent = _hints(kind)
    require_fields({**dict.fromkeys(absent), **value}, where, *hints)
    return kind(
        **{
            name: _checked(hint, value[name], f"{where}.{name}")
            for name, hint in hints.items()
            if name in value
        }
    )


def _row(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    """A list as a tuple: of any length where the kinds are (kind, ...), else of one value a kind."""
    require(isinstance(value, list), where, "a list", value)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    require(len(value) == len(kinds), where, f"a list of {len(kinds)}", value)
    return tuple(
        _checked(kind, item, f"{where}[{place}]")
        for place, (kind, item) in enumerate(zip(kinds, value, strict=True))
    )


def _one_of(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and NoneType in kinds:
        return None
    others = [kind for kind in kinds if kind is not NoneType]
    for kind in others[:-1]:
        with suppress(ValueError):
            return _checked(kind, value, where)
    return _checked(others[-1], value, where)


def _scalar(kind: Any, value: Any, where: str) -> Any:
    """Text as it is, a number as it is: 1 stays 1 where a float is asked for, and 1.0 is no whole number."""
    if kind is str:
        require(isinstance(value, str), where, "text", value)
        return value
    whole = isinstance(value, int) and not isinstance(value, bool)
    if kind is int:
        require(whole, where, "a whole number", value)
    elif value in NOT_FINITE:
        return float(value)
    else:
        require(whole or isinstance(value, float), where, "a number", value)
    require(abs(value) < BOUND or not whole, where, "below 2^63 in size", value)
    return value


@cache
def _hints(kind: Any) -> tuple[dict[str, Any], list[str]]:
    """The dataclass's fields and their types, and those of them that may be absent; read once."""
    hints = get_type_hints(kind)
    absent = [one.name for one in fields(kind) if ABSENT in one.metadata]
    return {one.name: hints[one.name] for one in fields(kind)}, absent
