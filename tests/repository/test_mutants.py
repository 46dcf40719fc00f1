"""Mistakes put in on purpose are in the code, where they should be, and each is one that Python reads."""

import ast
from pathlib import Path

from mutants import mutants, put_in

from bench.training import evaluate

SOURCE = '''"""Text with 1 < 2."""

import math


def least(values: list[int], most: int = 3) -> float:
    """Text."""
    if not values:
        raise ValueError(f"{len(values) + 1} é")
    return min(max(values), most)  # 7
'''


def test_mistakes_are_made_in_place() -> None:
    found = {put_in(SOURCE, node, text) for node, text in mutants(ast.parse(SOURCE))}
    for before, after in (
        ("= 3", "= (4)"), ("= 3", "= (2)"),
        ("if not values", "if (values)"), ("if not values", "if (not (not values))"),
        ("min(max(values), most)", "(max(max(values), most))"),
        ("min(max(values), most)", "(min(most, max(values)))"),
        ("max(values)", "(min(values))"), ('raise ValueError(f"{len(values) + 1} é")', "pass"),
    ):  # fmt: skip
        assert SOURCE.replace(before, after) in found
    assert len(found) == 8


def test_every_mistake_changes_the_code_and_can_be_read() -> None:
    source = Path(evaluate.__file__).read_text()
    whole = ast.dump(ast.parse(source))
    made = [put_in(source, node, text) for node, text in mutants(ast.parse(source))]
    assert len(made) > 100
    assert all(ast.dump(ast.parse(one)) != whole for one in made)
