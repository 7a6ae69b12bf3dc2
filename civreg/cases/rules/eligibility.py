"""Lý do đăng ký lưu động: why this registration goes to the family (TT 04/2020/TT-BTP art 24).

The reasons are data of the procedure. A reason tells of health or of detention, so it is stored sealed and never
leaves the case page.
"""

from __future__ import annotations

from dataclasses import dataclass

from civreg.cases.rules.forms import LINE_LIMIT, NOTE_LIMIT, clean_line
from civreg.procedures.rules import ProcedureVersion
from civreg.shared.errors import InvalidInput

NO_REASON = "Ông/bà chọn lý do đăng ký lưu động."
NOT_DECIDED = "Ông/bà ghi họ tên và chức vụ của người quyết định đăng ký lưu động."
NOT_EXPLAINED = "Ông/bà ghi vì sao quyết định đăng ký lưu động cho gia đình này."


@dataclass(frozen=True)
class EligibilityForm:
    """Why a registration is mobile, as the officer states it.

    Attributes:
        reason: code of one of the procedure's reasons.
        decided_by: name and position of who decided, where the office decides (art 24.2).
        note: what there is to add; why it was decided, where the office decides.
    """

    reason: str = ""
    decided_by: str = ""
    note: str = ""

    def packed(self) -> str:
        """Return the three lines that are sealed into one cell; empty when nothing is stated."""
        return "\n".join((self.reason, self.decided_by, self.note)) if self.reason else ""

    @classmethod
    def unpacked(cls, text: str) -> EligibilityForm:
        """Return what three lines say."""
        return cls(*(text.split("\n", 2)))


def clean_eligibility(stated: EligibilityForm, version: ProcedureVersion) -> EligibilityForm:
    """Return the reason with its texts cleaned; nothing where the procedure asks for none.

    Raises:
        InvalidInput: no reason, or the office's own decision without who decided and why; by field.
    """
    if not version.eligibility:
        return EligibilityForm()
    problems: dict[str, str] = {}
    reason = version.reason(stated.reason)
    if reason is None:
        problems["eligibility"] = NO_REASON
    texts = {"decided_by": "", "note": ""}
    for name, what, limit in (
        ("decided_by", "Người quyết định", LINE_LIMIT),
        ("note", "Vì sao, ghi thêm", NOTE_LIMIT),
    ):
        try:
            texts[name] = clean_line(getattr(stated, name), f"eligibility_{name}", what, limit)
        except InvalidInput as problem:
            problems.update(problem.fields)
    if reason is not None and reason.decided:
        for name, sentence in (("decided_by", NOT_DECIDED), ("note", NOT_EXPLAINED)):
            if not texts[name]:
                problems.setdefault(f"eligibility_{name}", sentence)
    if problems or reason is None:
        raise InvalidInput("Ông/bà ghi lý do đăng ký lưu động ở những chỗ được nêu dưới đây.", problems)
    return EligibilityForm(reason.code, texts["decided_by"] if reason.decided else "", texts["note"])
