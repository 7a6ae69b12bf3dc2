from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.live_stack import LiveStack, wait_until

pytestmark = [pytest.mark.live, pytest.mark.browser]


def down(stack: LiveStack) -> list[str]:
    """What /readyz names as down."""
    try:
        with urllib.request.urlopen(f"{stack.url}/readyz", timeout=20) as answer:
            return json.load(answer).get("down", [])
    except urllib.error.HTTPError as error:
        return json.load(error)["down"]


def test_every_part_is_up_and_a_browser_sees_the_front_page(live_stack: LiveStack, page: Page) -> None:
    wait_until(lambda: down(live_stack) == [], 120, "the worker's first sign of life")
    page.goto(live_stack.url)
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    assert page.evaluate("new Date('2026-11-24T00:00:00Z').getTimezoneOffset()") == -7 * 60


def test_initialising_again_changes_nothing(live_stack: LiveStack) -> None:
    first = live_stack.flask("init", "--json")
    assert (first.returncode, json.loads(first.stdout)) == (0, {"ready": True})


def test_crashed_database_comes_back_without_restarting_the_web_server(live_stack: LiveStack) -> None:
    wait_until(lambda: down(live_stack) == [], 120, "everything")
    web = live_stack.pid("web")
    live_stack.postgres.stop(immediate=True)
    try:
        assert down(live_stack) == ["database"]
    finally:
        live_stack.postgres.start()
    wait_until(lambda: down(live_stack) == [], 120, "the database")
    assert live_stack.pid("web") == web
