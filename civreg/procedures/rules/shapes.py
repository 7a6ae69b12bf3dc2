"""Hình dạng của một thủ tục: what a catalogue file may say, checked strictly when it is read.

Every rule carries its source and its certainty (A primary text or official portal … D recalled or inferred).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from civreg.procedures.rules.legal import Frozen, Grounded, OwnGrounds
from civreg.procedures.rules.limits import CitizenDeadline, Limit, OverallLimit, PartDeadline
from civreg.shared.errors import Refusal
from civreg.shared.text import format_date_vi

Occasion = Literal["birth", "death", "marriage", "tax", "assistance"]
"""Chuyện trong gia đình; `assistance` is any help that registers nothing, so that a new one needs no code."""
Circumstance = Literal[
    "recognition",
    "abandoned",
    "lived_under_a_day",
    "stillborn_sibling",
    "parent_detained",
    "death_paper_by_commune",
    "cause_of_death",
]
"""Hoàn cảnh: what an officer may note about a case beside its form; which of them, the catalogue says."""
LinkKind = Literal["twin", "marriage_before_birth", "mother_and_child", "birth_and_death"]
"""Cách nối hai hồ sơ; which of them, the catalogue says."""
Signer = Literal["requester", "groom", "bride"]
SlipName = Literal[
    "declaration", "appointment_slip", "supplement_slip", "refusal_slip", "stop_notice", "control_slip"
]
"""Phiếu in được của một hồ sơ; apologies are none of them: they belong to every promise, whatever the procedure."""
ReportLine = Literal[
    "requested",
    "received",
    "registered",
    "registered_on_time",
    "registered_late",
    "late_registration",
    "delivered",
]
"""Dòng số liệu của một thủ tục; letters are counted for themselves, by their occasion."""
_REGISTERS = frozenset({"registered", "registered_on_time", "registered_late", "late_registration"})


class PartRule(Grounded):
    """Thủ tục thành phần: one procedure inside a case, with the agency that answers for it."""

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    title_vi: str
    agency: str
    limit: Limit
    result_paper: str
    optional: bool = False
    family_deadline: PartDeadline | None = None


class Paper(OwnGrounds):
    """Giấy tờ cần có sẵn, in plain words.

    Attributes:
        code: as a case keeps it.
        title: what it is.
        note: when it is not needed, or how it may look.
        substitutes: what serves instead when the family does not have it, each a part of a sentence.
        from_family: False for a paper that an authority makes itself; the family is never asked for it.
    """

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    title: str
    note: str = ""
    substitutes: tuple[str, ...] = ()
    from_family: bool = True

    @property
    def advice(self) -> str:
        """Return what stands beside the title: what serves instead, then the note."""
        instead = f"Không có thì dùng {', hoặc '.join(self.substitutes)}." if self.substitutes else ""
        return f"{instead} {self.note}".strip()


class SpecialPaper(Paper):
    """Giấy tờ của một hoàn cảnh: asked for under one circumstance only, in the place of another paper if it says so.

    Attributes:
        when: the circumstance, one of `Circumstance`.
        replaces: code of the paper that is not asked for then; empty when it comes beside the others.
    """

    when: Circumstance
    replaces: str = ""


class Recognition(Grounded):
    """Khai sinh kết hợp nhận cha, mẹ, con: the same form with another name and another limit for the main part."""

    official_name: str
    portal_code: str
    limit: Limit


class EligibleReason(Grounded):
    """Lý do được đăng ký lưu động: why the registration goes to the family (TT 04/2020/TT-BTP art 24).

    Attributes:
        code: as a case keeps it, sealed.
        words: the reason as the circular gives it.
        decided: the office decides by local conditions (art 24.2); who decided and why is written down then.
    """

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    words: str
    decided: bool = False


class NeverAsk(OwnGrounds):
    """Điều không được hỏi gia đình; `since` where it holds only from a day within the version.

    `said` is what an office says instead; never in a catalogue file. A catalogue file may write it as one text; its grounds are the version's then.
    """

    what: str = Field(min_length=3)
    said: str = ""
    since: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_one_text(cls, given: Any) -> Any:
        return {"what": given} if isinstance(given, str) else given

    @property
    def sentence(self) -> str:
        """Return it as a sentence, with its first day, once."""
        words = self.said or self.what
        first_day = f"(từ {format_date_vi(self.since)})" if self.since else ""
        return words if first_day in words else f"{words.rstrip('.')} {first_day}."


class Worded(Grounded):
    """Một quy định bằng lời: where the competent commune is, or what a late family pays."""

    words: str = Field(min_length=3)


class FeeRelief(Worded):
    """Miễn, giảm lệ phí có thời hạn: what is not paid, or less, from a day to a day (both included) within the version."""

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    since: date
    until: date

    @property
    def sentence(self) -> str:
        """Return it as a sentence with its days."""
        days = f"từ {format_date_vi(self.since)} đến hết {format_date_vi(self.until)}"
        return self.words if days in self.words else f"{self.words.rstrip('.')} ({days})."


class PartChoice(Worded):
    """Được chọn thủ tục thành phần: of a bundle the family may leave out what is optional, down to a number of parts.

    Attributes:
        words: what there is to choose from, and where to go for the registration alone; for families.
        at_least: how many parts make it a bundle, the registering one with them.
    """

    at_least: int = Field(ge=2)


class Warned(Worded):
    """Điều được kiểm tra khi khai: what a check looks at, in words; `code` is the check's name."""

    code: str


