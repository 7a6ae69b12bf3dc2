"""Photographs over the web: the officer's pages, and what a family may send."""

from __future__ import annotations

import io
import re
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, stream_encode_multipart

from civreg.cases.queries.images import images_of
from civreg.shared import clock, imaging
from civreg.web import photographs as sending
from civreg.web.tickets import LIFE, case_of, ticket_for
from tests.photographs import bomb, heavy_jpeg, jpeg
from tests.shared.paper_reading import reader
from tests.web.officer_site import Desk, sit
from tests.world import World, ask

JSON = {"Accept": "application/json"}
FAMILY = "/gui-anh"
RED, BLUE = jpeg(colour="#aa2222"), jpeg(colour="#2222aa")
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def token_of(page: str) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', page)[-1]


def upload_key_of(page: str) -> str:
    return re.findall(r'name="upload_key" value="([^"]+)"', page)[0]


def send(
    client: FlaskClient,
    path: str,
    *files: tuple[str, bytes],
    code: str = "birth_paper",
    key: str = "",
    headers: dict[str, str] | None = None,
) -> TestResponse:
    """Send photographs as the form of the page does."""
    page = client.get(path).text
    fields = {"csrf_token": token_of(page), "upload_key": key or upload_key_of(page), "paper_code": code}
    return post(client, path, {**fields, "photo": [file_of(*file) for file in files]}, headers)


def file_of(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), name)


def post(
    client: FlaskClient, path: str, fields: dict[str, Any], headers: dict[str, str] | None = None
) -> TestResponse:
    """Send a multipart form from memory: the test client's own temporary file would stay open."""
    stream, _, boundary = stream_encode_multipart(MultiDict(fields), use_tempfile=False)
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(path, data=stream.read(), headers=headers, content_type=kind)


def papers(case_id: UUID) -> str:
    return f"/ho-so/{case_id}/giay-to"


def count(session: Session) -> int:
    return int(
        session.execute(text("SELECT count(*) FROM paper_image WHERE removed_at IS NULL")).scalar_one()
    )


@pytest.fixture
def family(client: FlaskClient, case_id: UUID) -> FlaskClient:
    """A family's browser that followed its request and pressed the button."""
    token = token_of(client.get("/tra-cuu").text)
    answer = client.post(f"{FAMILY}/mo", data={"csrf_token": token, "ticket": ticket_for(case_id)})
    assert answer.status_code == 303
    return client


def test_an_officer_adds_looks_and_takes_out(
    desk: Desk, session: Session, world: World, case_id: UUID
) -> None:
    page = desk.open(papers(case_id)).text
    assert page.index(sending.SIZES) < page.index('type="file"')
    answer = send(desk.client, papers(case_id), ("a.jpg", RED), ("b.jpg", BLUE))
    assert (answer.status_code, answer.headers["Location"]) == (303, papers(case_id))
    assert "Đã thêm 2 ảnh." in desk.open(papers(case_id)).text
    first, second = images_of(session, world.officer, case_id).images
    look = desk.open(f"{papers(case_id)}/{first.id}").text
    assert f"{papers(case_id)}/{first.id}.jpg" in look
    assert f"{papers(case_id)}/{second.id}" in look
    fetched = desk.open(f"{papers(case_id)}/{first.id}.jpg")
    assert fetched.data.startswith(b"\xff\xd8\xff")
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="giay-to.jpg"'
    assert fetched.headers["Cache-Control"] == "no-store"
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in fetched.headers["Content-Security-Policy"]
    assert "ghi vào nhật ký" in desk.open(f"{papers(case_id)}/{first.id}/bo").text
    assert desk.fill(f"{papers(case_id)}/{first.id}/bo").status_code == 303
    assert desk.open(f"{papers(case_id)}/{first.id}.jpg").status_code == 404
    assert count(session) == 1


def test_the_case_page_leads_to_the_photographs(desk: Desk, case_id: UUID) -> None:
    assert "Thêm ảnh giấy tờ" in desk.open(f"/ho-so/{case_id}").text
    send(desk.client, papers(case_id), ("a.jpg", RED))
    page = desk.open(f"/ho-so/{case_id}").text
    assert "1 ảnh giấy tờ" in page
    assert f"{papers(case_id)}.pdf" in page


