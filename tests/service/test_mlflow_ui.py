"""Two trainings compared in the MLflow UI, in a real browser: label by label and figure by figure."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import stores
from tests.processes import BIN, free_port, server
from tests.service.trainings import LABELS, train_tiny
from train.metrics import FIGURES

PICTURES = [
    "all_figures",
    *(f"{name}{of}" for name in ("precision_recall", "reliability", "confusions") for of in ("", "_test")),
    "strongest_ngrams",
    "strongest_entities",
    "learning_curve",
]
WAIT = 60_000
"""Milliseconds."""


@pytest.fixture(scope="module")
def runs(place: Path) -> list[Any]:
    """The parent runs of two trainings, the newest first, as the UI has them."""
    reports = train_tiny(place, 0, 1)
    client = mlflow.MlflowClient(stores.uri(place))
    return [client.get_run(report["run_id"]) for report in reversed(reports)]


@pytest.fixture(scope="module")
def page(chromium: Browser, place: Path, runs: list[Any]) -> Iterator[Page]:
    """The experiment's runs in the UI that `kawat ui` starts."""
    port = free_port()
    arguments = [str(BIN / "kawat"), "ui", "--port", str(port)]
    with server(arguments, port, cwd=place, log=place / "ui.log", path="/health") as url:
        page = chromium.new_page(viewport={"width": 1600, "height": 1200})
        page.set_default_timeout(WAIT)
        page.goto(f"{url}/#/experiments/{runs[0].info.experiment_id}/runs")
        page.get_by_role("link", name="quick").first.wait_for()
        yield page
        page.close()


@pytest.fixture(scope="module")
def comparison(page: Page) -> Page:
    """Both trainings ticked, and Compare pressed."""
    close_assistant(page)
    for _ in range(2):
        page.get_by_role("checkbox", name="Press Space to toggle row selection (unchecked)").first.check()
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_role("heading", name="Comparing 2 Runs").wait_for()
    return page


def close_assistant(page: Page) -> None:
    """Close the panel that takes a third of the page where it opens by itself."""
    button = page.get_by_role("button", name="Close", exact=True)
    if button.count():
        button.first.click()


def metric_table(page: Page) -> dict[str, list[str]]:
    """Return every row of the comparison's table of metrics, which holds only what is scrolled into view."""
    section = page.locator(".du-bois-light-collapse-item").filter(has=page.get_by_label("Metrics - Show diff only"))
    names = section.get_by_title("Plot chart")
    names.first.wait_for()
    seen: dict[str, list[str]] = {}
    for _ in range(400):
        before = len(seen)
        rows = section.evaluate(_ROWS)
        seen |= {name: values for name, values in rows if len(values) == 2}
        if section.evaluate(_SCROLL) and len(seen) == before:
            return seen
        page.wait_for_timeout(60)
    raise AssertionError(f"the table of metrics has no end after {len(seen)} rows")


_ROWS = """section => {
  const rows = {};
  for (const cell of section.querySelectorAll('.ReactVirtualized__Grid__innerScrollContainer > div')) {
    const key = cell.style.top;
    (rows[key] = rows[key] || []).push([parseFloat(cell.style.left), cell.closest('.ReactVirtualized__Grid').getBoundingClientRect().x, cell.innerText.trim()]);
  }
  return Object.values(rows).map(cells => {
    cells.sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    return [cells[0][2], cells.slice(1).map(cell => cell[2])];
  });
}"""
_SCROLL = """section => {
  const grids = [...section.querySelectorAll('.ReactVirtualized__Grid')];
  const grid = grids[grids.length - 1];
  const before = grid.scrollTop;
  grid.scrollTop += 250;
  grid.dispatchEvent(new Event('scroll'));
  return grid.scrollTop === before;
}"""


def test_the_runs_are_listed_with_their_data_sets_and_models(page: Page, runs: list[Any], tmp_path: Path):
    close_assistant(page)
    # The UI asks for the models of the runs after it has listed these.
    for version in ("v1", "v2"):
        expect(page.get_by_text(version, exact=True)).to_have_count(1, timeout=WAIT)
    page.screenshot(path=tmp_path / "runs.png")
    assert f"kawat-training ({runs[0].inputs.dataset_inputs[0].dataset.digest})" in page.inner_text("body")


def test_every_figure_of_every_label_stands_side_by_side(comparison: Page, runs: list[Any], tmp_path: Path):
    comparison.screenshot(path=tmp_path / "comparison.png", full_page=True)
    table = metric_table(comparison)
    for label in LABELS:
        for name in FIGURES:
            for key in (f"{name}.{label}", f"test.{name}.{label}"):
                expected = [run.data.metrics.get(key) for run in runs]
                if None not in expected:
                    assert [float(shown) for shown in table[key]] == pytest.approx(expected, abs=6e-4), key
    assert {"f1.nuclear", "f1.nuclear.low", "cv.language.id/f1.nuclear", "cv.year.2024/macro_f1"} <= set(table)


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_stands_side_by_side(comparison: Page, name: str, tmp_path: Path):
    # The UI hides its list of files once one is open, so that the next one needs a fresh page.
    comparison.reload()
    comparison.get_by_role("heading", name="Comparing 2 Runs").wait_for()
    comparison.get_by_text(f"{name}.png", exact=True).click()
    images = comparison.locator("img[src^=blob]").filter(visible=True)
    # Images make room as they load: where they stand is asked when both are there.
    for k in (0, 1):
        load(images.nth(k))
    left, right = (box(images.nth(k)) for k in (0, 1))
    comparison.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert min(left["width"], right["width"]) > 300


def load(image: Locator) -> None:
    """Wait until an image is loaded."""
    image.wait_for()
    image.evaluate("image => image.decode()")


def box(image: Locator) -> dict[str, float]:
    """Return where an image stands."""
    found = image.bounding_box()
    assert found is not None
    return found


def test_the_model_card_is_shown(page: Page, runs: list[Any], tmp_path: Path):
    page.goto(
        f"{page.url.split('#')[0]}#/experiments/{runs[0].info.experiment_id}/runs/{runs[0].info.run_id}/artifacts"
    )
    page.get_by_text("model_card.md", exact=True).first.click()
    page.get_by_role("heading", name="Where not to trust it").wait_for()
    page.screenshot(path=tmp_path / "model_card.png")