GroundsOf = Literal[
    "who", "cost", "papers", "never_ask", "register_remark", "both_present", "results", "portal_codes", "rest"
]
"""Rules of a version that are plain words or marks; each may name its own legal basis under `grounds`.

`rest` stands for those that a version does not name."""


class ProcedureVersion(Grounded):
    """Một phiên bản của thủ tục: everything that holds from `effective_from` to `effective_to` (both included).

    Attributes:
        procedure: code of the procedure.
        id: code and first day, as a case stores it ("birth_mobile@2025-07-01").
        title_vi: name on family pages.
        official_name: name on the national portal.
        portal_codes: codes on the national public-service portal (DVCQG), may be empty.
        form: ordinary (hình thức thường) or mobile (lưu động).
        flow: which state table a case follows.
        occasion: what happened in the family.
        parts: thủ tục thành phần, the one that registers first.
        overall: limit of the whole where a text sets one.
        choice: which of the parts a family may leave out, or None where it takes all of them.
        citizen_deadline: until when the family is on time, or None.
        eligibility: the reasons that a mobile registration may have; none for the ordinary form.
        signers: who signs the declaration and, in a mobile registration, the register.
        both_present: whether it is registered only while both parties are there (Luật Hộ tịch 2014 art 18.2).
        who_may_ask: plain sentences; nobody is refused by them alone (TT 04/2020 art 24.2).
        competent: which commune may do it.
        papers: what to have ready.
        never_ask: what the office may not ask for.
        cost: what it costs, in plain words.
        fee_reliefs: what is not paid for some days, beside what it costs.
        conflict: who may not register it (their own family), or None where nothing is registered.
        late_fee: the amount for a family that is late, where there is such a fee.
        letter: which letter a final registration earns, or None.
        needs_personal_number: whether the register waits for a số định danh.
        questions: ids of the short question pages of the family form, in order.
        declaration: which tờ khai is filled from the case and signed at the door, or None.
        circumstances: what an officer may note about a case of this procedure.
        special_papers: papers that only a circumstance asks for.
        recognition: how a birth is registered together with the recognition of a parent, or None.
        links: how a case of this procedure may be tied to another.
        marriage_first: procedure of the marriage that unmarried parents may register before the birth; may be empty.
        register_remark: what the column Ghi chú of the register says, or empty.
        slips: which papers can be printed from a case of this procedure, each where the case stands for it.
        report_lines: on which lines of the figures its cases count; the others do not exist for it.
        checks: names of the checks that look at the answers.
        warnings: what those checks look at, in words; put in by the loader.
        grounds: legal basis of the rules that are plain words; one that is not named stands on the version's own.
    """

    procedure: str
    id: str
    effective_from: date
    effective_to: date | None = None
    title_vi: str
    official_name: str
    portal_codes: tuple[str, ...] = ()
    form: Literal["ordinary", "mobile"]
    flow: Literal["registration", "assistance"]
    occasion: Occasion
    parts: tuple[PartRule, ...] = Field(min_length=1)
    overall: OverallLimit | None = None
    choice: PartChoice | None = None
    citizen_deadline: CitizenDeadline | None = None
    eligibility: tuple[EligibleReason, ...] = ()
    signers: tuple[Signer, ...] = ()
    both_present: bool = False
    who_may_ask: tuple[str, ...] = Field(min_length=1)
    competent: Worded
    papers: tuple[Paper, ...]
    never_ask: tuple[NeverAsk, ...] = ()
    cost: str
    fee_reliefs: tuple[FeeRelief, ...] = ()
    conflict: Worded | None = None
    late_fee: Worded | None = None
    letter: Literal["congratulation_birth", "congratulation_marriage", "condolence"] | None = None
    declaration: Literal["birth", "death", "marriage"] | None = None
    needs_personal_number: bool
    questions: tuple[str, ...] = Field(min_length=1)
    circumstances: tuple[Circumstance, ...] = ()
    special_papers: tuple[SpecialPaper, ...] = ()
    recognition: Recognition | None = None
    links: tuple[LinkKind, ...] = ()
    marriage_first: str = ""
    register_remark: str = ""
    slips: tuple[SlipName, ...] = Field(min_length=1)
    report_lines: tuple[ReportLine, ...] = Field(min_length=1)
    checks: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()
    grounds: dict[GroundsOf, Grounded] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        codes = [part.code for part in self.parts]
        optional = {part.code for part in self.parts if part.optional}
        if len(set(codes)) != len(codes):
            raise ValueError(f"{self.id}: two parts with one code")
        for position, part in enumerate(self.parts):
            waits_for = part.limit.after_part
            if waits_for is not None and (waits_for not in codes[:position] or waits_for in optional):
                raise ValueError(
                    f"{self.id}: part {part.code} waits for a part that does not stand before it"
                )
        if (self.recognition is not None) != ("recognition" in self.circumstances):
            raise ValueError(f"{self.id}: recognition is a circumstance with a limit, or neither")
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError(f"{self.id}: ends before it begins")
        if (self.form == "mobile") != bool(self.eligibility):
            raise ValueError(f"{self.id}: a mobile registration has reasons, the ordinary form has none")
        if not self.legal_basis:
            raise ValueError(f"{self.id}: names no legal text")
        return self

    @model_validator(mode="after")
    def _offers_what_it_has(self) -> Self:
        codes = {part.code for part in self.parts}
        optional = {part.code for part in self.parts if part.optional}
        if bool(optional) != (self.choice is not None) or (self.choice and self.choice.at_least > len(codes)):
            raise ValueError(
                f"{self.id}: optional parts come with a choice, and no choice takes more than all"
            )
        whole = self.overall.fewer if self.overall else ()
        if any(codes - set(one.parts) - optional or set(one.parts) - codes for one in whole):
            raise ValueError(f"{self.id}: a limit for fewer parts leaves out one that is not optional")
        last = self.effective_to or date.max
        if any(one.until < self.effective_from or last < one.since for one in self.fee_reliefs):
            raise ValueError(f"{self.id}: has a fee relief on none of its days")
        return self

    @model_validator(mode="after")
    def _prints_and_counts_what_it_has(self) -> Self:
        if self.flow == "registration" and self.conflict is None:
            raise ValueError(f"{self.id}: a registration says who may not do it")
        if ("declaration" in self.slips) != (self.declaration is not None):
            raise ValueError(f"{self.id}: the slip declaration and the field declaration come together")
        if self.flow == "assistance" and (
            _REGISTERS & set(self.report_lines) or "refusal_slip" in self.slips
        ):
            raise ValueError(
                f"{self.id}: assistance registers nothing, so it counts and refuses no registration"
            )
        if "late_registration" in self.report_lines and self.citizen_deadline is None:
            raise ValueError(f"{self.id}: counts late families but gives them no days")
        return self

    def grounds_of(self, rule: GroundsOf) -> Grounded:
        """Return where a rule that is plain words is written."""
        return self.grounds.get(rule) or self.grounds.get("rest") or self

    @property
    def main_part(self) -> PartRule:
        """Return the part that registers the event; letters and the second visit follow it alone."""
        return self.parts[0]

    def with_parts(self, codes: Collection[str]) -> Self:
        """Return the version as a family takes it that left some parts out; the last one left is no bundle any more."""
        parts = tuple(part for part in self.parts if part.code in codes)
        whole = self.overall.for_parts([part.code for part in parts]) if self.overall else None
        return self.model_copy(update={"parts": parts, "overall": whole if len(parts) > 1 else None})

    def choice_problem(self, left_out: Collection[str]) -> str:
        """Return why a family cannot leave these parts out, as a sentence; empty when it can, or when there are none."""
        gone = [part for part in self.parts if part.code in left_out]
        if kept := next((part for part in gone if not part.optional), None):
            return f"{kept.title_vi} luôn có trong thủ tục này. Ông/bà bỏ chọn phần khác."
        if self.choice is None or not gone or len(self.parts) - len(gone) >= self.choice.at_least:
            return ""
        return self.choice.words

    @property
    def signs_register(self) -> bool:
        """Say whether the register travels to the family and is signed there (DVCQG 1.003583, 1.000419, 1.000593)."""
        return self.form == "mobile" and bool(self.signers)

    def costs_on(self, day: date) -> tuple[str, ...]:
        """Return what it costs on a day, then what is not paid that day, as sentences."""
        free = (one.sentence for one in self.fee_reliefs if one.since <= day <= one.until)
        return (self.cost, *free)

    def not_asked_on(self, day: date) -> tuple[str, ...]:
        """Return what the office may not ask for on that day, as sentences."""
        return tuple(
            rule.said or rule.what for rule in self.never_ask if rule.since is None or rule.since <= day
        )

    def reason(self, code: str) -> EligibleReason | None:
        """Return the reason for a mobile registration with that code, or None."""
        return next((reason for reason in self.eligibility if reason.code == code), None)

    @property
    def flags(self) -> frozenset[str]:
        """Return the flags that change a limit of this version."""
        limits = [part.limit for part in self.parts] + ([self.overall] if self.overall else [])
        limits += [self.recognition.limit] if self.recognition else []
        found = {flag for limit in limits for flag in limit.plus}
        found |= {"verification"} if any(limit.verification_days for limit in limits) else set()
        return frozenset(found | ({"recognition"} if self.recognition else set()))

    def papers_when(self, circumstances: Collection[str]) -> tuple[Paper, ...]:
        """Return the papers of a case in its circumstances: some come in, some of the common ones fall away."""
        special = [paper for paper in self.special_papers if paper.when in circumstances]
        replaced = {paper.replaces for paper in special}
        return (*special, *(paper for paper in self.papers if paper.code not in replaced))


