"""Lịch nhịp: every tick in one table. A tick carries no work of its own: what is due stands in rows.

A tick that found no worker in time is dropped (`expires`, seconds), so that a stopped worker finds no pile of them.
"""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "relay the outbox, send what waits": {
        "task": "outbox.turn",
        "schedule": 2.0,
        "options": {"expires": 10, "ignore_result": True},
    },
    "remind, note overdue cases, escalate": {
        "task": "deadlines.sweep",
        "schedule": 60.0,
        "options": {"expires": 55, "ignore_result": True},
    },
    "draft apologies for visits nobody made": {
        "task": "missed_visits.draft",
        "schedule": 60.0,
        "options": {"expires": 55, "ignore_result": True},
    },
    "say that the worker lives": {
        "task": "heartbeat.beat",
        "schedule": 30.0,
        "options": {"expires": 25, "ignore_result": True},
    },
    "forget expired drafts and old failed tries": {
        "task": "forgetting.expired",
        "schedule": crontab(hour="2", minute="15"),
        "options": {"expires": 3600, "ignore_result": True},
    },
    "check that the audit is whole": {
        "task": "upkeep.check_audit",
        "schedule": crontab(hour="3", minute="5"),
        "options": {"expires": 3600, "ignore_result": True},
    },
}
