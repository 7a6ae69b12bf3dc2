"""Quy định riêng: what an office sets beside a shipped version, and the version that holds with it. Pure.

A local decision (quyết định rút ngắn) makes the limit of the whole, or of the main part, shorter; never longer. A
correction (sửa quy định) replaces one value that the catalogue marks C or D, with a source of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from civreg.procedures.rules.legal import Certainty, Grounded, LegalText
from civreg.procedures.rules.limits import HOUR_KINDS, FewerParts, Limit, limit_sentence
from civreg.procedures.rules.rewording import reworded
from civreg.procedures.rules.shapes import ProcedureVersion
from civreg.shared.text import two_digits

SHORTER_LIMIT = "shorter_limit"
"""The rule that a local decision changes; every other rule is the path of a `RuleItem`."""

CORRECTABLE: frozenset[Certainty] = frozenset({"C", "D"})
"""Certainties of a value that an administrator may correct."""

Form = Literal["limit", "days", "words", "lines", "codes", "yes_no", ""]
"""How a correction is written: a term, a number of days, a sentence, sentences one a line, or codes of the portal."""


_BOTH = "Hai bên cùng có mặt và cùng ký; không ủy quyền."

_TERM = ("kind", "days", "hours", "verification_days")
"""What a correction of a limit replaces; from where it counts and what lengthens it stays as it is."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """Một quy định riêng đang áp dụng: which rule of a version, what instead, and where that is written.

    Attributes:
        rule: `SHORTER_LIMIT` or the path of a `RuleItem`.
        values: `days` of a decision; `kind`, `days`, `hours`, `verification_days` of a limit; `days` or `words` (of "who" one
            line a sentence) of others.
        source: the decision or text, as printed in a reason.
        certainty: how sure the source is.
    """

    rule: str
    values: Mapping[str, Any]
    source: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class RuleItem:
    """Một quy định của một phiên bản, as the page of rules shows it.

    Attributes:
        path: its place in the version ("parts.residence.limit"); stable, an office's correction names it.
        title: what it is about.
        words: what it says, each a sentence.
        source: where it is written, in one line.
        certainty: how sure that is.
        legal_basis: its documents and articles; none of what an office put there itself.
        read_in: where it was read when not in the text itself, or what of it was not read.
        form: how a correction of it is written; empty where none is possible.
        value: what a correction would replace.
    """

    path: str
    title: str
    words: tuple[str, ...]
    source: str
    certainty: Certainty
    legal_basis: tuple[LegalText, ...] = ()
    read_in: str = ""
    form: Form = ""
    value: Mapping[str, Any] | None = None

    @property
    def correctable(self) -> bool:
        """Say whether an administrator may write another value (only C and D)."""
        return bool(self.form) and self.certainty in CORRECTABLE

    def snapshot(self) -> dict[str, Any]:
        """Return what a person saw who corrected it, to notice when a later catalogue says something else."""
        return {
            "words": list(self.words),
            "source": self.source,
            "certainty": self.certainty,
            "value": self._said(),
        }

    def says_what(self, seen: Mapping[str, Any]) -> bool:
        """Tell whether it still says what a stored `snapshot` says: the same value, as sure as then.

        How its source is named, and why a day is not known, may be told in other words: that is no other rule. A snapshot
        of before 11/2026 has no value; its sentences are compared then.
        """
        if seen["certainty"] != self.certainty:
            return False
        if "value" in seen:
            return bool(seen["value"] == self._said())
        if self.form in ("limit", "days"):
            return [*map(_without_reason, seen["words"])] == [*map(_without_reason, self.words)]
        return tuple(seen["words"]) == self.words

    def _said(self) -> dict[str, Any]:
        """Return the part of the value that a correction replaces; the reasons beside a term are no part of it."""
        value = self.value or {}
        return {name: value.get(name) for name in _TERM} if self.form == "limit" else dict(value)


def _without_reason(words: str) -> str:
    """Return a term or a number of days in words without why it is not known, or only carried over."""
    for reason in ("Thời hạn chưa xác nhận:", "Chưa xác nhận:", " Tạm tính:"):
        words = words.partition(reason)[0]
    return words


def headline(version: ProcedureVersion) -> Limit:
    """Return the limit that a local decision shortens: of the whole where a text sets one, else of the main part."""
    return version.overall or version.main_part.limit


def shorter_limit_problem(version: ProcedureVersion, days: int) -> str:
    """Return why a unit cannot promise that many working days under a version, or an empty text."""
    limit = headline(version)
    if limit.kind == "same_day":
        return "Luật đã buộc trả kết quả ngay trong ngày nên không rút ngắn thêm được."
    if limit.kind == "none":
        return "Pháp luật không đặt thời hạn cho việc này nên không có gì để rút ngắn."
    if limit.kind in HOUR_KINDS:
        return "Luật tính thời hạn này bằng giờ nên không rút ngắn theo ngày được."
    if limit.kind != "working_days" or limit.days is None:
        return "Thời hạn theo luật của thủ tục này chưa xác nhận nên chưa biết số ngày nào là ngắn hơn."
    if days >= limit.days:
        return (
            f"Thời hạn riêng phải ngắn hơn thời hạn theo luật ({two_digits(limit.days)} ngày làm việc). "
            f"Ông/bà ghi từ 1 đến {limit.days - 1}."
        )
    return ""


def amended(version: ProcedureVersion, amendments: Iterable[Amendment]) -> ProcedureVersion:
    """Return the version as it holds where these amendments do; its id stays.

    Corrections come first: a decision shortens the corrected limit. What does not fit the version (a part it no longer
    has, a limit that is not longer) changes nothing.
    """
    for amendment in sorted(amendments, key=lambda one: one.rule == SHORTER_LIMIT):
        version = (
            _shortened(version, amendment)
            if amendment.rule == SHORTER_LIMIT
            else _corrected(version, amendment)
        )
    return version


def _shortened(version: ProcedureVersion, decision: Amendment) -> ProcedureVersion:
    days = int(decision.values["days"])
    if shorter_limit_problem(version, days):
        return version
    said = {"office_days": days, "office_decision": decision.source}
    if version.overall is not None:
        return version.model_copy(update={"overall": version.overall.model_copy(update=said)})
    main = version.main_part
    main = main.model_copy(update={"limit": main.limit.model_copy(update=said)})
    return version.model_copy(update={"parts": (main, *version.parts[1:])})


def _corrected(version: ProcedureVersion, made: Amendment) -> ProcedureVersion:
    written = {"legal_basis": (), "read_in": "", "source": made.source, "certainty": made.certainty}
    match made.rule.split("."):
        case ["parts", code, "limit"]:
            parts = tuple(
                part.model_copy(update={"limit": _limit(part.limit, made.values), **written})
                if part.code == code
                else part
                for part in version.parts
            )
            return version.model_copy(update={"parts": parts})
        case ["parts", code, "family_deadline"]:
            update = {"days": int(made.values["days"]), **written}
            parts = tuple(
                part.model_copy(update={"family_deadline": part.family_deadline.model_copy(update=update)})
                if part.code == code and part.family_deadline is not None
                else part
                for part in version.parts
            )
            return version.model_copy(update={"parts": parts})
        case ["overall", "limit"] if version.overall is not None:
            overall = version.overall.model_copy(update={**_term(made.values), **written})
            return version.model_copy(update={"overall": overall})
        case ["overall", "fewer", parts] if version.overall is not None:
            update = {"days": int(made.values["days"]), **written}
            fewer = tuple(
                one.model_copy(update=update) if "+".join(one.parts) == parts else one
                for one in version.overall.fewer
            )
            return version.model_copy(update={"overall": version.overall.model_copy(update={"fewer": fewer})})
        case ["recognition", "limit"] if version.recognition is not None:
            update = {"limit": _limit(version.recognition.limit, made.values), **written}
            return version.model_copy(update={"recognition": version.recognition.model_copy(update=update)})
        case ["citizen_deadline", "days"] if version.citizen_deadline is not None:
            update = {"days": int(made.values["days"]), "why": "", **written}
            return version.model_copy(
                update={"citizen_deadline": version.citizen_deadline.model_copy(update=update)}
            )
        case ["both_present"]:
            said = Grounded(source=made.source, certainty=made.certainty)
            grounds = {**version.grounds, "both_present": said}
            return version.model_copy(update={"both_present": bool(made.values["holds"]), "grounds": grounds})
    return reworded(version, made.rule, str(made.values.get("words", "")), made.source, made.certainty)


def _limit(limit: Limit, values: Mapping[str, Any]) -> Limit:
    return limit.model_copy(update=_term(values))


def _term(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: values.get(name) for name in _TERM}, "provisional": "", "why": ""}


def items_of(version: ProcedureVersion) -> tuple[RuleItem, ...]:
    """Return every rule of a version in reading order: limits, the family's days, fees, reasons, papers, the rest."""
    return (*_limits(version), *_of_families(version), *_of_the_office(version))


