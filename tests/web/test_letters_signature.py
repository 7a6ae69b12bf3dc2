"""A receipt at the hand-over: photographed or signed on the screen; optional, stored sealed, seen within rights only."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.letters.rules import LetterState, parse_strokes
from civreg.shared.errors import Refusal
from tests.letters.flow import state_of, with_officer
from tests.web.staff_browser import Browsers, errors, hidden
from tests.world import World

SIGNED = "100,100 300,200 500,100;520,100 700,300"
HANDED = {
    "way": "visit",
    "to_whom": "Thạch Thị Sa Rết",
    "relation": "mẹ",
    "at_day": "16",
    "at_month": "11",
    "at_year": "2026",
    "at_time": "8h00",
}


def test_what_was_signed_on_the_screen_is_kept_and_seen_within_rights(
    session: Session, world: World, browse: Browsers
) -> None:
    row = with_officer(session, world)
    officer, path = browse("officer"), f"/thu/{row.id}/trao"
    form = officer.get(path)
    assert re.search(
        r'<div class="field signature" id="signature-field" hidden>', form.text
    )  # without scripts: absent
    typed = {**HANDED, "expected_version": hidden(form, "expected_version"), "signature": SIGNED}
    done = officer.post(path, typed, follow=True)
    assert "Đã ghi: thư đã trao tận tay gia đình." in done.text
    link = re.search(r'href="(/thu/[^"]+/anh-nhan/[^"]+\.jpg)"[^>]*>Xem ảnh chữ ký nhận', done.text)
    assert link is not None
    kept = officer.get(link.group(1))
    assert kept.mimetype == "image/jpeg"
    picture = Image.open(io.BytesIO(kept.data)).convert("L")
    assert picture.size == (1000, 400)
    assert picture.getpixel((300, 200)) < 60  # the pen went there
    assert picture.getpixel((300, 350)) > 200  # and not there
    reads = text("SELECT count(*) FROM read_log WHERE what = 'letter.receipt' AND subject_id = :id")
    assert session.execute(reads, {"id": row.id}).scalar_one() == 1
    for person in ("neighbour", "staff", "administrator", "stranger"):
        assert browse(person).get(link.group(1)).status_code == 404
    stored = session.execute(
        text("SELECT f.* FROM file f JOIN letter_move m ON m.file_id = f.id WHERE m.letter_id = :id"),
        {"id": row.id},
    ).one()
    assert b"JFIF" not in b"".join(bytes(cell) for cell in stored if isinstance(cell, bytes | memoryview))


def test_without_a_signature_the_hand_over_is_noted_all_the_same(
    session: Session, world: World, browse: Browsers
) -> None:
    row = with_officer(session, world)
    typed = {**HANDED, "expected_version": str(row.version), "signature": ""}
    done = browse("officer").post(f"/thu/{row.id}/trao", typed, follow=True)
    assert "Xem ảnh chữ ký nhận" not in done.text
    assert state_of(session, row.case_id) is LetterState.HANDED_OVER


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ("10,10 11,11", "Chưa thấy nét ký. Ông/bà bấm “Ký lại” rồi ký lần nữa, hoặc để trống ô ký."),
        (
            "10,10 2000,11",
            "Chữ ký trên màn hình chưa đọc được. Ông/bà bấm “Ký lại” rồi ký lần nữa, hoặc chụp ảnh chữ ký trên giấy.",
        ),
        (
            "<b>",
            "Chữ ký trên màn hình chưa đọc được. Ông/bà bấm “Ký lại” rồi ký lần nữa, hoặc chụp ảnh chữ ký trên giấy.",
        ),
        ("1,1 " * 6001, "Nét ký quá dài. Ông/bà bấm “Ký lại” rồi ký ngắn hơn."),
    ],
    ids=["a touch", "outside", "no lines", "too long"],
)
def test_what_is_no_signature_is_asked_for_again_and_nothing_typed_is_lost(
    session: Session, world: World, browse: Browsers, sent: str, sentence: str
) -> None:
    row = with_officer(session, world)
    typed = {**HANDED, "expected_version": str(row.version), "signature": sent}
    answer = browse("officer").post(f"/thu/{row.id}/trao", typed)
    assert (answer.status_code, errors(answer)) == (422, [sentence])
    assert 'value="Thạch Thị Sa Rết"' in answer.text
    assert state_of(session, row.case_id) is LetterState.WITH_OFFICER


def test_the_lines_come_back_when_another_field_is_wrong(
    session: Session, world: World, browse: Browsers
) -> None:
    row = with_officer(session, world)
    typed = {**HANDED, "expected_version": str(row.version), "signature": SIGNED, "to_whom": ""}
    answer = browse("officer").post(f"/thu/{row.id}/trao", typed)
    assert errors(answer) == ["Ông/bà ghi họ tên người nhận thư."]
    assert f'name="signature" id="signature" value="{SIGNED}"' in answer.text


def test_lines_are_read_point_by_point() -> None:
    assert parse_strokes("  ") == ()
    assert parse_strokes("0,0 100,0;5,5") == (((0, 0), (100, 0)), ((5, 5),))
    for broken in ("0,0 100", "0,0 ٣,100", "0,0 -5,400", "0,0 1.5,400"):
        with pytest.raises(Refusal, match="chưa đọc được"):
            parse_strokes(broken)
