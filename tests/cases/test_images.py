from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases.queries.images import family_images, image_bytes, images_of, papers_pdf
from civreg.cases.rules.photographs import MOST_OF_FAMILY, OTHER_PAPER
from civreg.cases.service import images, withdraw
from civreg.procedures import catalogue
from civreg.shared import audit
from civreg.shared.errors import Conflict, InvalidInput, NotFound, Refusal, TooMany
from tests.photographs import picture
from tests.shared.paper_reading import pages, reader
from tests.world import MARRIAGE, World, ask, version

RED, BLUE = picture("#aa2222"), picture("#2222aa", 480, 640)


@pytest.fixture
def case_id(session: Session, world: World) -> UUID:
    return ask(session, world).case_id


def add(session: Session, world: World, case_id: UUID, key: str, code: str = "birth_paper") -> UUID:
    return images.add_image(
        session, world.officer, case_id, paper_code=code, upload_key=key, picture=RED
    ).image_id


def send(session: Session, case_id: UUID, key: str, code: str = "birth_paper") -> images.Added:
    return images.add_family_image(session, case_id, paper_code=code, upload_key=key, picture=RED)


def count(session: Session, statement: str) -> int:
    return int(session.execute(text(statement)).scalar_one())


def test_the_bytes_lie_sealed_and_come_back(session: Session, world: World, case_id: UUID) -> None:
    image_id = add(session, world, case_id, "key-00001")
    sealed = session.execute(text("SELECT sealed FROM file")).scalar_one()
    assert RED.content[:64] not in bytes(sealed)
    assert image_bytes(session, world.head, case_id, image_id) == RED.content


def test_every_view_is_written_down(session: Session, world: World, case_id: UUID) -> None:
    image_id = add(session, world, case_id, "key-00001")
    add(session, world, case_id, "key-00002")
    image_bytes(session, world.officer, case_id, image_id)
    papers_pdf(session, world.head, case_id)
    session.flush()
    rows = session.execute(text("SELECT actor_id FROM read_log WHERE what = 'paper_image' ORDER BY id")).all()
    assert [row.actor_id for row in rows] == [world.officer.user_id, world.head.user_id, world.head.user_id]


def test_the_same_key_makes_one_photograph(session: Session, world: World, case_id: UUID) -> None:
    first = send(session, case_id, "key-00001")
    again = send(session, case_id, "key-00001")
    assert (first.is_new, again.is_new) == (True, False)
    assert first.image_id == again.image_id
    assert count(session, "SELECT count(*) FROM file") == 1


def test_the_same_key_with_another_photograph_is_refused(
    session: Session, world: World, case_id: UUID
) -> None:
    add(session, world, case_id, "key-00001")
    with pytest.raises(Refusal, match="một ảnh khác"):
        images.add_image(
            session,
            world.officer,
            case_id,
            paper_code="birth_paper",
            upload_key="key-00001",
            picture=BLUE,
        )


@pytest.mark.parametrize("key", ["", "short", "with blank in it", "x" * 101, "khóa-có-dấu"])
def test_a_spoilt_key_is_refused(session: Session, world: World, case_id: UUID, key: str) -> None:
    with pytest.raises(Refusal, match="Trang này đã cũ"):
        add(session, world, case_id, key)


@pytest.mark.parametrize("code", ["identity_paper", "can_cuoc", "death_paper", ""])
def test_an_identity_card_or_another_paper_is_never_taken(
    session: Session, world: World, case_id: UUID, code: str
) -> None:
    with pytest.raises(InvalidInput):
        add(session, world, case_id, "key-00001", code)
    with pytest.raises(InvalidInput):
        send(session, case_id, "key-00001", code)
    assert count(session, "SELECT count(*) FROM paper_image") == 0


def test_no_list_offers_an_identity_card(session: Session, world: World, case_id: UUID) -> None:
    offered = dict(images_of(session, world.officer, case_id).papers)
    assert set(offered) == {"birth_paper", OTHER_PAPER}
    assert dict(family_images(session, case_id).papers).keys() == {"birth_paper"}


def test_a_family_sends_only_the_paper_of_its_event(session: Session, world: World, case_id: UUID) -> None:
    with pytest.raises(InvalidInput):
        send(session, case_id, "key-00001", OTHER_PAPER)
    wedding = ask(session, world, MARRIAGE).case_id
    assert family_images(session, wedding).left == 0
    with pytest.raises(Refusal, match="không cần gửi ảnh"):
        send(session, wedding, "key-00001")


