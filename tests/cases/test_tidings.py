from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import TidingReceipt, case_page, tiding_page, tidings_waiting
from civreg.cases.rules import RequestForm
from civreg.cases.rules.tidings import OCCASION_WORDS, REPORTER_WORDS, TidingForm
from civreg.deadlines.queries import deadlines_of
from civreg.settings import Settings
from civreg.shared import clock, crypto
from civreg.shared.database import new_id, transaction
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refusal, TooMany
from civreg.shared.partial_date import PartialDate
from tests.world import MONDAY, World, build_world

BIRTH = TidingForm(
    unit_id=0,
    reporter="hamlet_head",
    reporter_name="Sơn Ngọc Minh",
    reporter_phone="0977 111 222",
    occasion="birth",
    family_name="Thạch Thị Sa Rết",
    family_phone="0912 345 678",
    hamlet="Ấp Chợ",
    note="Nhà sau chùa, mẹ còn nằm ở trạm.",
    event=PartialDate(2026, 11, 14),
)


def tell(
    session: Session, world: World, form: TidingForm = BIRTH, key: str = "", address: str = "10.0.0.1"
) -> TidingReceipt:
    filled = replace(form, unit_id=form.unit_id or world.tra_cu)
    return cases.tell_tiding(
        session,
        filled,
        request_key=key or str(new_id()),
        body_digest=crypto.digest(repr(filled)),
        address=address,
    )


def the_only(session: Session, world: World) -> UUID:
    [row] = tidings_waiting(session, world.officer)
    return row.id


def request_of(world: World, **changes: object) -> RequestForm:
    form = RequestForm(
        procedure="birth_at_home",
        unit_id=world.tra_cu,
        requester_name="Thạch Thị Sa Rết",
        phone="0912 345 678",
        callback_only=True,
        channel="hamlet_head",
    )
    return replace(form, **changes)  # type: ignore[arg-type]


def take(session: Session, world: World, tiding_id: UUID, version: int = 1) -> UUID:
    receipt = cases.take_tiding(
        session, world.officer, tiding_id, expected_version=version, form=request_of(world)
    )
    return receipt.case_id


def test_a_tiding_promises_a_call_and_lies_on_the_desk(session: Session, world: World) -> None:
    receipt = tell(session, world)
    assert receipt.code.startswith("BT-")
    assert (receipt.unit_name, receipt.hotline) == ("Xã Trà Cú", "0294 3874 001")
    assert receipt.call_by == date(2026, 11, 17)
    [row] = tidings_waiting(session, world.officer)
    assert (row.code, row.family_name, row.call_by) == (receipt.code, "Thạch Thị Sa Rết", receipt.call_by)
    page = tiding_page(session, world.officer, row.id)
    assert (page.reporter_phone, page.family_phone) == ("0977111222", "0912345678")
    assert page.note == "Nhà sau chùa, mẹ còn nằm ở trạm."
    assert page.event == PartialDate(2026, 11, 14)


def test_phones_and_the_note_are_sealed_and_told_to_nobody(session: Session, world: World) -> None:
    tell(session, world)
    written = session.execute(
        text(
            "SELECT row_to_json(t)::text FROM tiding t UNION ALL SELECT row_to_json(a)::text FROM audit a"
            " UNION ALL SELECT row_to_json(f)::text FROM failed_try f"
        )
    ).scalars()
    whole = "\n".join(written)
    for secret in ("0977111222", "0912345678", "Nhà sau chùa", "10.0.0.1"):
        assert secret not in whole
    assert '"tiding.told"' in whole


def test_reading_a_tiding_is_logged(session: Session, world: World) -> None:
    tell(session, world)
    tiding_id = the_only(session, world)
    tiding_page(session, world.officer, tiding_id)
    session.flush()
    reader = session.execute(
        text("SELECT actor_id FROM read_log WHERE what = 'tiding_page' AND subject_id = :id"),
        {"id": tiding_id},
    ).scalar_one()
    assert reader == world.officer.user_id


def test_the_same_sending_is_one_tiding_and_another_under_its_key_is_refused(
    session: Session, world: World
) -> None:
    first = tell(session, world, key="k" * 40)
    assert tell(session, world, key="k" * 40) == first
    assert len(tidings_waiting(session, world.officer)) == 1
    with pytest.raises(Refusal, match="đã được gửi trước đó với nội dung khác"):
        tell(session, world, replace(BIRTH, family_name="Kim Thị Mai"), key="k" * 40)


def test_too_many_from_one_address_wait_an_hour(session: Session, world: World) -> None:
    for _ in range(20):
        tell(session, world)
    with pytest.raises(TooMany, match="đã gửi 20 tin trong một giờ"):
        tell(session, world)
    tell(session, world, address="10.0.0.2")
    with clock.travelling(datetime(2026, 11, 16, 9, 1, tzinfo=clock.ZONE)):
        tell(session, world)
    assert len(tidings_waiting(session, world.officer)) == 22


