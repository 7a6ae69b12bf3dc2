"""A family with a phone and no JavaScript, for tests: opens a page, types, presses a button."""

from __future__ import annotations

import html
import re

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.world import World

BIRTH = "/yeu-cau/birth_at_home"
MARRIAGE = "/yeu-cau/marriage_mobile"


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def value_of(page: str, name: str) -> str:
    """Return what stands in a text box."""
    found = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page)
    assert found is not None, name
    value = re.search(r'\bvalue="([^"]*)"', found.group(0))
    return html.unescape(value.group(1)) if value else ""


def radios_of(page: str, name: str) -> dict[str, bool]:
    """Return the choices of a list, each with whether it is marked."""
    inputs = [found for found in re.findall(r"<input[^>]*>", page) if 'type="radio"' in found]
    values = {found: re.search(r'\bvalue="([^"]*)"', found) for found in inputs if f'name="{name}"' in found}
    return {
        value.group(1): re.search(r"\schecked\b", found) is not None
        for found, value in values.items()
        if value
    }


def told_of(page: str, label: str) -> str:
    """Return what a list of labels and answers says under a label."""
    found = re.search(rf"<dt>\s*{re.escape(label)}\s*</dt>\s*<dd[^>]*>\s*(.*?)\s*</dd>", page, re.S)
    assert found is not None, label
    return html.unescape(re.sub(r"<[^>]*>", "", found.group(1)))


class Family:
    """Somebody with a phone and no JavaScript: opens a page, types, presses a button."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def open(self, path: str) -> str:
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        return answer.text

    def send(self, path: str, **typed: str) -> TestResponse:
        token = token_of(self.open(path))
        return self.client.post(path, data={"csrf_token": token, **typed})

    def answer(self, path: str, **typed: str) -> str:
        answer = self.send(path, **typed)
        assert answer.status_code == 303, (path, re.findall(r"field-error.*", answer.text))
        return str(answer.headers["Location"])

    def body(self, page: str) -> dict[str, str]:
        """Return what the review page carries in hidden inputs."""
        form = page[page.index("<form") :]
        return {
            name: html.unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
        }


def tell_birth(family: Family, world: World, **changed: dict[str, str]) -> str:
    """Answer every question about a birth; return the address after the last one."""
    pages: dict[str, dict[str, str]] = {
        "commune": {"commune": str(world.tra_cu)},
        "requester": {"requester_name": "Thạch Thị Sa Rết", "requester_relation": "mother"},
        "phone": {"phone_owner": "own", "phone": "0912 345 678"},
        "child_name": {"child_name": "Thạch Minh Khang"},
        "child_sex": {"child_sex": "male"},
        "child_birth": {"child_birth_day": "1", "child_birth_month": "11", "child_birth_year": "2026"},
        "birth_place": {"birth_place": "home"},
        "mother": {"mother_name": "Thạch Thị Sa Rết", "mother_birth_year": "1999"},
        "father": {"father_declared": "no"},
        "address": {"hamlet": "Ấp Chợ", "address": "Nhà sau chùa"},
        "visit_wish": {"visit_wish": "Buổi chiều 😀"},
        "interpreter": {"interpreter": "yes"},
        "letter_consent": {"letter_consent": "later"},
    }
    location = ""
    for step, typed in pages.items():
        location = family.answer(f"{BIRTH}/{step}", **(changed.get(step) or typed))
    return location


def tell_marriage(family: Family, world: World, bride_year: str = "2004") -> None:
    pages: dict[str, dict[str, str]] = {
        "commune": {"commune": str(world.dai_an)},
        "requester": {"requester_name": "Kim Ngọc Thạch", "requester_relation": "groom"},
        "phone": {"phone_owner": "none"},
        "reason_mobile": {"reason_mobile": "ill"},
        "groom": {"groom_name": "Kim Ngọc Thạch"},
        "groom_birth": {"groom_birth_day": "5", "groom_birth_month": "6", "groom_birth_year": "2000"},
        "groom_residence": {"groom_residence": "Ấp Giồng Giữa, xã Đại An"},
        "groom_marriage": {"groom_marriage": "1"},
        "bride": {"bride_name": "Sơn Thị Đa"},
        "bride_birth": {"bride_birth_day": "9", "bride_birth_month": "12", "bride_birth_year": bride_year},
        "bride_residence": {"bride_residence": "Ấp Giồng Giữa, xã Đại An"},
        "bride_marriage": {"bride_marriage": "1"},
        "address": {"hamlet": "Ấp Giồng Giữa", "address": "Gần cầu sắt"},
        "visit_wish": {},
        "interpreter": {"interpreter": "no"},
        "letter_consent": {"letter_consent": "yes"},
    }
    for step, typed in pages.items():
        family.answer(f"{MARRIAGE}/{step}", **typed)


def count_cases(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM case_file")).scalar_one())
