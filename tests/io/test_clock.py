"""The phases of a run add up to all of its time."""

import time

import pytest

from bench.io.clock import Clock


def test_phases_and_the_rest_are_all_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    clock = Clock()
    for phase, seconds in (("training", 0.05), ("report", 0.02), ("training", 0.05)):
        with clock.during(phase):
            now[0] += seconds
    now[0] += 0.01
    shares = clock.shares()
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["training"] == pytest.approx(5 * shares["report"])
    assert shares["other"] == pytest.approx(shares["report"] / 2)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_phase_that_fails_is_counted() -> None:
    clock = Clock()
    with pytest.raises(KeyboardInterrupt), clock.during("training"):
        _interrupted()
    assert clock.shares()["training"] * clock.total() >= 0.02


def _interrupted() -> None:
    time.sleep(0.02)
    raise KeyboardInterrupt
