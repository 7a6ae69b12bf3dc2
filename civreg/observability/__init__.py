"""Quan sát: how the system itself is doing: logs with ids, the pulse in the broker, readings, metrics and alarms.

Nothing here holds personal data: readings are counts, ages and codes. Alarms are judged from the readings alone by a
table of thresholds (`alarms.THRESHOLDS`), so the page, the metrics and a person looking at them agree.
"""

from __future__ import annotations

from civreg.observability.alarms import Alarm, alarms
from civreg.observability.logs import configure_logging, init_app
from civreg.observability.metrics import metrics_text
from civreg.observability.pulse import Pulse, note_heartbeat, note_sweep, read_pulse
from civreg.observability.readings import Readings, take_readings

__all__ = [
    "Alarm",
    "Pulse",
    "Readings",
    "alarms",
    "configure_logging",
    "init_app",
    "metrics_text",
    "note_heartbeat",
    "note_sweep",
    "read_pulse",
    "take_readings",
]
