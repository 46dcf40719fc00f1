"""Phrases that many messages share."""

import pytest

from bench.io.errors import UsageError
from bench.io.text import plural, quantity, require_known


def test_things_are_counted_in_words() -> None:
    assert [quantity(number, "model-epoch") for number in (0, 1, 2_440)] == [
        "0 model-epochs", "1 model-epoch", "2,440 model-epochs",
    ]  # fmt: skip
    assert (plural(1, "seed"), plural(2, "seed")) == ("seed", "seeds")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Tide", "unknown variant 'Tide'; did you mean 'tied'? choose from plain, tied"),
        ("PLAIN", "unknown variant 'PLAIN'; did you mean 'plain'? choose from plain, tied"),
        ("", "unknown variant ''; choose from plain, tied"),
        ("x" * 1_000, "unknown variant [...]; choose from plain, tied"),
    ],
)
def test_unknown_name_is_told_the_nearest_and_all_there_are(name: str, message: str) -> None:
    with pytest.raises(UsageError) as failed:
        require_known("variant", name, ["plain", "tied"])
    assert str(failed.value) == message
    require_known("variant", "tied", iter(["plain", "tied"]))