def test_what_cannot_be_used_is_said_all_at_once(session: Session, world: World) -> None:
    wrong = replace(BIRTH, reporter_name="", family_name="<b>", reporter_phone="12", note="x" * 1001)
    with pytest.raises(InvalidInput) as refused:
        tell(session, world, wrong)
    assert set(refused.value.fields) == {"reporter_name", "family_name", "reporter_phone", "note"}
    with pytest.raises(InvalidInput) as refused:
        tell(session, world, replace(BIRTH, reporter="web", occasion="tax"))
    assert refused.value.fields == {
        "reporter": "Ông/bà chọn mình là ai.",
        "occasion": "Ông/bà chọn việc cần báo.",
    }
    with pytest.raises(InvalidInput, match="chưa nhận đăng ký tại nhà"):
        tell(session, world, replace(BIRTH, unit_id=world.province))


def test_a_tiding_becomes_one_request_with_the_promise_of_its_telling(session: Session, world: World) -> None:
    tell(session, world)
    tiding_id = the_only(session, world)
    with clock.travelling(datetime(2026, 11, 18, 9, tzinfo=clock.ZONE)):
        case_id = take(session, world, tiding_id)
        assert take(session, world, tiding_id) == case_id
    page = case_page(session, world.officer, case_id)
    assert (page.channel, page.call_by) == ("hamlet_head", date(2026, 11, 17))
    assert page.requested_at == datetime(2026, 11, 18, 9, tzinfo=clock.ZONE)
    [call] = deadlines_of(session, case_id)
    assert call.due_on == date(2026, 11, 17)
    settled = tiding_page(session, world.officer, tiding_id)
    assert (settled.state, settled.case_id, settled.settled_by) == ("taken", case_id, world.officer.user_id)
    assert tidings_waiting(session, world.officer) == ()


@pytest.mark.parametrize("reporter", REPORTER_WORDS)
def test_the_request_keeps_who_told(session: Session, world: World, reporter: str) -> None:
    tell(session, world)
    receipt = cases.take_tiding(
        session,
        world.officer,
        the_only(session, world),
        expected_version=1,
        form=request_of(world, channel=reporter),
    )
    assert case_page(session, world.officer, receipt.case_id).channel == reporter


def test_a_request_is_made_where_the_tiding_lies(session: Session, world: World) -> None:
    tell(session, world)
    with pytest.raises(InvalidInput, match="ở đơn vị đang giữ tin này"):
        cases.take_tiding(
            session,
            world.officer,
            the_only(session, world),
            expected_version=1,
            form=request_of(world, unit_id=world.dai_an),
        )


def test_a_dropped_tiding_keeps_its_reason_and_makes_no_request(session: Session, world: World) -> None:
    tell(session, world)
    tiding_id = the_only(session, world)
    with pytest.raises(InvalidInput, match="Ông/bà ghi lý do bỏ tin"):
        cases.drop_tiding(session, world.officer, tiding_id, expected_version=1, reason=" ")
    cases.drop_tiding(session, world.officer, tiding_id, expected_version=1, reason="Gia đình đã tự gửi")
    page = tiding_page(session, world.officer, tiding_id)
    assert (page.state, page.dropped_reason, page.version) == ("dropped", "Gia đình đã tự gửi", 2)
    for settle in (
        lambda: take(session, world, tiding_id, 2),
        lambda: cases.drop_tiding(session, world.officer, tiding_id, expected_version=1, reason="x"),
    ):
        with pytest.raises(Conflict, match="Tin này vừa có người khác xử lý"):
            settle()


def test_another_unit_has_no_such_tiding_and_a_clerk_may_not_settle_it(
    session: Session, world: World
) -> None:
    tell(session, world)
    tiding_id = the_only(session, world)
    for actor in (world.neighbour, world.clerk, world.stranger, world.administrator):
        assert tidings_waiting(session, actor) == ()
        with pytest.raises(NotFound):
            tiding_page(session, actor, tiding_id)
        with pytest.raises((NotFound, NotAllowed)):
            cases.drop_tiding(session, actor, tiding_id, expected_version=1, reason="x")
        with pytest.raises((NotFound, NotAllowed)):
            cases.take_tiding(session, actor, tiding_id, expected_version=1, form=request_of(world))
    assert tiding_page(session, world.head, tiding_id).state == "new"


@pytest.fixture
def committed(fresh_database: Settings, keyring: crypto.Keyring) -> Iterator[tuple[Settings, World, UUID]]:
    engine = create_engine(fresh_database.database_url)
    with clock.travelling(MONDAY):
        with Session(engine) as session, transaction(session):
            world = build_world(session)
            tell(session, world)
            tiding_id = the_only(session, world)
        yield fresh_database, world, tiding_id
    engine.dispose()


def test_ten_clicks_at_once_make_one_request(committed: tuple[Settings, World, UUID]) -> None:
    settings, world, tiding_id = committed
    engine = create_engine(settings.database_url, pool_size=10)

    def click(_: int) -> UUID:
        with Session(engine) as session, transaction(session):
            return take(session, world, tiding_id)

    with ThreadPoolExecutor(10) as pool:
        made = set(pool.map(click, range(10)))
    assert len(made) == 1
    with Session(engine) as session:
        assert session.execute(text("SELECT count(*) FROM case_file")).scalar_one() == 1
    engine.dispose()


def test_whoever_tells_has_words_for_every_channel_and_occasion() -> None:
    assert set(REPORTER_WORDS) == {"hamlet_head", "health_station", "pagoda", "neighbour"}
    assert set(OCCASION_WORDS) == {"birth", "death", "marriage"}
