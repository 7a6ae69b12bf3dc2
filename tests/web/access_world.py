"""The people and objects of the access matrix: one of each kind in Trà Cú, one of each in another province."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4

from PIL import Image
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts.rules import Actor, Role
from civreg.cases.queries import case_page, outside_waits_of, tidings_waiting
from civreg.cases.service import (
    ask_outside,
    declare_relative,
    draft_apology,
    link_cases,
    request_papers,
    take_papers,
)
from civreg.cases.service.images import add_image
from civreg.deadlines.queries import deadlines_of
from civreg.feedback.service import tell_complaint
from civreg.letters.queries import shipped_wording
from civreg.letters.rules import Language, LetterKind
from civreg.letters.service import write_wording
from civreg.procedures.service import Decision, set_shorter_limit
from civreg.shared import clock
from civreg.shared.imaging import Picture
from civreg.units import queries
from civreg.units import service as units
from civreg.units.service import ParticipationTerms
from civreg.visits import service as visits
from civreg.visits.queries import free_slots
from civreg.work import LETTER_TEMPLATES
from tests import world as small
from tests.cases.test_tidings import tell
from tests.letters.flow import with_officer
from tests.world import REFORM, World, build_world


@dataclass(frozen=True)
class Objects:
    """Ids that paths of the matrix are filled with."""

    unit_id: int
    old_unit_id: int
    unit_code: str
    user_id: UUID
    grant_id: UUID
    case_id: UUID
    case_code: str
    visit_id: UUID
    job_id: UUID
    notice_id: UUID
    letter_id: UUID
    wording_id: UUID
    run_id: UUID
    image_id: UUID
    bundle_id: UUID
    apology_id: UUID
    tied_id: UUID
    tiding_id: UUID
    supplement_id: UUID
    book_id: UUID
    asked_id: UUID
    complaint_id: UUID
    own_rule_id: UUID
    wait_id: UUID
    move_id: UUID

    def fill(self, path: str) -> str:
        """Return the address of this unit's object."""
        return path.format(**asdict(self))


@dataclass(frozen=True)
class AccessWorld:
    """The world, and what lies in the own and in the other unit."""

    people: World
    own: Objects
    other: Objects


def build_access_world(session: Session) -> AccessWorld:
    """Make both units with one object of every kind."""
    people = build_world(session)
    small._unit(session, "79", "Tỉnh Khác", "province", None)
    foreign = small._unit(session, "79001", "Xã Khác", "commune", "79")
    terms = ParticipationTerms(hotline="028 3800 0001", office_address="Ấp 2", signer_name="Lý Thị Hai")
    units.start_participation(session, foreign, REFORM, terms)
    foreigners = replace(
        people,
        tra_cu=foreign,
        officer=small._user(session, "foreign.officer", Role.OFFICER, foreign, "Lý Văn Khác"),
        head=small._user(session, "foreign.head", Role.HEAD, foreign, "Lý Thị Hai"),
        clerk=small._user(session, "foreign.clerk", Role.LETTER_CLERK, foreign, "Lý Văn Ba"),
        administrator=small._user(session, "foreign.admin", Role.ADMINISTRATOR, foreign, "Lý Thị Tư"),
    )
    return AccessWorld(people, _objects(session, people), _objects(session, foreigners))


def _objects(session: Session, people: World) -> Objects:
    """One of each kind in the unit that `people` take for Trà Cú."""
    unit_id, officer = people.tra_cu, people.officer
    assert officer.user_id is not None
    colleague = small._user(session, f"colleague{unit_id}", Role.OFFICER, unit_id, "Đồng nghiệp")
    assert colleague.user_id is not None
    grant = accounts.grants_of(session, colleague.user_id)[0]
    asked = small.ask(session, people, unit_id=unit_id, key=f"matrix-{unit_id}")
    slot = free_slots(session, unit_id, officer.user_id, clock.today() + timedelta(days=1), 1)[0]
    visit_id = visits.book_visit(
        session,
        officer,
        case_id=asked.case_id,
        expected_version=None,
        officer_id=officer.user_id,
        starts_at=slot.starts_at,
    )
    letter = with_officer(session, people)
    run_id = session.execute(
        text("SELECT print_run_id FROM letter WHERE id = :id"), {"id": letter.id}
    ).scalar_one()
    bundle_id, apology_id = _late_bundle(session, people)
    proposed_id, asked_id = _askings(session, people, bundle_id)
    return Objects(
        unit_id=unit_id,
        old_unit_id=small.ended_unit(session, f"{unit_id}-cũ", "Xã Cũ", unit_id),
        unit_code=queries.unit_by_id(session, unit_id).code,
        user_id=colleague.user_id,
        grant_id=grant.id,
        case_id=asked.case_id,
        case_code=asked.code,
        visit_id=visit_id,
        job_id=uuid4(),
        notice_id=_notice(session, asked.case_id, unit_id),
        letter_id=letter.id,
        wording_id=_wording(session, people),
        run_id=run_id,
        image_id=add_image(
            session,
            officer,
            asked.case_id,
            paper_code="birth_paper",
            upload_key=f"matrix-{unit_id}",
            picture=_picture(),
        ).image_id,
        bundle_id=bundle_id,
        apology_id=apology_id,
        tied_id=_tied(session, people, asked.case_id),
        tiding_id=_tiding(session, people),
        book_id=visits.open_book(
            session, officer, unit_id=unit_id, kind="marriage", year=clock.today().year, label="01"
        ),
        supplement_id=proposed_id,
        asked_id=asked_id,
        complaint_id=_complaint(session, asked.case_id, visit_id),
        wait_id=_wait(session, people, bundle_id),
        move_id=_declaration(session, people, colleague, asked.case_id),
        own_rule_id=set_shorter_limit(
            session,
            people.administrator,
            unit_id=unit_id,
            procedure="birth_mobile",
            decision=Decision(3, "5/QĐ-UBND", clock.today(), clock.today()),
        ),
    )