def _item(
    path: str,
    title: str,
    words: Iterable[str],
    written: Grounded,
    form: Form = "",
    value: Mapping[str, Any] | None = None,
) -> RuleItem:
    return RuleItem(
        path,
        title,
        tuple(words),
        written.source,
        written.certainty,
        written.legal_basis,
        written.read_in,
        form,
        value,
    )


def _worded(path: str, title: str, words: str, written: Grounded) -> RuleItem:
    """Return a rule that is one sentence, which an office may say otherwise."""
    return _item(path, title, (words,), written, "words", {"words": words})


def _limit_item(path: str, title: str, limit: Limit, written: Grounded) -> RuleItem:
    value = limit.model_dump(mode="json", include=set(Limit.model_fields))
    return _item(path, title, (limit_sentence(limit),), written, "limit", value)


def _limits(version: ProcedureVersion) -> list[RuleItem]:
    many = len(version.parts) > 1
    found = [
        _limit_item(
            f"parts.{part.code}.limit",
            f"Thời hạn: {part.title_vi} ({part.agency})" if many else f"Thời hạn ({part.agency})",
            part.limit,
            part,
        )
        for part in version.parts
    ]
    if (whole := version.overall) is not None:
        found.append(_limit_item("overall.limit", "Thời hạn cả hồ sơ", whole, whole))
        found += [_fewer_parts(version, one) for one in whole.fewer]
    if (combined := version.recognition) is not None:
        title = "Thời hạn khi kết hợp nhận cha, mẹ, con"
        found.append(_limit_item("recognition.limit", title, combined.limit, combined))
    return found


