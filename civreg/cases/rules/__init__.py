"""Pure rules of cases: `states` (the table), `forms` (what is stated), `merging`, `codes`."""

from civreg.cases.rules.codes import (
    TRACKING_ALPHABET,
    case_code,
    new_pin,
    new_tracking_code,
    personal_number_warnings,
    plain_tracking_code,
)
from civreg.cases.rules.forms import (
    LINE_LIMIT,
    NAME_LIMIT,
    NOTE_LIMIT,
    PEOPLE_ASKED,
    PEOPLE_REQUIRED,
    ROLE_WORDS,
    ROLES,
    PersonForm,
    RequestForm,
    clean_line,
    clean_name,
    clean_personal_number,
    clean_phone,
    clean_register_number,
    clean_request,
)
from civreg.cases.rules.merging import Merge, merge_fields
from civreg.cases.rules.states import (
    ACTION_WORDS,
    ENDED,
    FLOWS,
    STATE_WORDS,
    STATES,
    Action,
    State,
    next_state,
    open_actions,
)

__all__ = [
    "ACTION_WORDS", "ENDED", "FLOWS", "LINE_LIMIT", "NAME_LIMIT", "NOTE_LIMIT", "PEOPLE_ASKED", "PEOPLE_REQUIRED", "ROLES", "ROLE_WORDS", "STATES",
    "STATE_WORDS", "TRACKING_ALPHABET", "Action", "Merge", "PersonForm", "RequestForm", "State", "case_code",
    "clean_line", "clean_name", "clean_personal_number", "clean_phone", "clean_register_number", "clean_request",
    "merge_fields", "new_pin", "new_tracking_code", "next_state", "open_actions", "personal_number_warnings",
    "plain_tracking_code",
]  # fmt: skip
