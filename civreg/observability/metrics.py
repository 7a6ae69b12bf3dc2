"""Số đo cho Prometheus: the readings in its text format, and one line per alarm."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from civreg.observability.alarms import THRESHOLDS, alarms
from civreg.observability.readings import Readings

_JOB_STATES = ("waiting", "parked")
_LETTER_STATES = ("draft", "held", "approved", "issued", "printed", "signed_sealed", "with_officer")
"""Letters that still wait for something; handed over and cancelled ones are history."""


def metrics_text(readings: Readings) -> bytes:
    """Return the readings for Prometheus; an age is +Inf when the thing never happened."""
    registry = CollectorRegistry()

    def age(since: datetime | None, absent: float) -> float:
        return (readings.at - since).total_seconds() if since else absent

    def gauge(name: str, words: str, value: float) -> None:
        Gauge(f"civreg_{name}", words, registry=registry).set(value)

    never = float("inf")
    pulse = readings.pulse
    gauge(
        "outbox_oldest_seconds",
        "Age of the oldest row the relay has not taken",
        age(readings.outbox_since, 0),
    )
    gauge("deadline_overdue_seconds", "Age of the oldest missed promise", age(readings.overdue_since, 0))
    gauge("notice_late_seconds", "How late the sweep is with a notice", age(readings.notice_due_since, 0))
    gauge(
        "worker_heartbeat_seconds",
        "Seconds since a worker last showed itself",
        age(pulse.heartbeat_at, never),
    )
    gauge("sweep_age_seconds", "Seconds since the last sweep of deadlines", age(pulse.sweep_at, never))
    gauge(
        "sweep_duration_seconds",
        "How long the last sweep of deadlines took",
        float("nan") if pulse.sweep_seconds is None else pulse.sweep_seconds,
    )
    gauge("broker_up", "Whether the broker answers", float(pulse.broker))
    gauge("backup_age_seconds", "Seconds since the last backup", age(readings.backup_at, never))
    gauge(
        "audit_check_age_seconds",
        "Seconds since the audit was checked as a whole",
        age(readings.audit_checked_at, never),
    )
    gauge(
        "audit_ok",
        "Whether the last check found the audit whole (NaN: never checked)",
        float("nan") if readings.audit_ok is None else float(readings.audit_ok),
    )
    gauge(
        "calendar_open_years",
        "Years here or near whose days off nobody has confirmed",
        float(len(readings.open_years)),
    )
    gauge(
        "rules_overtaken",
        "Corrections of an office that a newer catalogue contradicts",
        float(readings.rules_overtaken),
    )
    if readings.disk_free is not None:
        gauge("disk_free_ratio", "Free share of the data folder's disk", readings.disk_free)
    _counted(registry, "civreg_jobs", "Jobs that are not done", _JOB_STATES, dict(readings.jobs))
    _counted(registry, "civreg_letters", "Letters on their way", _LETTER_STATES, dict(readings.letters))
    ringing = {alarm.code: 1 for alarm in alarms(readings)}
    codes = tuple(threshold.code for threshold in THRESHOLDS)
    _counted(registry, "civreg_alarm", "1 while an alarm rings", codes, ringing, "code")
    return generate_latest(registry)


def _counted(
    registry: CollectorRegistry,
    name: str,
    words: str,
    labels: tuple[str, ...],
    counts: dict[str, int],
    label: str = "state",
) -> None:
    """Give every label a line, also where the count is nought: a missing line looks like a missing process."""
    family = Gauge(name, words, [label], registry=registry)
    for value in labels:
        family.labels(value).set(counts.get(value, 0))