def test_all_papers_come_as_one_pdf(desk: Desk, case_id: UUID) -> None:
    empty = desk.open(f"{papers(case_id)}.pdf")
    assert (empty.status_code, empty.headers["Location"]) == (303, papers(case_id))
    send(desk.client, papers(case_id), ("a.jpg", RED), ("b.jpg", BLUE), code="other_paper")
    answer = desk.open(f"{papers(case_id)}.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(reader(answer.data).pages) == 2


def test_twenty_megabytes_are_taken_here_and_nowhere_else(
    desk: Desk, session: Session, case_id: UUID
) -> None:
    heavy = heavy_jpeg()
    assert len(heavy) > 18_000_000
    assert send(desk.client, papers(case_id), ("IMG.jpg", heavy)).status_code == 303
    assert session.execute(text("SELECT max(size) FROM file")).scalar_one() <= imaging.KEPT_BYTES
    elsewhere = post(desk.client, "/ho-so/moi", {"photo": file_of("IMG.jpg", heavy)})
    assert elsewhere.status_code == 413


def test_a_body_beyond_the_limit_is_told_the_limit(desk: Desk, case_id: UUID) -> None:
    token = token_of(desk.open(papers(case_id)).text)
    photo = file_of("a.jpg", b"x" * (sending.MOST_BODY + 1))
    answer = post(desk.client, papers(case_id), {"csrf_token": token, "photo": photo})
    assert answer.status_code == 413
    assert sending.TOO_LARGE in answer.text


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("giay.jpg", b"%PDF-1.7\n" + b"x" * 200, imaging.PDF),
        ("giay.jpg", SVG, imaging.DRAWING),
        ("giay.png", bomb(), imaging.TOO_WIDE),
        ("giay.jpg", RED[:-500], imaging.BROKEN),
        ("giay.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", imaging.HEIC),
        ("giay.jpg", b"", imaging.EMPTY),
    ],
)
def test_one_that_fails_is_named_and_the_others_are_kept(
    desk: Desk, session: Session, case_id: UUID, name: str, content: bytes, sentence: str
) -> None:
    answer = send(desk.client, papers(case_id), ("a.jpg", RED), (name, content), ("c.jpg", BLUE))
    assert answer.status_code == 422
    assert "1 ảnh chưa gửi được" in answer.text
    assert f"<strong>Ảnh 2</strong> ({name}): {sentence}" in answer.text
    assert count(session) == 2


def test_sending_the_same_form_again_makes_no_double(desk: Desk, session: Session, case_id: UUID) -> None:
    key = upload_key_of(desk.open(papers(case_id)).text)
    for _ in range(2):
        send(desk.client, papers(case_id), ("a.jpg", RED), ("b.jpg", BLUE), key=key)
    assert count(session) == 2


def test_the_script_sends_one_and_reads_what_became_of_it(
    desk: Desk, session: Session, case_id: UUID
) -> None:
    sent = [
        send(desk.client, papers(case_id), ("a.jpg", content), key="a1b2c3d4e5", headers=JSON)
        for content in (RED, RED, BLUE)
    ]
    assert [answer.status_code for answer in sent] == [200, 200, 422]
    assert sent[0].json == {"kept": True, "sentence": sending.KEPT}
    assert count(session) == 1
    nothing = send(desk.client, papers(case_id), key="a1b2c3d4e5", headers=JSON)
    assert nothing.json == {"kept": False, "sentence": sending.NONE_CHOSEN}


def test_nothing_chosen_is_said(desk: Desk, case_id: UUID) -> None:
    answer = send(desk.client, papers(case_id))
    assert answer.status_code == 422
    assert sending.NONE_CHOSEN in answer.text


def test_a_name_of_a_file_is_text_and_never_stored(desk: Desk, session: Session, case_id: UUID) -> None:
    answer = send(desk.client, papers(case_id), ("<b>x</b>.jpg", SVG))
    assert "&lt;b&gt;" in answer.text or "(b&gt;.jpg)" in answer.text
    assert "<b>x" not in answer.text


def test_another_unit_and_a_stranger_get_nothing(
    desk: Desk, client: FlaskClient, session: Session, world: World, case_id: UUID
) -> None:
    send(desk.client, papers(case_id), ("a.jpg", RED))
    image = images_of(session, world.officer, case_id).images[0].id
    for username in ("neighbour", "stranger", "clerk", "administrator"):
        other = sit(client, session, username)
        for path in ("", ".pdf", f"/{image}", f"/{image}.jpg", f"/{image}/bo"):
            assert other.open(papers(case_id) + path).status_code == 404, (username, path)
    away = client.application.test_client().get(f"{papers(case_id)}/{image}.jpg")
    assert away.status_code == 302


