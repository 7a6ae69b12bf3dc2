"""Danh sách thư: a tab for each step with its count, the letter needed first at the top; the head approves here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from civreg.accounts.rules import Actor, Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.letters import service
from civreg.letters.queries import Narrow
from civreg.letters.rules import ENDED, KIND_WORDS, LANGUAGE_WORDS, Language, LetterKind, LetterState
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotAllowed, NotFound, Refusal
from civreg.units import queries as units
from civreg.web.access import current_actor, page
from civreg.web.forms.places import PlaceChoice, places_then_and_now
from civreg.web.letters.blueprint import blueprint, kinds_of, say

PAGE_SIZE = 50

TAB_WORDS: Mapping[LetterState, str] = {
    LetterState.DRAFT: "Chờ duyệt",
    LetterState.HELD: "Tạm giữ",
    LetterState.APPROVED: "Chờ cấp số",
    LetterState.ISSUED: "Chờ in",
    LetterState.PRINTED: "Đã in",
    LetterState.SIGNED_SEALED: "Đã ký, đóng dấu",
    LetterState.WITH_OFFICER: "Ở cán bộ",
    LetterState.RETURNED: "Mang về",
    LetterState.HANDED_OVER: "Đã trao",
    LetterState.KEPT: "Lưu tại đơn vị",
    LetterState.CANCELLED: "Đã hủy",
}
_SELDOM = (LetterState.APPROVED, LetterState.RETURNED, LetterState.KEPT, LetterState.CANCELLED)
"""Tabs that show only when something is there."""

_WORK_OF: tuple[tuple[Permission, tuple[LetterState, ...]], ...] = (
    (Permission.LETTER_APPROVE, (LetterState.DRAFT,)),
    (
        Permission.LETTER_PRINT,
        (LetterState.ISSUED, LetterState.PRINTED, LetterState.SIGNED_SEALED, LetterState.RETURNED),
    ),
    (Permission.LETTER_HAND_OVER, (LetterState.WITH_OFFICER,)),
    (Permission.CASE_WORK, (LetterState.HELD,)),
)
"""Whose step is whose: the list opens on the first step where something waits for the person."""

_NOTHING_TICKED = "Ông/bà chọn ít nhất một thư để duyệt."


WHICH_WORDS = {
    "sap-di": "Có chuyến trong 7 ngày tới",
    "chua-co-chuyen": "Chưa có chuyến nào mang đi",
    "cho-lau": "Chờ lâu, chưa trao",
    "dung-lai": "Dừng lại, chờ lãnh đạo",
    "thu-lai": "Phải thu lại (đăng ký đã hủy bỏ)",
}
"""The further filters: by the visit that carries a letter, by age, what a head must decide, what must come back."""
_ACROSS: Mapping[str, str] = {
    "cho-lau": "Thư lập quá {days} ngày mà chưa trao, ở mọi bước.",
    "dung-lai": "Thư đã có số mà sau đó có việc mới, hoặc đăng ký đã sửa sai sót: lãnh đạo mở từng thư để cho đi tiếp, "
    "thay thư hoặc hủy; thư đã trao thì báo gia đình.",
    "thu-lai": "Thư đã in của đăng ký đã hủy bỏ: giữ lại tờ thư rồi hủy; thư đã trao thì báo gia đình.",
}
"""Filters that cross all steps, with what their list is for."""
_ON_THE_WAY = tuple(state for state in LetterState if state not in ENDED and state is not LetterState.KEPT)


@dataclass(frozen=True)
class Tab:
    """One step of the letters' way."""

    state: LetterState
    words: str
    count: int


@dataclass(frozen=True)
class Wanted:
    """The filters of the address."""

    state: LetterState
    place: str
    places: Mapping[str, PlaceChoice]
    kind: LetterKind | None
    which: str = ""
    language: Language | None = None

    @property
    def everywhere(self) -> bool:
        """Return whether the list crosses all steps."""
        return self.which in _ACROSS

    @property
    def unit_ids(self) -> frozenset[int] | None:
        """Return the units whose letters are wanted; None means all."""
        return self.places[self.place].units if self.place else None

    def narrow(self, waiting_days: int) -> Narrow:
        """Return the further condition as the query takes it."""
        now = clock.now()
        return Narrow(
            drafted_before=now - timedelta(days=waiting_days) if self.which == "cho-lau" else None,
            needed_before=now + timedelta(days=7) if self.which == "sap-di" else None,
            without_visit=self.which == "chua-co-chuyen",
            recalled=self.which == "thu-lai",
            stopped=self.which == "dung-lai",
            language=self.language,
            units=self.unit_ids,
        )

    @property
    def values(self) -> dict[str, str]:
        """Return the filters as the form shows them."""
        return {
            "state": self.state.value,
            "don-vi": self.place,
            "loai": self.kind.value if self.kind else "",
            "ngon-ngu": self.language.value if self.language else "",
            "can": self.which,
        }


@blueprint.get("/thu")
@page(permission=Permission.LETTER_VIEW)
def index() -> ResponseReturnValue:
    """List the letters of one step."""
    return _list({})