def _complaint(session: Session, case_id: UUID, visit_id: UUID) -> UUID:
    """A complaint of the family, and the apology that a missed visit would draft."""
    session.execute(
        text(
            "INSERT INTO visit_apology (id, visit_id, missed_at, reason, state, drafted_at, version)"
            " SELECT gen_random_uuid(), id, starts_at, '', 'draft', now(), 1 FROM visit WHERE id = :id"
        ),
        {"id": visit_id},
    )
    return tell_complaint(
        session, case_id, send_key=uuid4(), visit_id=None, text="Cán bộ nói to tiếng", wants_call=False
    )


def _declaration(session: Session, people: World, colleague: Actor, case_id: UUID) -> UUID:
    """The step by which a colleague said that the family is their own."""
    declare_relative(session, colleague, case_id, expected_version=small.version(session, people, case_id))
    (said,) = case_page(session, people.head, case_id).declarations
    return said.id


def _tied(session: Session, people: World, case_id: UUID) -> UUID:
    """A case tied to the one of the matrix."""
    other = small.ask(session, people, unit_id=people.tra_cu, key=f"tied-{people.tra_cu}")
    version = small.version(session, people, case_id)
    return link_cases(
        session, people.officer, case_id, expected_version=version, other_code=other.code, kind="twin"
    )


def _picture() -> Picture:
    """A real photograph, as small as can be."""
    drawn = BytesIO()
    Image.new("RGB", (4, 3), "white").save(drawn, "JPEG")
    return Picture(drawn.getvalue(), 4, 3)


def _wording(session: Session, people: World) -> UUID:
    """A draft of the unit's own words of condolence."""
    kind, language = LetterKind.CONDOLENCE, Language.VIETNAMESE
    text = shipped_wording(kind, language, LETTER_TEMPLATES).body
    return write_wording(session, people.head, people.tra_cu, kind, language, text)


def _late_bundle(session: Session, people: World) -> tuple[UUID, UUID]:
    """A bundle whose papers were taken, with the apology that a missed date would draft."""
    form = replace(small.BIRTH, procedure="birth_bundle")
    bundle = small.ask(session, people, form, key=f"bundle-{people.tra_cu}").case_id
    small.receive(session, people, bundle)
    promise = next(row for row in deadlines_of(session, bundle) if row.kind == "part" and row.due_on)
    apology_id = draft_apology(session, promise.id)
    assert apology_id is not None
    return bundle, apology_id


def _tiding(session: Session, people: World) -> UUID:
    """What a hamlet head told and nobody settled."""
    tell(session, people)
    return tidings_waiting(session, people.officer)[0].id


def _askings(session: Session, people: World, case_id: UUID) -> tuple[UUID, UUID]:
    """A new paper after the round, waiting for the head, and the round that went out before it."""
    first, second = small.papers_of(session, people, case_id)[:2]

    def request(code: str) -> None:
        current = small.version(session, people, case_id)
        request_papers(
            session, people.officer, case_id, expected_version=current, papers=(code,), reason="Ảnh mờ"
        )

    request(first)
    current = small.version(session, people, case_id)
    take_papers(session, people.officer, case_id, expected_version=current, papers=(first,))
    request(second)
    proposed, sent = case_page(session, people.officer, case_id).supplements
    return proposed.id, sent.id


def _wait(session: Session, people: World, case_id: UUID) -> UUID:
    """A body that the case waits for."""
    ask_outside(
        session,
        people.officer,
        case_id,
        expected_version=small.version(session, people, case_id),
        body="Ủy ban nhân dân xã Long Hiệp",
        letter="Công văn số 15/UBND",
        asked_at=clock.now(),
    )
    (wait,) = outside_waits_of(session, people.officer, case_id)
    return wait.id


def _notice(session: Session, case_id: UUID, unit_id: int) -> UUID:
    """A reminder, as the sweep gives one."""
    notice_id = uuid4()
    statement = text(
        "INSERT INTO deadline_notice (id, deadline_id, case_id, unit_id, kind, due_on, for_role, given_at)"
        " SELECT :id, id, case_id, :unit, 'reminder', due_on, 'officer', :now FROM deadline"
        " WHERE case_id = :case LIMIT 1"
    )
    session.execute(statement, {"id": notice_id, "unit": unit_id, "now": clock.now(), "case": case_id})
    return notice_id
