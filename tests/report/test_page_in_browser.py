"""The report in a real browser: on a phone and a desk, in light and dark, and on paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from browser import Browser
from devtools import NoBrowserError, find_browser
from repository import SUPPORT

FAULTS = (SUPPORT / "page_faults.js").read_text()
CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3 (AA), for text of ordinary size."""
PAPER = 717
"""CSS pixels between the margins that Chromium gives an A4 page, the narrower of the usual ones."""
FAULTY = SUPPORT / "faulty.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that can read files; skips where there is none."""
    blank = tmp_path_factory.mktemp("blank") / "blank.html"
    blank.touch()
    try:
        with Browser(find_browser()) as browser:
            browser.open(blank)
            yield browser
    except NoBrowserError as none:
        pytest.skip(str(none))


@pytest.fixture(scope="module")
def report(published: Path) -> Path:
    """The page of a run of all variants."""
    return published / "report.html"


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_page_can_be_read_on_every_screen(browser: Browser, report: Path, width: int, scheme: str) -> None:
    _show(browser, report, width, scheme)
    assert _faults(browser, "pictures") == []
    assert _faults(browser, "wide", width) == []
    assert _faults(browser, "faint", CONTRAST, False) == []
    assert browser.complaints == []
    assert _outside(browser) == [report.as_uri()]


def test_page_can_be_read_on_paper(browser: Browser, report: Path, scheme: str) -> None:
    _show(browser, report, PAPER, scheme, "print")
    assert _faults(browser, "pictures") == []
    assert _faults(browser, "wide", PAPER) == []
    assert _faults(browser, "cut") == []
    assert _faults(browser, "faint", CONTRAST, True) == []


def test_page_prints(browser: Browser, report: Path) -> None:
    _show(browser, report, 800, "light")
    pdf = browser.pdf()
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 1
    assert len(pdf) > 10_000
    assert browser.complaints == []
    assert _outside(browser) == [report.as_uri()]


def test_page_leads_to_its_own_places_under_headings_in_order(browser: Browser, report: Path) -> None:
    _show(browser, report, 800, "light")
    assert _faults(browser, "astray") == []
    assert _faults(browser, "headings") == []


def test_faults_of_a_page_are_seen(browser: Browser) -> None:
    _show(browser, FAULTY, 800, "light")
    assert _faults(browser, "headings") == ["h3 out of order", "h1 out of order"]
    assert _faults(browser, "astray") == ["#a is in 2 places", "#b is in 0 places"]
    assert _faults(browser, "wide", 800) == ["too wide: <div> wide", "page: 2008 px"]
    assert _faults(browser, "cut") == ["cut off at 784 of 3000 px: <div> scrolled"]
    assert _faults(browser, "faint", CONTRAST, False) == ["4.48 to 1: <p> 4.48 to 1"]
    pictures = _faults(browser, "pictures")
    assert pictures[0] == "no size: <svg> "
    assert len(pictures) == 3
    assert len([complaint for complaint in browser.complaints if "Content Security Policy" in complaint]) == 2


def test_text_is_judged_by_the_colours_of_scheme_and_medium(browser: Browser) -> None:
    grey, white = "4.48 to 1: <p> 4.48 to 1", "1.00 to 1: <p> white"
    _show(browser, FAULTY, 800, "dark")
    assert _faults(browser, "faint", CONTRAST, False) == [grey, "1.32 to 1: <p> dark"]
    _show(browser, FAULTY, 800, "dark", "print")
    assert _faults(browser, "faint", CONTRAST, True) == [grey, white, "1.61 to 1: <p> printed"]


def test_what_the_page_asks_for_and_says_is_seen(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "loud.html"
    beside = tmp_path / "beside.css"
    beside.write_text("p { color: red }")
    path.write_text(
        '<!doctype html><link rel="stylesheet" href="beside.css">'
        '<script>console.error("said"); console.log("whispered"); throw new Error("thrown")</script>'
    )
    _show(browser, path, 800, "light")
    assert _outside(browser) == [path.as_uri(), beside.as_uri()]
    assert len(browser.complaints) == 2
    assert "said" in browser.complaints[1]
    assert "thrown" in browser.complaints[0]


def test_no_process_outlives_the_browser(browser: Browser) -> None:  # noqa: ARG001
    def broken_off() -> None:
        with Browser(find_browser()) as opened:
            mine = psutil.Process(opened.tools.process.pid)
            processes.extend([mine, *mine.children(recursive=True)])
            raise KeyboardInterrupt

    processes: list[psutil.Process] = []
    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert len(processes) > 1
    assert psutil.wait_procs(processes, timeout=10)[1] == []


def _show(browser: Browser, path: Path, width: int, scheme: str, medium: str = "") -> None:
    browser.resize(width)
    browser.style(scheme, medium)
    browser.open(path)


def _faults(browser: Browser, name: str, *given: float) -> list[str]:
    """What page_faults.js finds under this name."""
    found: list[str] = browser.evaluate(f"{FAULTS.strip()}.{name}({', '.join(map(str, given)).lower()})")
    return found


def _outside(browser: Browser) -> list[str]:
    """The addresses asked for that do not hold what they stand for themselves."""
    return [address for address in browser.requests if not address.startswith("data:")]