def _fewer_parts(version: ProcedureVersion, rule: FewerParts) -> RuleItem:
    chosen = [part.title_vi for part in version.parts if part.code in rule.parts]
    words = f"Trong {two_digits(rule.days)} ngày làm việc."
    title = f"Thời hạn cả hồ sơ khi chỉ làm {', '.join(chosen)}"
    return _item(f"overall.fewer.{'+'.join(rule.parts)}", title, (words,), rule, "days", {"days": rule.days})


def _of_families(version: ProcedureVersion) -> list[RuleItem]:
    found = []
    if (own := version.citizen_deadline) is not None:
        event = {"birth": "ngày sinh", "death": "ngày mất"}[own.counts_from]
        words = f"Trong {own.days} ngày từ {event}." if own.days else f"Chưa xác nhận: {own.why}"
        title = "Gia đình đăng ký đúng hạn"
        found.append(_item("citizen_deadline.days", title, (words,), own, "days", {"days": own.days}))
    found += [
        _item(
            f"parts.{part.code}.family_deadline",
            f"Gia đình làm {part.title_vi.lower()} đúng hạn",
            (f"Trong {until.days} ngày từ ngày đăng ký khai sinh; quá ngày vẫn làm được.",),
            until,
            "days",
            {"days": until.days},
        )
        for part in version.parts
        if (until := part.family_deadline) is not None
    ]
    found.append(_worded("cost", "Lệ phí", version.cost, version.grounds_of("cost")))
    found += [
        _item(
            f"fee_reliefs.{one.code}",
            "Miễn, giảm lệ phí",
            (one.sentence,),
            one,
            "words",
            {"words": one.words},
        )
        for one in version.fee_reliefs
    ]
    if (late := version.late_fee) is not None:
        title = "Mức lệ phí khi quá hạn"
        found.append(_worded("late_fee", title, late.words, late))
    who = version.who_may_ask
    value = {"words": "\n".join(who)}
    found.append(_item("who", "Ai được yêu cầu", who, version.grounds_of("who"), "lines", value))
    found.append(_worded("competent", "Nơi có thẩm quyền", version.competent.words, version.competent))
    if (choice := version.choice) is not None:
        found.append(_worded("choice", "Được chọn thủ tục thành phần", choice.words, choice))
    return [*found, *_papers(version), *_not_asked(version)]


