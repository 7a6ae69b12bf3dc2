"""Dịch vụ nhận qua mạng: which services a family may choose today, straight from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from civreg.procedures.catalogue import catalogue, version_on
from civreg.procedures.queries import in_force
from civreg.procedures.rules import Grounded, ProcedureVersion, limit_sentence
from civreg.shared import clock
from civreg.shared.errors import NotFound, Refusal
from civreg.web.communes import is_id
from civreg.web.forms.request import Question
from civreg.web.intake.questions import pages_of


def how_long(version: ProcedureVersion) -> list[str]:
    """Return the family's own term, then a sentence for each part and the whole: term, source, whether it is confirmed."""
    many = len(version.parts) > 1
    citizen = version.citizen_deadline
    urged = []
    if citizen and citizen.days:
        born = {"birth": "ngày sinh", "death": "ngày mất"}[citizen.counts_from]
        urged = [
            f"Gia đình nên đăng ký trong {citizen.days} ngày từ {born}; quá ngày vẫn đăng ký được. "
            f"Theo {citizen.by_law}."
        ]
    terms: list[tuple[str, str, Grounded]] = [
        (f"{part.title_vi}: " if many else "", limit_sentence(part.limit), part) for part in version.parts
    ]
    if (whole := version.overall) is not None:
        terms.append(("Cả hồ sơ: ", limit_sentence(whole), whole))
    return urged + [
        f"{what}{limit} Theo {written.by_law}."
        + (" Chưa xác nhận bằng văn bản gốc." if written.certainty in ("C", "D") else "")
        for what, limit, written in terms
    ]


def cost_line(version: ProcedureVersion, *, is_late: bool) -> str:
    """Return what it costs in one line: the sentence of the catalogue that fits being on time or late."""
    first, _, rest = version.cost.partition(". ")
    return rest if is_late and rest else f"{first.rstrip('.')}."


@dataclass(frozen=True, slots=True)
class Service:
    """Một dịch vụ: the version of the procedure in force, and the pages of its questions.

    Attributes:
        commune: whose rules are in the version ("Xã Trà Cú, tỉnh Vĩnh Long"); empty for the general ones.
    """

    version: ProcedureVersion
    pages: tuple[Question, ...]
    commune: str = ""

    @property
    def code(self) -> str:
        """The procedure's code, part of every address."""
        return self.version.procedure

    @property
    def cost(self) -> str:
        """What it costs a family that is on time, in one line."""
        return cost_line(self.version, is_late=False)

    def at(self, session: Session, answers: Mapping[str, str]) -> Service:
        """Return it by the rules of the commune that was chosen (rút ngắn, quy định riêng); itself before there is one."""
        commune = answers.get("commune", "")
        if not is_id(commune):
            return self
        try:
            found = in_force(session, self.code, int(commune), clock.today())
        except NotFound:
            return self  # the page of that answer says what to do
        return replace(self, version=found.version, commune=answers.get("commune_label", ""))

    def page(self, step: str) -> Question:
        """Return one page.

        Raises:
            NotFound: when this service does not ask it.
        """
        for question in self.pages:
            if question.id == step:
                return question
        raise NotFound("Không có câu hỏi này. Ông/bà bắt đầu lại từ trang đầu của dịch vụ.")

    def place(self, question: Question) -> int:
        """Return which page it is, from 0."""
        return self.pages.index(question)


def services() -> list[Service]:
    """Return every service that families may ask for today, in the order of the catalogue."""
    found = []
    for code, procedure in catalogue().items():
        if not procedure.offered_to_families:
            continue
        try:
            version = version_on(code, clock.today())
        except Refusal:
            continue
        pages = pages_of(version.questions, version.occasion)
        if pages:
            found.append(Service(version, pages))
    return found


def service_of(code: str) -> Service:
    """Return one service.

    Raises:
        NotFound: when it is not offered.
    """
    for service in services():
        if service.code == code:
            return service
    raise NotFound("Không có dịch vụ này. Ông/bà chọn một dịch vụ trong danh sách.")
