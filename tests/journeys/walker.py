"""Somebody at a browser: reads every page with a critical eye, and remembers what the browser complained about."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.live_stack import wait_until
from tests.widths import fits

SHOTS = os.environ.get("CIVREG_SHOTS", "")
_ONE_OF_MANY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|\?.*")
_axe_saw: set[tuple[object, ...]] = set()
"""Kinds of page (address without ids, width, headings) that axe has looked at in this process."""
NewContext = Callable[..., BrowserContext]


class Walker:
    """One person with a browser of their own.

    Args:
        new_context: makes browsers.
        url: address of the system.
        name: who it is, for pictures and messages.
        width: of the screen in CSS pixels; 360 is a family's phone.
        javascript: False for a browser that runs no scripts; axe, a script itself, then looks through a second
            browser with the same cookies.
    """

    def __init__(
        self, new_context: NewContext, url: str, name: str, *, width: int = 1280, javascript: bool = True
    ) -> None:
        height = 640 if width < 600 else 900
        self.context = new_context(width=width, height=height, javascript=javascript)
        self.page: Page = self.context.new_page()
        self._eyes = None if javascript else new_context(width=width, height=height).new_page()
        self.url, self.name = url, name
        self.idle: Callable[[], None] = lambda: None  # what happens elsewhere while this person waits
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        self.seen = 0
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.addresses.append(unquote_plus(request.url)))

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.url + path)

    def look(self) -> None:
        """Check the page as it stands: nothing hangs over, no axe violation, nothing on the console."""
        self.seen += 1
        where = f"{self.name}: {self.page.title()} ({self.page.url})"
        assert fits(self.page), where
        if SHOTS:
            path = Path(SHOTS) / f"{self.name}-{self.seen:02d}.png"
            self.page.screenshot(path=str(path), full_page=True)
        if self._seen_before():
            assert not self.complaints, (where, self.complaints)
            return
        page = self.page
        if self._eyes is not None:
            self._eyes.context.add_cookies(self.context.cookies())
            self._eyes.goto(self.page.url)
            page = self._eyes
        told = [
            (found["id"], [node["html"] for node in found["nodes"]][:3])
            for found in Axe().run(page).response["violations"]
        ]
        assert not told, (where, told)
        assert not self.complaints, (where, self.complaints)

    def _seen_before(self) -> bool:
        """Tell whether axe looked at such a page already, in the same words and width; note it."""
        headings = tuple(sorted(self.page.locator("h1, h2, h3, legend").all_inner_texts()))
        width = (self.page.viewport_size or {}).get("width")
        kind = (_ONE_OF_MANY.sub("*", self.page.url.removeprefix(self.url)), width, headings)
        if kind in _axe_saw:
            return True
        _axe_saw.add(kind)
        return False

    def heading(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    def tap(self, target: Locator) -> None:
        """Tap what leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            target.first.click()

    def press(self, words: str) -> None:
        self.tap(self.page.get_by_role("button", name=words, exact=True))

    def follow_link(self, words: str, *, exact: bool = False) -> None:
        self.tap(self.page.get_by_role("link", name=words, exact=exact))

    def fill(self, label: str, typed: str) -> None:
        self.page.get_by_label(label, exact=True).fill(typed)

    def choose(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).check()

    def types(self, answers: Mapping[str, str]) -> None:
        """Answer boxes by their name: text is typed, a choice is chosen by its value; what a script hides is left."""
        for name, value in answers.items():
            box = self.page.locator(f'main form [name="{name}"]')
            kind = box.first.get_attribute("type")
            if kind in ("radio", "checkbox"):
                box.and_(self.page.locator(f'[value="{value}"]')).check()
            elif box.first.is_visible():
                box.fill(value)

    def date(self, legend: str, day: int, month: int, year: int) -> None:
        """Type a date as three numbers."""
        group = self.page.get_by_role("group", name=legend)
        for word, typed in (("Ngày", day), ("Tháng", month), ("Năm", year)):
            group.get_by_label(word, exact=True).fill(str(typed))

    def fetch(self, path: str) -> bytes:
        """Fetch what a link would open in another window or save (a PDF, a file), with this browser's cookies."""
        answer = self.context.request.get(path if path.startswith("http") else self.url + path)
        assert answer.ok, (answer.status, path)
        return answer.body()

    def fetch_link(self, words: str) -> bytes:
        """Fetch where a link leads."""
        address = self.page.get_by_role("link", name=words).first.get_attribute("href")
        assert address is not None
        return self.fetch(address)

    def until(self, question: Callable[[], bool], what: str) -> None:
        """Load the page again until it shows what a worker does meanwhile."""

        def ask_again() -> bool:
            self.idle()
            self.page.reload()
            return question()

        wait_until(ask_again, 60, f"{self.name}: {what}")

    def sign_in(self, username: str, password: str) -> None:
        self.go("/dang-nhap")
        self.look()
        self.fill("Tên đăng nhập", username)
        self.fill("Mật khẩu", password)
        self.press("Đăng nhập")
        expect(self.page.get_by_role("button", name="Đăng xuất")).to_be_visible()
