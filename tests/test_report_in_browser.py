"""The report in a browser: at three widths, light, dark and printed, it asks for nothing and nothing sticks out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bench import ablation
from bench.data import Split
from bench.display import Display
from bench.plan import Plan
from bench.publish import publish
from tests.browser import PROGRAM, Browser, browser

pytestmark = pytest.mark.skipif(not PROGRAM, reason="there is no Chromium on this machine")

LUMINANCE = """
(() => {
  const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const shine = (text) => { const [r, g, b] = text.match(/[0-9.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const paper = shine(getComputedStyle(document.body).backgroundColor);
  const ratio = (one) => { const ink = shine(getComputedStyle(one).color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05); };
  return Math.min(...[...document.querySelectorAll('p, td, th, h1, h2, figcaption, a, code')].map(ratio));
})()
"""
"""The lowest contrast of any text to the page, as WCAG 2 defines it."""
OUTSIDE = """
[...document.querySelectorAll('body *')].filter((one) => {
  for (let up = one; up; up = up.parentElement)
    if (getComputedStyle(up).overflowX === 'auto') return false;
  return one.getBoundingClientRect().right > window.innerWidth + 1;
}).map((one) => one.outerHTML.slice(0, 80))
"""
"""What is wider than the page and not in a part that scrolls by itself."""


@pytest.fixture(scope="module")
def report(split: Split, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published run of four variants, a control among them."""
    folder = tmp_path_factory.mktemp("run")
    plan = Plan(
        variants=("plain", "layer_mse", "truncated", "layer_mse_bce_output"), widths=(784, 16, 8, 6), batch_size=64,
        trials=4, tune_epochs=1, epochs=2, seeds=2, train_images=600, valid_images=100, test_images=200,
    )  # fmt: skip
    ablation.run(plan, folder, split, Display(Console(quiet=True)))
    publish(folder)
    return folder / "report.html"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_page_fits_asks_for_nothing_and_can_be_read(
    page: Browser, report: Path, width: int, scheme: str
) -> None:
    page.open(report, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(LUMINANCE) >= 4.5
    assert _asked_for(page) == [report.as_uri()]
    assert _complaints(page) == []


def test_every_figure_has_a_size_and_words(page: Browser, report: Path) -> None:
    page.open(report, 800)
    sizes = page.evaluate(
        "[...document.querySelectorAll('svg')].map((one) => one.getBoundingClientRect().height)"
    )
    assert len(sizes) == 7
    assert min(sizes) > 50
    assert page.evaluate("[...document.querySelectorAll('figure')].every((one) => one.ariaLabel.length > 20)")


def test_headings_are_in_order_and_contents_lead_to_them(page: Browser, report: Path) -> None:
    page.open(report, 800)
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((one) => one.tagName)")
    assert levels[0] == "H1"
    assert set(levels[1:]) == {"H2"}
    assert page.evaluate(
        "[...document.querySelectorAll('nav a')].every((one) => document.querySelector(one.getAttribute('href')))"
    )


def test_printed_page_is_dark_on_white_and_nothing_sticks_out(page: Browser, report: Path) -> None:
    page.open(report, 700, "dark", "print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(LUMINANCE) >= 4.5
    content = page.pdf()
    assert content.startswith(b"%PDF")
    assert len(content) > 20_000


def _asked_for(page: Browser) -> list[str]:
    """Addresses that the page asked for, pictures inside it apart."""
    sent = [one["params"] for one in page.events if one.get("method") == "Network.requestWillBeSent"]
    return [one["request"]["url"] for one in sent if not one["request"]["url"].startswith("data:")]


def _complaints(page: Browser) -> list[str]:
    """Errors, warnings and violations of the page's own policy."""
    kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
    return [str(one["params"]) for one in page.events if one.get("method") in kinds]
