"""Giấy in của hồ sơ: what leaves a case on paper or is read out over the phone, always from what is stored.

`appointment` (M01 and the tracking code), `notices` (M02, M03, M05), `apology` (M04), `control` (M06), `declarations`
(tờ khai); `office` says whose heading and signature. Every function logs the reading and changes nothing else.
"""

from civreg.cases.export.apology import apology_slip
from civreg.cases.export.appointment import PLACE_WORDS, appointment_slip, tracking_to_read_out
from civreg.cases.export.control import control_slip
from civreg.cases.export.declarations import declaration
from civreg.cases.export.notices import refusal_slip, stop_notice, supplement_slip

__all__ = [
    "PLACE_WORDS",
    "apology_slip",
    "appointment_slip",
    "control_slip",
    "declaration",
    "refusal_slip",
    "stop_notice",
    "supplement_slip",
    "tracking_to_read_out",
]