def _papers(version: ProcedureVersion) -> list[RuleItem]:
    special = {paper.code for paper in version.special_papers}
    return [
        _worded(
            f"papers.{paper.code}",
            "Giấy tờ khi có hoàn cảnh riêng" if paper.code in special else "Giấy tờ cần có",
            f"{paper.title} {paper.advice}".strip(),
            paper.grounds(version.grounds_of("papers")),
        )
        for paper in (*version.papers, *version.special_papers)
    ]


def _not_asked(version: ProcedureVersion) -> list[RuleItem]:
    return [
        _item(
            f"never_ask.{rule.what}",
            "Không được hỏi",
            (rule.sentence,),
            rule.grounds(version.grounds_of("never_ask")),
            "words",
            {"words": rule.said or rule.what},
        )
        for rule in version.never_ask
    ]


def _of_the_office(version: ProcedureVersion) -> list[RuleItem]:
    found = [
        _worded(f"eligibility.{one.code}", "Lý do lưu động", one.words, one) for one in version.eligibility
    ]
    if (conflict := version.conflict) is not None:
        found.append(_worded("conflict", "Ai không được đăng ký", conflict.words, conflict))
    found += [_worded(f"warnings.{one.code}", "Xem lại khi khai", one.words, one) for one in version.warnings]
    if remark := version.register_remark:
        words = (f"Cột Ghi chú của sổ: “{remark}”.",)
        written = version.grounds_of("register_remark")
        found.append(_item("register_remark", "Ghi chú trong sổ", words, written, "words", {"words": remark}))
    if version.both_present or "both_present" in version.grounds:
        words = (_BOTH if version.both_present else "Không buộc hai bên cùng có mặt.",)
        written, holds = version.grounds_of("both_present"), {"holds": version.both_present}
        found.append(_item("both_present", "Có mặt khi đăng ký", words, written, "yes_no", holds))
    results = tuple(f"{part.result_paper}." for part in version.parts)
    written, value = version.grounds_of("results"), {"words": "\n".join(results)}
    found.append(_item("results", "Giấy tờ kết quả", results, written, "lines", value))
    if version.portal_codes:
        codes = ", ".join(version.portal_codes)
        title, words = "Mã trên Cổng Dịch vụ công quốc gia", (f"{codes} ({version.official_name}).",)
        written = version.grounds_of("portal_codes")
        found.append(_item("portal_codes", title, words, written, "codes", {"words": codes}))
    return found


def item_of(version: ProcedureVersion, path: str) -> RuleItem | None:
    """Return one rule by its path, or None."""
    return next((item for item in items_of(version) if item.path == path), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """Một chỗ khác nhau giữa hai phiên bản; empty words where there is no such rule."""

    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    certainty: Certainty


def differences(before: ProcedureVersion, after: ProcedureVersion) -> tuple[Difference, ...]:
    """Return what the later version says otherwise, in reading order: rules by their path, then the legal texts."""
    old, new = {item.path: item for item in items_of(before)}, {item.path: item for item in items_of(after)}
    found = [
        Difference(item.title, old[path].words if path in old else (), item.words, item.certainty)
        for path, item in new.items()
        if path not in old or old[path].words != item.words
    ]
    found += [
        Difference(item.title, item.words, (), after.certainty)
        for path, item in old.items()
        if path not in new
    ]
    texts_before, texts_after = (
        tuple(f"{text.words}." for text in one.legal_basis) for one in (before, after)
    )
    if texts_before != texts_after:
        gone = tuple(words for words in texts_before if words not in texts_after)
        come = tuple(words for words in texts_after if words not in texts_before)
        found.append(Difference("Căn cứ pháp lý", gone, come, after.certainty))
    return tuple(found)
