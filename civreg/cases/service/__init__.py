"""Verbs of cases, one file per group: `requesting`, `changing`, `receiving`, `registering`, `closing`, `drafts`."""

from civreg.cases.service.annulling import annul_registration
from civreg.cases.service.apologies import (
    SENT_HOW,
    TOLD_HOW,
    Told,
    draft_apology,
    foresee_late,
    proposed_day,
    send_apology,
    settle_told_by_letter,
    sign_apology,
)
from civreg.cases.service.changing import Changed, change_case, move_for_visit, note_call
from civreg.cases.service.circumstances import note_circumstances
from civreg.cases.service.closing import decline_home_service, refuse, transfer, withdraw
from civreg.cases.service.conflicts import declare_relative, take_back_relative
from civreg.cases.service.correcting import CorrectionForm, close_correction, open_correction
from civreg.cases.service.door import SETTLED, change_door
from civreg.cases.service.drafts import forget_draft, forget_expired_drafts, load_draft, save_draft
from civreg.cases.service.links import (
    add_twin,
    link_cases,
    start_marriage,
    submit_births,
    unlink_cases,
)
from civreg.cases.service.outside import ask_outside, note_answer
from civreg.cases.service.parts import (
    ACCOUNTS,
    finish_part,
    give_up_part,
    note_part_checked,
    refuse_part,
    return_part,
    submit_part,
    tell_received,
)
from civreg.cases.service.receiving import receive_dossier
from civreg.cases.service.recounting import CalendarMoves, MovesChanged, calendar_moves, move_promises
from civreg.cases.service.registering import (
    REGISTER_DAY,
    await_personal_number,
    deliver,
    enter_numbers,
    sign,
)
from civreg.cases.service.requesting import submit_request
from civreg.cases.service.succeeding import (
    hand_over_apologies,
    hand_over_cases,
    hand_over_tidings,
    note_handed_over,
)
from civreg.cases.service.supplements import decide_supplement, note_slip_out, request_papers, take_papers
from civreg.cases.service.tidings import drop_tiding, take_tiding, tell_tiding

__all__ = [
    "ACCOUNTS",
    "REGISTER_DAY",
    "SENT_HOW",
    "SETTLED",
    "TOLD_HOW",
    "CalendarMoves",
    "Changed",
    "CorrectionForm",
    "MovesChanged",
    "Told",
    "add_twin",
    "annul_registration",
    "ask_outside",
    "await_personal_number",
    "calendar_moves",
    "change_case",
    "change_door",
    "close_correction",
    "decide_supplement",
    "declare_relative",
    "decline_home_service",
    "deliver",
    "draft_apology",
    "drop_tiding",
    "enter_numbers",
    "finish_part",
    "foresee_late",
    "forget_draft",
    "forget_expired_drafts",
    "give_up_part",
    "hand_over_apologies",
    "hand_over_cases",
    "hand_over_tidings",
    "link_cases",
    "load_draft",
    "move_for_visit",
    "move_promises",
    "note_answer",
    "note_call",
    "note_circumstances",
    "note_handed_over",
    "note_part_checked",
    "note_slip_out",
    "open_correction",
    "proposed_day",
    "receive_dossier",
    "refuse",
    "refuse_part",
    "request_papers",
    "return_part",
    "save_draft",
    "send_apology",
    "settle_told_by_letter",
    "sign",
    "sign_apology",
    "start_marriage",
    "submit_births",
    "submit_part",
    "submit_request",
    "take_back_relative",
    "take_papers",
    "take_tiding",
    "tell_received",
    "tell_tiding",
    "transfer",
    "unlink_cases",
    "withdraw",
]  # fmt: skip
