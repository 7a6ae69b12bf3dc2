"""Bảng phân việc: which happening makes which jobs, and which service does a job.

The one place where a topic meets its work. `workers/` wraps each kind in a named Celery task; the demo maker
does the same table in its own process with `run_waiting`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.letters import service as letters
from civreg.settings import load_settings
from civreg.shared import jobs, outbox
from civreg.shared.jobs import Claimed
from civreg.statistics import service as statistics
from civreg.visits import service as visits

LETTER_TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "letters"
"""Folder of the editable words of letters."""

LISTENERS: Mapping[str, tuple[str, ...]] = {
    "apology.signed": ("letters.apologise_date",),
    "case.requested": ("statistics.fold",),
    "case.received": ("statistics.fold",),
    "case.registered": ("statistics.fold", "letters.draft"),
    "case.delivered": ("statistics.fold",),
    "case.annulled": ("statistics.fold", "letters.recall", "visits.release"),
    "case.delivery_annulled": ("statistics.fold",),
    "case.correction_opened": ("letters.draft",),
    "case.correction_closed": ("letters.draft", "letters.compare"),
    "case.closed": ("visits.release", "letters.draft"),
    "case.linked": ("letters.draft",),
    "case.unlinked": ("letters.draft",),
    "letter.approved": ("letters.issue",),
    "letter.handed_over": ("statistics.fold", "letters.note_told"),
    "letter.returned": ("statistics.fold", "letters.note_told"),
    "deadline.due_today": ("cases.apologise",),
    "deadline.breached": ("cases.apologise",),
    "visit.apology_signed": ("letters.apologise_trip",),
    "visit.booked": ("letters.schedule",),
    "visit.done": ("letters.schedule",),
}
"""Topic → kinds of job it makes."""

UNHEARD = frozenset({"case.called", "case.part_done", "case.papers_requested", "letter.issued"})
"""Topics that are published for the record and for what comes later; no job follows from them today."""


def _draft_letter(session: Session, job: Claimed) -> None:
    letters.draft_earned_letter(session, job.subject_id)


def _apologise_for_date(session: Session, job: Claimed) -> None:
    letters.apologise_for_date(
        session,
        job.subject_id,
        UUID(job.payload["apology_id"]),
        job.payload.get("missed_hour", ""),
        ahead=job.payload.get("ahead", False),
    )


def _apologise_for_trip(session: Session, job: Claimed) -> None:
    letters.apologise_for_trip(
        session, job.subject_id, [UUID(case_id) for case_id in job.payload["case_ids"]]
    )


def _note_told(session: Session, job: Claimed) -> None:
    letters.note_told(session, job.subject_id)


def _recall_letters(session: Session, job: Claimed) -> None:
    letters.recall_letters(session, job.subject_id)


def _compare_letters(session: Session, job: Claimed) -> None:
    letters.compare_letters(session, job.subject_id)


def _issue_letters(session: Session, job: Claimed) -> None:
    """Issue a letter, or a pile of them in one commit; a pile that failed once is taken apart.

    So one letter that kills its worker does not keep the rest of its pile from their numbers.
    """
    pile = [UUID(letter_id) for letter_id in job.payload.get("letter_ids", ())] or [job.subject_id]
    if job.attempts > 1 and len(pile) > 1:
        alone = {key: value for key, value in job.payload.items() if key != "letter_ids"}
        for (
            letter_id
        ) in pile:  # the pile's own key is that of its first letter, so these have another ordinal
            jobs.enqueue(session, job.kind, letter_id, ordinal=-job.ordinal, payload=alone)
        return  # nothing is issued here: what fails again must not take the new jobs along
    letters.issue_pile(session, pile, LETTER_TEMPLATES, _confirm_at())


@lru_cache(maxsize=1)
def _confirm_at() -> str:
    """Return the address that the code of a letter is put after, as its QR code carries it."""
    return f"{load_settings().base_url}/kiem-tra-thu/"


def _schedule_letters(session: Session, job: Claimed) -> None:
    letters.note_visits(session, [UUID(case_id) for case_id in job.payload["case_ids"]])


def _fold_event(session: Session, job: Claimed) -> None:
    statistics.fold_event(session, job.ordinal, job.payload["topic"], job.subject_id, job.payload)


def _draft_apology(session: Session, job: Claimed) -> None:
    cases.draft_apology(session, UUID(job.payload["deadline_id"]))


def _release_visits(session: Session, job: Claimed) -> None:
    visits.release_case(session, job.subject_id)


BODIES: dict[str, Callable[[Session, Claimed], None]] = {
    "cases.apologise": _draft_apology,
    "letters.apologise_date": _apologise_for_date,
    "letters.apologise_trip": _apologise_for_trip,
    "letters.compare": _compare_letters,
    "letters.draft": _draft_letter,
    "letters.issue": _issue_letters,
    "letters.note_told": _note_told,
    "letters.recall": _recall_letters,
    "letters.schedule": _schedule_letters,
    "statistics.fold": _fold_event,
    "visits.release": _release_visits,
}
"""Kind of job → what does it, inside the job's transaction."""


def do_job(session: Session, job: Claimed) -> None:
    """Do one claimed job and mark it done; the caller's transaction commits both together."""
    BODIES[job.kind](session, job)
    jobs.finish(session, job.id)


def run_waiting(session: Session, limit: int = 10_000) -> int:
    """Relay what happened and do every waiting job here, in the caller's transaction; return how many were done.

    For the demo maker and for tests under a travelling clock: a failing job is not put aside, it stops the caller.
    """
    done = 0
    while done < limit:
        relayed = outbox.relay(session, LISTENERS)
        leased = jobs.lease(session, limit=min(200, limit - done))
        for job_id, _kind in leased:
            claimed = jobs.claim(session, job_id)
            if claimed is not None:
                do_job(session, claimed)
                done += 1
        if not relayed and not leased:
            break
    return done
