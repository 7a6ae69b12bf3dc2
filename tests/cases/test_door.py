"""At the door: why a registration is mobile, how everybody signed, and both parties of a marriage."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import CasePage, case_page
from civreg.cases.rules import (
    NOT_BY_POST,
    ONE_PARTY,
    DoorForm,
    EligibilityForm,
    Moment,
    SigningForm,
    clean_eligibility,
    clean_signings,
    signing_sentence,
)
from civreg.cases.rules.eligibility import NO_REASON, NOT_DECIDED, NOT_EXPLAINED
from civreg.procedures.catalogue import catalogue, version_on
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from tests.world import (
    BIRTH,
    MARRIAGE,
    MONDAY,
    World,
    ask,
    deliver,
    door_of,
    papers_of,
    receive,
    register,
    version,
)

MOBILE = version_on("birth_mobile", MONDAY.date())
VERSIONS = [one for procedure in catalogue().values() for one in procedure.versions]
HEALTH = "Mẹ bị liệt hai chân"


def _page(session: Session, world: World, case_id: UUID) -> CasePage:
    return case_page(session, world.officer, case_id)


def _receive(session: Session, world: World, case_id: UUID, door: DoorForm) -> None:
    cases.receive_dossier(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        received_at=clock.now(),
        place="home",
        papers=papers_of(session, world, case_id),
        door=door,
    )


# rules


@pytest.mark.parametrize("rules", VERSIONS, ids=lambda version: version.id)
def test_every_mobile_version_has_reasons_with_their_article_and_signers(rules: object) -> None:
    assert isinstance(rules, type(MOBILE))
    assert bool(rules.eligibility) == (rules.form == "mobile")
    assert set(rules.signers) == {
        "birth": {"requester"},
        "death": {"requester"},
        "marriage": {"groom", "bride"},
        "tax": set(),
    }.get(rules.occasion)
    assert rules.both_present == (rules.occasion == "marriage")
    assert len({reason.code for reason in rules.eligibility}) == len(rules.eligibility)
    if rules.eligibility:
        assert [reason.decided for reason in rules.eligibility].count(True) == 1
        assert all((reason.words.endswith(".") and "điều" in reason.source) or reason.certainty == "D"
                   for reason in rules.eligibility)  # fmt: skip


def test_the_reasons_of_the_circular_are_those_of_its_article_24() -> None:
    today = MONDAY.date()
    found = {code: [one.code for one in version_on(code, today).eligibility] for code in catalogue()}
    assert {code: reasons for code, reasons in found.items() if reasons} == {
        "birth_mobile": ["parents_unable", "parents_held", "decided_locally"],
        "death_mobile": ["no_relative", "relatives_away", "relatives_unable", "decided_locally"],
        "marriage_mobile": ["couple_unable", "decided_locally"],
    }
    listed, last = MOBILE.eligibility[0], MOBILE.eligibility[-1]
    assert (listed.source, listed.certainty) == ("Thông tư số 04/2020/TT-BTP điều 24 khoản 1", "B")
    assert "điều 24 khoản 2" in last.source


@pytest.mark.parametrize(
    ("stated", "fields"),
    [
        (EligibilityForm(), {"eligibility": NO_REASON}),
        (EligibilityForm("trên trời"), {"eligibility": NO_REASON}),
        (
            EligibilityForm("decided_locally", " ", "\n"),
            {"eligibility_decided_by": NOT_DECIDED, "eligibility_note": NOT_EXPLAINED},
        ),
        (EligibilityForm("decided_locally", "Ông Lâm, Chủ tịch"), {"eligibility_note": NOT_EXPLAINED}),
    ],
)
def test_a_missing_reason_says_what_to_do(stated: EligibilityForm, fields: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_eligibility(stated, MOBILE)
    assert refused.value.fields == fields


def test_the_ordinary_form_keeps_no_reason() -> None:
    ordinary = version_on("birth_at_home", MONDAY.date())
    assert clean_eligibility(EligibilityForm("parents_unable", "", HEALTH), ordinary).packed() == ""


_LINE = st.text(max_size=60).map(lambda line: " ".join(line.split()))


@given(reason=st.sampled_from([one.code for one in MOBILE.eligibility]), decided_by=_LINE, note=_LINE)
def test_what_is_sealed_comes_back(reason: str, decided_by: str, note: str) -> None:
    stated = EligibilityForm(reason, decided_by, note)
    try:
        clean = clean_eligibility(stated, MOBILE)
    except InvalidInput:
        return
    assert EligibilityForm.unpacked(clean.packed()) == clean
    assert clean.reason == reason


@given(
    stated=st.lists(
        st.builds(
            SigningForm,
            role=st.sampled_from(["groom", "bride", "requester"]),
            way=st.sampled_from(["signature", "thumb_print", "none", "", "picture"]),
            read_back=st.booleans(),
            witness=st.sampled_from(["", "  ", "Kim Văn Sơn"]),
        ),
        max_size=4,
    ),
    required=st.booleans(),
)
def test_no_thumb_print_stands_that_was_not_read_back(stated: list[SigningForm], required: bool) -> None:
    try:
        kept = clean_signings(stated, ("groom", "bride"), moment=Moment.REGISTER, required=required)
    except InvalidInput:
        last = {one.role: one for one in stated if one.role != "requester"}
        by_thumb = [one for one in last.values() if one.way == "thumb_print"]
        signed = [one for one in last.values() if one.way in ("signature", "thumb_print")]
        assert not all(one.read_back for one in by_thumb) or (required and len(signed) < 2)
        return
    assert all(one.read_back for one in kept if one.way == "thumb_print")
    assert {one.way for one in kept} <= {"signature", "thumb_print"}
    assert not required or [one.role for one in kept] == ["groom", "bride"]


def test_a_signing_is_told_in_words() -> None:
    name = "Thạch Thị Sa Rết"
    assert signing_sentence("declaration", name, "signature", False, "") == (
        "Tờ khai: ông/bà Thạch Thị Sa Rết đã ký tên."
    )
    assert signing_sentence("register", name, "thumb_print", True, "Kim Văn Sơn") == (
        "Sổ hộ tịch: đã đọc lại cho ông/bà Thạch Thị Sa Rết nghe, điểm chỉ, người chứng Kim Văn Sơn."
    )


# services


def test_a_mobile_dossier_is_not_taken_without_its_reason(session: Session, world: World) -> None:
    case_id = ask(session, world, BIRTH, procedure="birth_mobile").case_id
    with pytest.raises(InvalidInput) as refused:
        _receive(session, world, case_id, DoorForm())
    assert refused.value.fields == {"eligibility": NO_REASON}
    decided = EligibilityForm("decided_locally", "Nguyễn Văn Lâm, Chủ tịch", "Nước ngập, đò nghỉ")
    _receive(session, world, case_id, DoorForm(decided))
    kept = _page(session, world, case_id).eligibility
    assert kept is not None
    assert kept.stated == decided
    assert kept.reason is not None
    assert "điều 24 khoản 2" in kept.reason.source


def test_the_reason_can_be_put_right_until_it_is_registered(session: Session, world: World) -> None:
    case_id = ask(session, world, BIRTH, procedure="birth_mobile").case_id
    new = DoorForm(EligibilityForm("parents_held"), (SigningForm("requester", "thumb_print", True),))

    def change() -> None:
        cases.change_door(
            session, world.officer, case_id, expected_version=version(session, world, case_id), door=new
        )

    with pytest.raises(Conflict, match="chưa nhận đủ giấy tờ"):
        change()
    receive(session, world, case_id)
    change()
    page = _page(session, world, case_id)
    assert page.eligibility is not None
    assert page.eligibility.stated.reason == "parents_held"
    assert [one.way for one in page.signings] == ["thumb_print"]
    with pytest.raises(Conflict, match="vừa có người khác cập nhật"):
        cases.change_door(session, world.officer, case_id, expected_version=1, door=new)
    with pytest.raises(NotFound):
        cases.change_door(session, world.neighbour, case_id, expected_version=page.version, door=new)
    register(session, world, case_id)
    with pytest.raises(Conflict, match="đã đăng ký xong"):
        change()


def test_health_lies_sealed_and_reaches_no_log(session: Session, world: World) -> None:
    case_id = ask(session, world, BIRTH, procedure="birth_mobile").case_id
    _receive(session, world, case_id, DoorForm(EligibilityForm("parents_unable", note=HEALTH)))
    for table in ("case_file", "audit", "outbox", "read_log", "job", "case_move"):
        rows = session.execute(text(f"SELECT row_to_json({table})::text FROM {table}")).scalars().all()
        assert not any(HEALTH in row or "parents_unable" in row for row in rows), table
    before = session.scalar(text("SELECT count(*) FROM read_log WHERE what = 'case_page'"))
    shown = _page(session, world, case_id).eligibility
    assert shown is not None
    assert shown.stated.note == HEALTH
    after = session.scalar(text("SELECT count(*) FROM read_log WHERE what = 'case_page'"))
    assert (before or 0) + 1 == after


def test_a_mobile_result_is_handed_over_with_the_register_signed(session: Session, world: World) -> None:
    case_id = ask(session, world, BIRTH, procedure="birth_mobile").case_id
    receive(session, world, case_id)
    register(session, world, case_id)
    with pytest.raises(InvalidInput) as refused:
        deliver(session, world, case_id, signings=(), place="post")
    assert refused.value.fields == {
        "place": NOT_BY_POST,
        "signing.requester.way": "Người yêu cầu: ông/bà chọn ký tên hay điểm chỉ vào sổ hộ tịch.",
    }
    by_thumb = SigningForm("requester", "thumb_print", False, "Kim Văn Sơn")
    with pytest.raises(InvalidInput) as refused:
        deliver(session, world, case_id, signings=(by_thumb,))
    assert refused.value.fields == {
        "signing.requester.read_back": "Người yêu cầu: ông/bà đọc lại cho nghe trước khi điểm chỉ, "
        "rồi đánh dấu “Đã đọc lại”."
    }
    deliver(session, world, case_id, signings=(replace(by_thumb, read_back=True),))
    page = _page(session, world, case_id)
    assert (page.state, page.both_present) == ("delivered", None)
    assert [(one.moment, one.sentence) for one in page.signings] == [
        ("declaration", "Tờ khai: ông/bà Thạch Thị Sa Rết đã ký tên."),
        (
            "register",
            "Sổ hộ tịch: đã đọc lại cho ông/bà Thạch Thị Sa Rết nghe, điểm chỉ, người chứng Kim Văn Sơn.",
        ),
    ]


def test_an_ordinary_result_needs_no_register_at_the_door(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    _receive(session, world, case_id, DoorForm())
    register(session, world, case_id)
    deliver(session, world, case_id, signings=(), both_present=False, place="post")
    assert _page(session, world, case_id).signings == ()


def test_a_marriage_is_not_registered_with_one_party(session: Session, world: World) -> None:
    case_id = ask(session, world, MARRIAGE).case_id
    receive(session, world, case_id)
    register(session, world, case_id)
    with pytest.raises(InvalidInput) as refused:
        deliver(session, world, case_id, both_present=False)
    assert refused.value.fields == {"both_present": ONE_PARTY}
    alone = door_of(session, world, case_id).signings[:1]
    with pytest.raises(InvalidInput) as refused:
        deliver(session, world, case_id, signings=alone)
    assert refused.value.fields == {
        "signing.bride.way": "Bên nữ: ông/bà chọn ký tên hay điểm chỉ vào sổ hộ tịch."
    }
    assert _page(session, world, case_id).state == "registered"
    deliver(session, world, case_id)
    page = _page(session, world, case_id)
    assert (page.state, page.both_present) == ("delivered", True)
    assert [one.role for one in page.signings if one.moment == "register"] == ["groom", "bride"]
