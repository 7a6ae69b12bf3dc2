"""Từ câu trả lời đến yêu cầu: the answers of all pages, read together.

Answers are a flat mapping input → text, the same in the draft, in the hidden boxes of the review page and in the
digest that recognises a body sent twice; so the last POST needs nothing but itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal, cast

from civreg.cases.rules import PersonForm, RequestForm
from civreg.shared.partial_date import PartialDate
from civreg.web.forms.request import Question, clean_answers, read_date, read_year, refusals

_SEX: dict[str, Literal["male", "female"]] = {
    "groom": "male",
    "bride": "female",
    "mother": "female",
    "father": "male",
}
_PEOPLE = ("child", "mother", "father", "groom", "bride", "deceased")
_RELATION_WORDS = {
    "mother": "mẹ",
    "father": "cha",
    "grandparent": "ông bà",
    "relative": "người thân",
    "other": "người nuôi dưỡng",
    "groom": "bên nam",
    "bride": "bên nữ",
    "spouse": "vợ hoặc chồng",
    "child": "con",
    "parent": "cha hoặc mẹ",
    "representative": "đại diện, người có liên quan",
    "owner": "chủ nhà",
}
_PART = "part_"
_REASON_WORDS = {"ill": "có người khuyết tật hoặc đau ốm", "far": "nhà xa, đi lại khó", "other": "khác"}


def take_all(questions: Sequence[Question], sent: Mapping[str, str]) -> dict[str, str]:
    """Return the cleaned answers to all questions out of a body or a draft."""
    found: dict[str, str] = {}
    for question in questions:
        found |= clean_answers(question, {name: sent.get(name, "") for name in question.inputs()})
    return found


def first_unanswered(
    questions: Sequence[Question], answers: Mapping[str, str], today: date
) -> Question | None:
    """Return the first page whose answer cannot be used yet, or None when everything is answered."""
    return next((one for one in questions if refusals(one, answers, today)), None)


def suggested(question: Question, answers: Mapping[str, str]) -> dict[str, str]:
    """Return what a page starts with: a parent or spouse who asks was named already; a birth has one baby."""
    found = {}
    relation = answers.get("requester_relation", "")
    name = f"{relation}_name"
    if name in question.inputs() and not answers.get(name):
        found[name] = answers.get("requester_name", "")
    if "babies" in question.inputs() and not answers.get("babies"):
        found["babies"] = "1"
    return found


def body_digest(procedure: str, answers: Mapping[str, str]) -> str:
    """Return the fingerprint of a body: the same answers, however they were typed, have the same one."""
    counted = sorted((name, text) for name, text in answers.items() if text and not name.endswith("_label"))
    return hashlib.sha256(json.dumps([procedure, counted], ensure_ascii=False).encode()).hexdigest()


def request_form(procedure: str, answers: Mapping[str, str], today: date) -> RequestForm:
    """Return the request that the answers state; they were checked before.

    Raises:
        InvalidInput: when an answer cannot be read after all.
    """
    event = next(
        (
            read_date(answers, name, today)
            for name in ("child_birth", "death_date")
            if f"{name}_year" in answers
        ),
        None,
    )
    return RequestForm(
        procedure=procedure,
        unit_id=int(answers["commune"]),
        requester_name=answers.get("requester_name", ""),
        requester_relation=_RELATION_WORDS.get(answers.get("requester_relation", ""), ""),
        phone=answers.get("phone", ""),
        hamlet=answers.get("hamlet", ""),
        address=answers.get("address", ""),
        note=_note(answers),
        interpreter_wanted=answers.get("interpreter") == "yes",
        people=tuple(person for role in _PEOPLE if (person := _person(role, answers, today))),
        event=event,
        event_hour=answers.get("birth_hour", "") or answers.get("death_hour", ""),
        place_of_event=_place_of_event(answers),
        father_unknown=answers.get("father_declared") == "no",
        death_paper_by_commune=answers.get("death_place") == "home",
        left_out_parts=left_out(answers),
        letter_consent=cast(Literal["yes", "no", "later"] | None, answers.get("letter_consent") or None),
    )


def left_out(answers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parts of a bundle that the family does without."""
    return tuple(
        name.removeprefix(_PART) for name, text in answers.items() if name.startswith(_PART) and text == "no"
    )


