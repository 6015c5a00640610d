"""What the tables that are drawn on a canvas say, read from the table that screen readers are given."""

from playwright.sync_api import Page


def settled(page: Page) -> None:
    """Wait until the page has run to its end, and stayed so for a moment: a click takes one to arrive."""
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid=stApp]');
            const isBusy = app?.dataset.testScriptState !== 'notRunning'
                || document.querySelector('[data-stale=true], [data-testid=stSkeleton]');
            if (isBusy) { window.restsSince = undefined; return false; }
            window.restsSince ??= performance.now();
            return performance.now() - window.restsSince > 400;
        }""",
    )
    page.evaluate("window.restsSince = undefined")


def cells(page: Page, grid: int = 0) -> list[list[str]]:
    """The rows that are in sight, without the column of boxes."""
    table = page.get_by_test_id("data-grid-canvas").nth(grid).locator("table")
    rows: list[list[str]] = table.evaluate(
        """table => [...table.querySelectorAll('tbody tr')].map(
            row => [...row.querySelectorAll('td')].map(cell => cell.textContent)
        )"""
    )
    return rows


def tick(page: Page, row: int, grid: int = 0) -> None:
    """Tick the box of a row: it is drawn, so that only its place is known."""
    canvas = page.get_by_test_id("data-grid-canvas").nth(grid)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 35 * (row + 1) + 18)
    settled(page)
