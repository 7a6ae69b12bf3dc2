"""A family complains from the follow page; the head reads, answers; the missed visit on its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.cases.queries import Receipt
from civreg.feedback import queries
from civreg.shared import clock
from civreg.visits import service as visits
from civreg.visits.queries import apology_of_visit
from tests.web.officer_site import forms_of, sit
from tests.world import MONDAY, World, ask, build_world

LATER = MONDAY + timedelta(hours=7)
WORDS = "Cán bộ nói to tiếng với bà."


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def booked(session: Session, world: World) -> tuple[Receipt, UUID]:
    """A request whose trip at nine nobody recorded."""
    receipt = ask(session, world)
    assert world.officer.user_id is not None
    visit_id = visits.book_visit(
        session,
        world.officer,
        case_id=receipt.case_id,
        expected_version=None,
        officer_id=world.officer.user_id,
        starts_at=MONDAY + timedelta(hours=1),
    )
    session.commit()
    return receipt, visit_id


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def fields_of(answer: TestResponse, action: str) -> dict[str, str]:
    """Return what the form with this address would send, untouched."""
    form = next(one for one in forms_of(answer) if one.action == action)
    return dict(form.fields)


def follow(client: FlaskClient, receipt: Receipt, **more: str) -> TestResponse:
    page = client.get("/tra-cuu")
    fields = fields_of(page, "/tra-cuu")
    return client.post("/tra-cuu", data={**fields, "code": receipt.tracking_code, "fact": "5678", **more})


def test_a_family_complains_about_a_visit_and_the_head_answers(
    client: FlaskClient, session: Session, world: World, booked: tuple[Receipt, UUID]
) -> None:
    receipt, visit_id = booked
    with clock.travelling(LATER):
        found = follow(client, receipt)
        assert "Chỉ lãnh đạo xã đọc được, cán bộ đến nhà không đọc được." in found.text
        assert "Chuyến đến nhà 09:00, 16/11/2026" in found.text
        fields = fields_of(found, "/tra-cuu/phan-anh")
        bare = client.post("/tra-cuu/phan-anh", data=fields)
        assert bare.status_code == 422
        assert "Ông/bà chọn chuyến đến nhà, hoặc chọn “Việc khác, không phải chuyến đến nhà”." in bare.text
        assert "Ông/bà ghi điều chưa hài lòng." in bare.text
        whole = {**fields, "visit": str(visit_id), "text": WORDS, "wants_call": "1"}
        sent = client.post("/tra-cuu/phan-anh", data=whole)
        again = client.post("/tra-cuu/phan-anh", data=whole)
        for answer in (sent, again):
            assert answer.status_code == 200
            assert "Đã gửi đến lãnh đạo xã. Hồ sơ vẫn được giải quyết bình thường." in answer.text
            assert WORDS not in answer.text
        assert "Phản ánh gửi 15:00, 16/11/2026: lãnh đạo xã đang xem." in words_of(again.text)
        (row,) = queries.complaints(session, world.head)
        head = sit(client, session, "head")
        assert 'Phản ánh của gia đình <span class="tally">1</span>' in head.open("/ban-lam-viec").text
        listed = words_of(head.open("/phan-anh").text)
        assert "09:00, 16/11/2026, Thạch Thị Mỹ Hạnh" in listed
        assert WORDS not in listed
        path = f"/phan-anh/{row.id}"
        page = head.open(path)
        assert WORDS in page.text
        refused = head.send(head.form_in(page, path), note="Đã gọi xin lỗi bà")
        assert refused.status_code == 422
        assert "Ông/bà chọn cách đã xử lý." in refused.text
        assert "Đã gọi xin lỗi bà" in refused.text
        head.send(head.form_in(page, path), outcome="answered", note="Đã gọi xin lỗi bà")
        assert "Không có phản ánh nào chờ trả lời" in head.open("/phan-anh").text
        assert "Đã gọi xin lỗi bà" in head.open(path).text
        assert "lãnh đạo xã đã xem xét" in follow(client, receipt).text


def test_a_page_open_too_long_keeps_the_words_until_the_code_is_typed_again(
    client: FlaskClient, session: Session, booked: tuple[Receipt, UUID]
) -> None:
    receipt, visit_id = booked
    with clock.travelling(LATER):
        fields = fields_of(follow(client, receipt), "/tra-cuu/phan-anh")
    with clock.travelling(LATER + timedelta(hours=3)):
        old = client.post(
            "/tra-cuu/phan-anh", data={**fields, "visit": str(visit_id), "text": WORDS, "wants_call": "1"}
        )
        assert old.status_code == 422
        assert "Trang đã mở quá lâu." in old.text
        kept = fields_of(old, "/tra-cuu")
        assert kept["text"] == WORDS
        found = client.post("/tra-cuu", data={**kept, "code": receipt.tracking_code, "fact": "5678"})
        again = fields_of(found, "/tra-cuu/phan-anh")
        assert (again["text"], again["visit"]) == (WORDS, str(visit_id))
        assert client.post("/tra-cuu/phan-anh", data=again).status_code == 200
    assert session.execute(text("SELECT count(*) FROM complaint")).scalar_one() == 1


def test_a_complaint_about_no_trip_says_so(
    client: FlaskClient, session: Session, world: World, booked: tuple[Receipt, UUID]
) -> None:
    receipt, _ = booked
    with clock.travelling(LATER):
        found = follow(client, receipt)
        assert "Phản ánh về việc gì?" in found.text
        fields = fields_of(found, "/tra-cuu/phan-anh")
        client.post("/tra-cuu/phan-anh", data={**fields, "visit": "other", "text": WORDS})
        (row,) = queries.complaints(session, world.head)
        head = sit(client, session, "head")
        assert "Phản ánh về Việc khác, không phải chuyến đến nhà" in words_of(head.open("/phan-anh").text)
        page = words_of(head.open(f"/phan-anh/{row.id}").text)
        assert "Phản ánh về Việc khác, không phải chuyến đến nhà" in page
        assert "Về chuyến đến nhà" not in page


def test_the_head_signs_for_a_missed_visit_first_and_the_officer_tells(
    client: FlaskClient, session: Session, world: World, booked: tuple[Receipt, UUID]
) -> None:
    receipt, visit_id = booked
    with clock.travelling(LATER):
        visits.draft_missed(session)
        session.commit()
        head = sit(client, session, "head")
        desk = head.open("/ban-lam-viec").text
        assert "Ký phiếu xin lỗi lỡ hẹn đến nhà" in desk
        assert desk.index('id="xin-loi"') < min(
            desk.index(f'id="{one}"')
            for one in ("nhac", "tre", "goi", "ghi", "lich")
            if f'id="{one}"' in desk
        )
        path = f"/lich-den-nha/{visit_id}/xin-loi"
        bare = head.send(head.form(path), reason="Xe hỏng")
        assert bare.status_code == 422
        assert "Xe hỏng</textarea>" in bare.text
        signed = head.send(
            head.form(path),
            reason="Xe của cán bộ hỏng",
            starts_at_day="17",
            starts_at_month="11",
            starts_at_year="2026",
            starts_at_time="09:00",
        )
        assert signed.status_code == 302
        told = words_of(follow(client, receipt).text)
        assert (
            "Xã xin lỗi vì không có người đến 09:00, 16/11/2026 như đã hẹn. Cán bộ sẽ đến 09:00, 17/11/2026."
            in told
        )
        assert "Lý do: Xe của cán bộ hỏng" in told
        officer = sit(client, session, "officer")
        assert "Báo gia đình giờ hẹn lại 09:00, 17/11/2026" in officer.open("/ban-lam-viec").text
        page = officer.open(f"/lich-den-nha/{visit_id}")
        officer.send(officer.form_in(page, f"/lich-den-nha/{visit_id}", "da-bao"), how="phone")
        session.expire_all()
        apology = apology_of_visit(session, visit_id)
        assert apology is not None
        assert (apology.state, apology.sent_how) == ("sent", "phone")