def test_a_death_paper_that_the_commune_issues_is_not_asked_of_the_family(
    session: Session, world: World, case_id: UUID
) -> None:
    session.execute(
        text("UPDATE case_file SET procedure_version = :version"),
        {"version": catalogue.procedure_of("death_at_home").versions[-1].id},
    )
    session.expire_all()
    assert dict(family_images(session, case_id).papers).keys() == {"death_paper"}
    session.execute(text("UPDATE case_file SET death_paper_by_commune = true"))
    session.expire_all()
    assert family_images(session, case_id).papers == ()


def test_a_family_leaves_six_photographs_and_no_more(session: Session, world: World, case_id: UUID) -> None:
    for number in range(MOST_OF_FAMILY):
        send(session, case_id, f"key-{number:05}")
    assert family_images(session, case_id).left == 0
    with pytest.raises(Refusal, match="đủ 6 ảnh"):
        send(session, case_id, "key-99999")
    assert not send(session, case_id, "key-00000").is_new  # a repetition is still answered
    blurred = images_of(session, world.officer, case_id).images[0].id
    images.remove_image(session, world.officer, case_id, blurred)
    assert send(session, case_id, "key-99999").is_new


def test_nothing_is_sent_to_a_case_that_ended(session: Session, world: World, case_id: UUID) -> None:
    withdraw(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        reason="Gia đình tự đi đăng ký.",
    )
    with pytest.raises(Refusal, match="không cần gửi ảnh"):
        send(session, case_id, "key-00001")


def test_tries_are_counted_for_each_case(session: Session, world: World, case_id: UUID) -> None:
    for _ in range(images.FAMILY_TRIES):
        images.expect_family_image(session, case_id, "203.0.113.7")
        session.flush()
    with pytest.raises(TooMany):
        images.expect_family_image(session, case_id, "203.0.113.8")


def test_another_unit_and_a_stranger_find_nothing(session: Session, world: World, case_id: UUID) -> None:
    image_id = add(session, world, case_id, "key-00001")
    for actor in (world.neighbour, world.clerk, world.staff, world.administrator, world.stranger):
        with pytest.raises(NotFound):
            images_of(session, actor, case_id)
        with pytest.raises(NotFound):
            image_bytes(session, actor, case_id, image_id)
        with pytest.raises(NotFound):
            papers_pdf(session, actor, case_id)
        with pytest.raises(NotFound):
            images.remove_image(session, actor, case_id, image_id)


def test_a_photograph_is_found_only_under_its_own_case(session: Session, world: World, case_id: UUID) -> None:
    image_id = add(session, world, case_id, "key-00001")
    other = ask(session, world, key="another").case_id
    with pytest.raises(NotFound):
        image_bytes(session, world.officer, other, image_id)
    with pytest.raises(NotFound):
        images.remove_image(session, world.officer, other, image_id)


def test_removing_keeps_the_row_and_the_audit(session: Session, world: World, case_id: UUID) -> None:
    image_id = add(session, world, case_id, "key-00001")
    images.remove_image(session, world.officer, case_id, image_id)
    assert images_of(session, world.officer, case_id).images == ()
    with pytest.raises(NotFound):
        image_bytes(session, world.officer, case_id, image_id)
    with pytest.raises(Conflict):
        images.remove_image(session, world.officer, case_id, image_id)
    with pytest.raises(Conflict, match="chưa có ảnh"):
        papers_pdf(session, world.officer, case_id)
    actions = session.execute(
        text("SELECT action, details FROM audit WHERE action LIKE 'image%' ORDER BY seq")
    )
    told = [(row.action, row.details["image"], row.details["paper"]) for row in actions]
    assert told == [(name, str(image_id), "birth_paper") for name in ("image_added", "image_removed")]
    assert audit.verify(session).ok


def test_one_pdf_holds_all_papers_in_the_order_of_the_procedure(
    session: Session, world: World, case_id: UUID
) -> None:
    add(session, world, case_id, "key-00001", OTHER_PAPER)
    images.add_image(
        session, world.officer, case_id, paper_code="birth_paper", upload_key="key-00002", picture=BLUE
    )
    gone = add(session, world, case_id, "key-00003")
    images.remove_image(session, world.officer, case_id, gone)
    content = papers_pdf(session, world.officer, case_id)
    code = images_of(session, world.officer, case_id).case_code
    told = pages(content)
    assert len(told) == 2
    assert f"Hồ sơ {code}. Giấy chứng sinh" in told[0]
    assert f"Hồ sơ {code}. Giấy tờ khác" in told[1]
    sheets = reader(content).pages
    assert [sheet.images[0].image.size for sheet in sheets if sheet.images[0].image] == [
        (480, 640),
        (640, 480),
    ]
    assert [(round(s.mediabox.width), round(s.mediabox.height)) for s in sheets] == [(595, 842)] * 2
