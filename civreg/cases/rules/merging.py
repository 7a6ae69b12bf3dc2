"""Ghép sửa đổi: two people edit one case; only the same field, changed to different values, is a conflict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Merge:
    """What becomes of a form that was opened at an older version of the case.

    Attributes:
        accepted: field → the new value to write.
        clashing: fields that both people changed to different values.
        others_changed: fields that the other person changed and this form did not touch.
    """

    accepted: dict[str, str]
    clashing: tuple[str, ...]
    others_changed: tuple[str, ...]


def merge_fields(before: Mapping[str, str], stored: Mapping[str, str], sent: Mapping[str, str]) -> Merge:
    """Merge a form field by field: only a field that both changed, and differently, is a conflict.

    Args:
        before: the values the form was opened with.
        stored: the values in the database now.
        sent: the values the person sends.
    """
    touched = {name for name in sent if sent[name] != before.get(name, "")}
    moved = {name for name in sent if stored.get(name, "") != before.get(name, "")}
    clashing = {name for name in touched & moved if sent[name] != stored.get(name, "")}
    return Merge(
        accepted={name: sent[name] for name in touched - clashing},
        clashing=tuple(sorted(clashing)),
        others_changed=tuple(sorted(moved - touched)),
    )
