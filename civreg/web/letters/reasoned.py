"""Việc cần lý do: every action of a letter that asks for nothing but why; one table, one form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.letters import queries as letters
from civreg.letters import service
from civreg.letters.rules import LetterAction
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.letters.blueprint import blueprint, form, load_for, submit, typed_version

_WHY = "Ông/bà ghi lý do để người sau hiểu."
_LONGEST_REASON = 1000


@dataclass(frozen=True)
class Reasoned:
    """One such action.

    Attributes:
        name: of the endpoint, and of the template under letters_pages.
        address: last part of the address.
        action: in the state table; its permission opens the page.
        act: the service.
        missing: what is said when no reason is given.
        done: said on the letter's page afterwards.
    """

    name: str
    address: str
    action: LetterAction
    act: Callable[..., object]
    missing: str
    done: str


REASONED = (
    Reasoned("hold", "tam-giu", LetterAction.HOLD, service.hold, _WHY, "Đã tạm giữ thư."),
    Reasoned("cancel", "huy", LetterAction.CANCEL, service.cancel, _WHY, "Đã hủy thư."),
    Reasoned(
        "return_letter",
        "mang-ve",
        LetterAction.RETURN,
        service.return_letter,
        "Ông/bà ghi vì sao chưa trao được.",
        "Đã ghi: thư mang về, chờ giao lại.",
    ),
    Reasoned(
        "keep",
        "luu",
        LetterAction.KEEP,
        service.keep,
        "Ông/bà ghi vì sao lưu thư lại.",
        "Đã ghi: thư lưu tại đơn vị.",
    ),
    Reasoned(
        "spoil",
        "to-hong",
        LetterAction.SPOIL,
        service.spoil,
        "Ông/bà ghi tờ thư hỏng thế nào.",
        "Đã ghi tờ hỏng. Thư chờ in lại, số thư giữ nguyên.",
    ),
    Reasoned(
        "take_back",
        "ghi-nham",
        LetterAction.TAKE_BACK,
        service.take_back,
        "Ông/bà ghi vì sao lần trao này là nhầm.",
        "Đã bỏ lần trao ghi nhầm. Thư chờ giao lại; số liệu của ngày ấy được trừ lại.",
    ),
    Reasoned(
        "let_go",
        "cho-di-tiep",
        LetterAction.LET_GO,
        service.let_go,
        "Ông/bà ghi vì sao thư vẫn đi tiếp.",
        "Đã ghi: thư đi tiếp như cũ.",
    ),
    Reasoned(
        "replace_letter",
        "thay",
        LetterAction.REPLACE,
        service.replace_letter,
        "Ông/bà ghi vì sao thay thư.",
        "Đã hủy số cũ và soạn thư mới theo đăng ký đã sửa. Ông/bà mở thư mới ở dưới để duyệt.",
    ),
    Reasoned(
        "settle_recall",
        "da-bao",
        LetterAction.SETTLE_RECALL,
        service.settle_recall,
        "Ông/bà ghi đã báo gia đình thế nào.",
        "Đã ghi: đã báo gia đình. Thư không còn ở danh sách.",
    ),
)


def _view(one: Reasoned) -> Callable[[UUID], ResponseReturnValue]:
    def view(letter_id: UUID) -> ResponseReturnValue:
        if request.method == "GET":
            return form(one.name, load_for(letter_id, one.action), {}, {})
        answers = Answers(request.form)
        reason = answers.lines("reason", missing=one.missing, longest=_LONGEST_REASON)

        def act(session: Session) -> None:
            one.act(session, current_actor(), letter_id, expected_version=typed_version(), reason=reason)

        return submit(one.name, letter_id, answers, act, one.done)

    view.__name__ = one.name
    view.__doc__ = f"Take the reason of “{one.action.value}” and do it."
    return page(permission=letters.PERMISSION_OF[one.action])(view)


for _one in REASONED:
    blueprint.add_url_rule(
        f"/thu/<uuid:letter_id>/{_one.address}", _one.name, _view(_one), methods=["GET", "POST"]
    )