@blueprint.post("/thu/duyet")
@page(permission=Permission.LETTER_APPROVE)
def approve_many() -> ResponseReturnValue:
    """Approve every ticked letter, or none of them when one cannot be approved any more."""
    ticked = _ticked()
    if not ticked:
        return _list({"letters": _NOTHING_TICKED}), 422
    try:
        with transaction(db.session()) as session:
            rows = letters.letters(session, current_actor(), ids=list(ticked), limit=len(ticked))
            if len(rows) != len(ticked):
                raise NotFound("Có thư không còn ở đơn vị của ông/bà. Ông/bà mở lại danh sách thư.")
            service.approve_many(session, current_actor(), ticked)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _list({"letters": refusal.sentence}), refusal.status
    say(f"Đã duyệt {len(rows)} thư. Máy cấp số ngay; sau đó thư chờ in.", kinds_of(rows))
    return redirect(url_for("letters.index", state=LetterState.DRAFT.value))


def _ticked() -> dict[UUID, int]:
    """Return the ticked letters with the version at which each was shown (`id:version`)."""
    found = {}
    for value in request.form.getlist("letter"):
        key, _, version = value.partition(":")
        try:
            found[UUID(key)] = int(version)
        except ValueError:
            continue
    return found


def _list(errors: dict[str, str]) -> str:
    actor = current_actor()
    with transaction(db.session()) as session:
        wanted = _wanted(actor, letters.count_by_state(session, actor))
        only = wanted.unit_ids or ()
        days = letters.settings_of(session, next(iter(only)) if len(only) == 1 else _home(actor)).waiting_days
        narrow = wanted.narrow(days)
        counts = letters.count_by_state(session, actor, kind=wanted.kind, narrow=narrow)
        found = letters.letters(
            session,
            actor,
            state=_states(wanted),
            kind=wanted.kind,
            narrow=narrow,
            newest_first=wanted.state in ENDED and not wanted.everywhere,
            after=_after(),
            limit=PAGE_SIZE + 1,
        )
        rows = found[:PAGE_SIZE]
        stopped = sum(letters.count_by_state(session, actor, narrow=Narrow(stopped=True)).values())
    following = _address(wanted, after=str(rows[-1].id)) if len(found) > PAGE_SIZE else None
    return render_template(
        "letters_pages/index.html",
        rows=rows,
        tabs=_tabs(counts, wanted),
        wanted=wanted,
        values=wanted.values,
        errors=errors,
        ticked={str(key) for key in _ticked()} if request.method == "POST" else set(),
        following=following,
        tab_address=lambda state: _address(
            replace(wanted, state=state, which="" if wanted.everywhere else wanted.which)
        ),
        units=[(key, one.words) for key, one in wanted.places.items()],
        kinds=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        languages=[(language.value, words) for language, words in LANGUAGE_WORDS.items()],
        which=list(WHICH_WORDS.items()),
        across=WHICH_WORDS[wanted.which] if wanted.everywhere else "",
        across_count=sum(counts.get(state, 0) for state in _states(wanted) or counts),
        across_hint=_ACROSS.get(wanted.which, "").format(days=days),
        stopped=stopped,
        may_approve=actor.may(Permission.LETTER_APPROVE),
        may_print=actor.may(Permission.LETTER_PRINT),
    )


def _wanted(actor: Actor, counts: Mapping[LetterState, int]) -> Wanted:
    asked, unit = request.values.get("state", ""), request.values.get("don-vi", "")
    kind, language = request.values.get("loai", ""), request.values.get("ngon-ngu", "")
    state = LetterState(asked) if asked in TAB_WORDS else _first_work(actor, counts)
    which = request.values.get("can", "")
    mine = actor.units(Permission.LETTER_VIEW)
    session = db.session()
    own = units.participating_ids(session, clock.today()) & mine
    places = places_then_and_now(session, letters.units_of_letters(session, actor) | own)
    return Wanted(
        state,
        unit if unit in places else "",
        places,
        LetterKind(kind) if kind in KIND_WORDS else None,
        which if which in WHICH_WORDS else "",
        Language(language) if language in LANGUAGE_WORDS else None,
    )


def _states(wanted: Wanted) -> Sequence[LetterState]:
    """Return the steps the list shows: of the tab, or of everything that waits long; all where the letter says itself."""
    if wanted.which in ("thu-lai", "dung-lai"):
        return ()
    return _ON_THE_WAY if wanted.everywhere else (wanted.state,)


def _home(actor: Actor) -> int:
    """Return a unit whose settings the list goes by while it shows several: the one the actor's role is held at."""
    return next(grant.unit_id for grant in actor.grants if grant.allows(Permission.LETTER_VIEW))


def _first_work(actor: Actor, counts: Mapping[LetterState, int]) -> LetterState:
    mine = [state for permission, states in _WORK_OF if actor.may(permission) for state in states]
    return next((state for state in mine if counts.get(state)), mine[0] if mine else LetterState.DRAFT)


def _tabs(counts: Mapping[LetterState, int], wanted: Wanted) -> list[Tab]:
    return [
        Tab(state, words, counts.get(state, 0))
        for state, words in TAB_WORDS.items()
        if counts.get(state) or state not in _SELDOM or state == wanted.state
    ]


def _address(wanted: Wanted, **more: str) -> str:
    values = {name: value for name, value in wanted.values.items() if value}
    return f"{url_for('letters.index')}?{urlencode({**values, **more})}"


def _after() -> UUID | None:
    try:
        return UUID(request.args.get("after", ""))
    except ValueError:
        return None