class Procedure(Frozen):
    """Thủ tục with all its versions in the order of time.

    `offered_to_families`: families may ask for it on the web; the others are typed by an officer.
    """

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    title_vi: str
    offered_to_families: bool = False
    versions: tuple[ProcedureVersion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _versions_follow_one_another(self) -> Self:
        for earlier, later in zip(self.versions, self.versions[1:], strict=False):
            if earlier.effective_to is None or earlier.effective_to >= later.effective_from:
                raise ValueError(f"{self.code}: {earlier.id} reaches into {later.id}")
        return self

    def on(self, day: date) -> ProcedureVersion:
        """Return the version that holds on that day.

        Raises:
            Refusal: when the procedure did not exist on that day.
        """
        for version in self.versions:
            if version.effective_from <= day and (
                version.effective_to is None or day <= version.effective_to
            ):
                return version
        first = self.versions[0].effective_from
        raise Refusal(
            f"Thủ tục “{self.title_vi}” chưa có quy định cho ngày {format_date_vi(day)}. "
            f"Ông/bà chọn ngày từ {format_date_vi(first)}.",
            field="received",
        )

    def report_lines_in(self, first: date, last: date) -> frozenset[ReportLine]:
        """Return the lines of the figures that its versions of a period report."""
        return frozenset(
            line
            for version in self.versions
            if version.effective_from <= last
            and (version.effective_to is None or first <= version.effective_to)
            for line in version.report_lines
        )
