"""An interrupt waits for what must stay whole, and the ones after it change nothing."""

import signal
from collections.abc import Iterator

import pytest

from bench.io.errors import ENDING_SIGNALS, TerminatedError, deferred_signals, raise_on_signals


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    raise_on_signals()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, TerminatedError)]
)
def test_signal_takes_effect_at_the_end_of_what_must_stay_whole(
    number: signal.Signals, error: type[BaseException]
) -> None:
    written: list[str] = []
    with pytest.raises(error):
        _write(written, number)
    assert written == ["inner", "outer"]


def test_error_of_the_work_itself_is_not_lost() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        _fail()
    assert isinstance(caught.value.__context__, ValueError)


def test_second_signal_does_not_break_off_the_tidying() -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    for number in ENDING_SIGNALS:
        signal.raise_signal(number)


def test_handlers_are_as_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in ENDING_SIGNALS]
    with deferred_signals():
        assert [signal.getsignal(number) for number in ENDING_SIGNALS] != before
    assert [signal.getsignal(number) for number in ENDING_SIGNALS] == before


def _write(written: list[str], number: signal.Signals) -> None:
    with deferred_signals():
        with deferred_signals():
            signal.raise_signal(number)
            written.append("inner")
        written.append("outer")


def _fail() -> None:
    with deferred_signals():
        signal.raise_signal(signal.SIGINT)
        raise ValueError
