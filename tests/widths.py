"""Whether a page fits the width of its screen, asked without a race against the page that is still coming."""

from __future__ import annotations

from playwright.sync_api import Error, Page

PHONE, DESK = 360, 1280
_FITS = "document.readyState === 'complete' && document.documentElement.scrollWidth <= window.innerWidth"
_STATE = """() => [document.readyState, document.documentElement.scrollWidth, window.innerWidth,
    performance.getEntriesByType('resource').map(one => [one.name, one.responseEnd])]"""


def fits(page: Page) -> bool:
    """Return whether nothing hangs over the side once the page is there (a click may still be on its way)."""
    try:
        # asked by the clock, not by the frame: a browser that paints nothing would never be asked
        page.wait_for_function(_FITS, timeout=30_000, polling=100)
    except Error as error:
        print("does not fit:", error, page.evaluate(_STATE))
        return False
    return True