def test_a_family_sees_a_number_and_no_photograph(
    family: FlaskClient, session: Session, case_id: UUID
) -> None:
    page = family.get(FAMILY).text
    assert page.index("Ảnh chỉ để cán bộ xã xem trước") < page.index('type="file"')
    assert page.index(sending.SIZES) < page.index('type="file"')
    assert "Giấy chứng sinh" in page
    assert "Giấy tờ tùy thân" not in page
    answer = send(family, FAMILY, ("a.jpg", RED))
    assert answer.status_code == 303
    after = family.get(FAMILY).text
    assert "Đã gửi 1 ảnh." in after
    assert "<img" not in after
    image = session.execute(text("SELECT id FROM paper_image")).scalar_one()
    assert family.get(f"{papers(case_id)}/{image}.jpg").status_code == 302


@pytest.mark.parametrize("code", ["identity_paper", "other_paper", "death_paper"])
def test_a_family_cannot_name_another_paper(family: FlaskClient, session: Session, code: str) -> None:
    assert send(family, FAMILY, ("a.jpg", RED), code=code).status_code == 422
    assert count(session) == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"%PDF-1.7\n" + b"x" * 200, imaging.PDF), (SVG, imaging.DRAWING), (bomb(), imaging.TOO_WIDE)],
)
def test_a_family_is_told_what_to_photograph_instead(
    family: FlaskClient, session: Session, content: bytes, sentence: str
) -> None:
    answer = send(family, FAMILY, ("giay.jpg", content))
    assert answer.status_code == 422
    assert f"<strong>Ảnh 1</strong> (giay.jpg): {sentence}" in answer.text
    assert count(session) == 0


def test_a_family_sends_a_photograph_of_twenty_megabytes(family: FlaskClient, session: Session) -> None:
    assert send(family, FAMILY, ("IMG.jpg", heavy_jpeg())).status_code == 303
    assert session.execute(text("SELECT max(size) FROM file")).scalar_one() <= imaging.KEPT_BYTES
    assert count(session) == 1


def test_a_family_keeps_what_went_through(family: FlaskClient, session: Session) -> None:
    answer = send(family, FAMILY, ("a.jpg", RED), ("b.jpg", b"%PDF-1.4"))
    assert answer.status_code == 422
    assert f"<strong>Ảnh 2</strong> (b.jpg): {imaging.PDF}" in answer.text
    assert "Đã gửi 1 ảnh." in answer.text
    assert count(session) == 1


def test_the_seventh_photograph_of_a_family_is_refused(family: FlaskClient, session: Session) -> None:
    files = [(f"{shade}.jpg", jpeg(64, 48, colour=f"#{shade}{shade}{shade}")) for shade in range(10, 17)]
    answer = send(family, FAMILY, *files)
    assert answer.status_code == 422
    assert "<strong>Ảnh 7</strong>" in answer.text
    assert "đủ 6 ảnh" in answer.text
    assert count(session) == 6


def test_without_a_ticket_the_page_says_how_to_get_one(client: FlaskClient, case_id: UUID) -> None:
    page = client.get(FAMILY)
    assert page.status_code == 200
    assert "/tra-cuu" in page.text
    assert 'type="file"' not in page.text


def test_a_ticket_ends_and_is_nobody_elses(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    ticket = ticket_for(case_id)
    assert case_of(ticket) == case_id
    for other in ("", "x", ticket[:-4] + "AAAA", f"{case_id}.{ticket.partition('.')[2]}"):
        assert case_of(other) is None
    with clock.travelling(clock.now() + LIFE * 1.01):
        assert case_of(ticket) is None


def test_a_followed_request_offers_to_send_photographs(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world)
    token = token_of(client.get("/tra-cuu").text)
    found = client.post(
        "/tra-cuu", data={"csrf_token": token, "code": receipt.tracking_code, "fact": "5678"}
    ).text
    assert "Đã có giấy chứng sinh thì chụp gửi trước" in found
    ticket = re.findall(r'name="ticket" value="([^"]+)"', found)[0]
    assert case_of(ticket) == receipt.case_id