def request_forms(procedure: str, answers: Mapping[str, str], today: date) -> list[RequestForm]:
    """Return the request of each baby of a birth in the order they were told; of anything else, the one request.

    Raises:
        InvalidInput: when an answer cannot be read after all.
    """
    first = request_form(procedure, answers, today)
    forms, others = [first], tuple(person for person in first.people if person.role != "child")
    for number in range(2, _babies(answers) + 1):
        baby = f"child{number}"
        name, sex = answers.get(f"{baby}_name", ""), answers.get(f"{baby}_sex") or None
        child = PersonForm(
            "child",
            name,
            birth=first.event or PartialDate(precision="unknown"),
            sex=cast(Literal["male", "female"] | None, sex),
        )
        people = (child, *others) if name else others
        forms.append(replace(first, people=people, note=_note(answers, baby)))
    return forms


def _babies(answers: Mapping[str, str]) -> int:
    return {"2": 2, "3": 3}.get(answers.get("babies", ""), 1)


def callback_form(procedure: str, answers: Mapping[str, str]) -> RequestForm:
    """Return the request "Để lại số, xã gọi lại": a name, a commune, perhaps a phone."""
    return RequestForm(
        procedure=procedure,
        unit_id=int(answers["commune"]),
        requester_name=answers["caller_name"],
        phone=answers.get("phone", ""),
        callback_only=True,
        note=_note(answers),
    )


def _person(role: str, answers: Mapping[str, str], today: date) -> PersonForm | None:
    name = answers.get(f"{role}_name", "")
    if not name:
        return None
    sex = _SEX.get(role) or cast(Literal["male", "female"] | None, answers.get(f"{role}_sex") or None)
    ordinal = answers.get(f"{role}_marriage", "")
    return PersonForm(
        role=role,
        full_name=name,
        birth=_birth(role, answers, today),
        sex=sex,
        residence=answers.get(f"{role}_residence", ""),
        marriage_ordinal=int(ordinal) if ordinal else None,
    )


def _birth(role: str, answers: Mapping[str, str], today: date) -> PartialDate:
    if f"{role}_birth_day" in answers:
        return read_date(answers, f"{role}_birth", today)
    return read_year(answers, f"{role}_birth_year", today)


def _place_of_event(answers: Mapping[str, str]) -> str:
    """Return the place of birth or death; at home is the home's own address (TT 04/2020 art 31)."""
    if "home" not in (answers.get("birth_place"), answers.get("death_place")):
        return answers.get("birth_place_name", "") or answers.get("death_place_name", "")
    place = ", ".join(part for part in (answers.get("hamlet", ""), answers.get("commune_label", "")) if part)
    return f"Tại nhà: {place}" if place else "Tại nhà"


def _note(answers: Mapping[str, str], baby: str = "child") -> str:
    """Return what the officer should read before calling, in one line."""
    lines = [answers.get("tax_help", ""), answers.get("help_wanted", ""), answers.get("visit_wish", "")]
    if answers.get("child_home_address"):
        lines.append(f"Bé nhập hộ khẩu ở nơi khác: {answers['child_home_address']}.")
    if answers.get("reason_mobile"):
        reason = _REASON_WORDS.get(answers["reason_mobile"], answers["reason_mobile"])
        lines.append(f"Lý do đăng ký tại nhà: {reason}. {answers.get('reason_text', '')}".strip())
    if answers.get("phone_owner") == "neighbour":
        owner = answers.get("phone_neighbour", "")
        lines.append(f"Số gọi lại là của hàng xóm{': ' + owner if owner else ''}.")
    if answers.get("phone_owner") == "none":
        lines.append("Gia đình không có điện thoại.")
    if f"{baby}_name" in answers and not answers[f"{baby}_name"]:
        sex = {"female": " Bé gái.", "male": " Bé trai."}.get(answers.get(f"{baby}_sex", ""), "")
        lines.append(f"Em bé chưa đặt tên.{sex}")
    return " ".join(line for line in lines if line)
