"""Việc làm với đơn vị: load lists of units, open and close participation, keep hamlets. Nothing here commits."""

from civreg.units.service.hamlets import add_hamlet, remove_hamlet, rename_hamlet
from civreg.units.service.handing import (
    hand_over_hamlets,
    hand_over_participation,
    hold_unit,
    note_handover,
)
from civreg.units.service.loading import (
    Change,
    InvalidList,
    LoadReport,
    check_files,
    load_shipped,
    load_snapshot,
)
from civreg.units.service.participating import (
    ParticipationTerms,
    end_participation,
    start_participation,
    update_participation,
)

__all__ = [
    "Change",
    "InvalidList",
    "LoadReport",
    "ParticipationTerms",
    "add_hamlet",
    "check_files",
    "end_participation",
    "hand_over_hamlets",
    "hand_over_participation",
    "hold_unit",
    "load_shipped",
    "load_snapshot",
    "note_handover",
    "remove_hamlet",
    "rename_hamlet",
    "start_participation",
    "update_participation",
]
