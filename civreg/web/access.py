"""Quyền vào trang: every route declares who may open it; a route without a declaration stops the start.

    @blueprint.get("/ho-so")
    @page(permission=Permission.CASE_VIEW)      # or (A, B): any of them; or public=True; or signed_in=True
    def index() -> str: ...

Enforced before the view runs: nobody signed in → the sign-in page (nothing typed is lost); signed in without
the permission → 403 for a whole area, 404 for an address that names an object. What belongs to another unit is
the service's business (`NotFound`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user, login_user, logout_user

from civreg.accounts import service as accounts
from civreg.accounts.rules import Actor, Permission, Role
from civreg.extensions import db, login
from civreg.shared.database import transaction
from civreg.web.kept import kept_form

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """Who may open a route.

    Attributes:
        public: everybody, without signing in.
        permissions: any one of these; empty with `public` False means every signed-in user.
        before_new_password: open even while a new password is due.
        before_second_factor: open even while the office requires a second factor that is not on yet.
    """

    public: bool
    permissions: tuple[Permission, ...]
    before_new_password: bool = False
    before_second_factor: bool = False


def page(
    *,
    permission: Permission | tuple[Permission, ...] | None = None,
    public: bool = False,
    signed_in: bool = False,
    before_new_password: bool = False,
    before_second_factor: bool = False,
) -> Callable[[View], View]:
    """Declare who may open a route: exactly one of `permission`, `public`, `signed_in`.

    Raises:
        ValueError: when not exactly one is given.
    """
    if [permission is not None, public, signed_in].count(True) != 1:
        raise ValueError("declare exactly one of permission, public, signed_in")
    permissions = (permission,) if isinstance(permission, Permission) else (permission or ())

    def declare(view: View) -> View:
        view.__dict__["access"] = Access(public, permissions, before_new_password, before_second_factor)
        return view

    return declare


class StaffMember(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries through a request: the actor and the token of the session."""

    def __init__(self, actor: Actor, token: str) -> None:
        self.actor = actor
        self.token = token

    def get_id(self) -> str:
        """Return what the signed cookie holds: the token, whose digest alone is in the database."""
        return self.token


def _load(token: str) -> StaffMember | None:
    """Look the session up; the page goes on in the same transaction unless `seen_at` moved (once a minute).

    A commit of its own for every page would cost a fifth of a list: COMMIT, another connection check, BEGIN.
    """
    session = db.session()
    actor = accounts.actor_of_token(session, token)
    if session.dirty:
        with transaction(session):
            session.flush()
    session.expunge_all()  # what the page loads and locks is read afresh
    return StaffMember(actor, token) if actor else None


def open_cookie(actor: Actor, token: str) -> None:
    """Put a fresh session into the browser: nothing of the one before is kept (fixation)."""
    cookie.clear()
    login_user(StaffMember(actor, token))


def close_cookie() -> None:
    """Take the session out of the browser."""
    logout_user()
    cookie.clear()


def current_actor() -> Actor:
    """Return who acts in this request.

    Raises:
        RuntimeError: on a page that does not ask for a signed-in user.
    """
    if not current_user.is_authenticated:
        raise RuntimeError("current_actor() on a public page")
    return cast("StaffMember", current_user).actor


def actor_or_none() -> Actor | None:
    """Return who is signed in, or None; asks the database only when the browser brought a session."""
    if "_user_id" not in cookie:
        return None
    return cast("StaffMember", current_user).actor if current_user.is_authenticated else None


def current_token() -> str:
    """Return the token of this request's session, or the empty text."""
    return str(cookie.get("_user_id", ""))


def access_of(app: Flask, endpoint: str) -> Access | None:
    """Return what a route declared, or None."""
    view: Any = app.view_functions[endpoint]
    return cast("Access | None", getattr(view, "access", None))


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that say nothing about access (static files are public by nature)."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(
        name for name in endpoints if name.rpartition(".")[2] != "static" and access_of(app, name) is None
    )


def allows(actor: Actor, permissions: Iterable[Permission]) -> bool:
    """Tell whether the actor has any of the permissions anywhere; none asked means every user."""
    wanted = tuple(permissions)
    return not wanted or any(actor.may(permission) for permission in wanted)


def second_factor_missing(actor: Actor) -> bool:
    """Tell whether the office requires a second factor of this user that is not switched on yet."""
    asked = current_app.extensions["civreg_settings"].require_second_factor
    required = asked == "everybody" or (asked == "administrators" and Role.ADMINISTRATOR in actor.roles)
    return bool(required and not actor.has_second_factor)


def _enforce() -> ResponseReturnValue | None:
    """Hold what the route declared, before anything else of the page runs."""
    if request.endpoint is None or request.endpoint.rpartition(".")[2] == "static":
        return None
    access = access_of(current_app, request.endpoint)
    if access is None:
        abort(403)
    if access.public:
        return None
    actor = actor_or_none()
    if actor is None:
        return _ask_to_sign_in()
    if actor.must_change_password and not access.before_new_password:
        return redirect(url_for("sign_in.change_password"))
    if second_factor_missing(actor) and not access.before_second_factor:
        return redirect(url_for("sign_in.second_factor"))
    if not allows(actor, access.permissions):
        abort(404 if request.view_args else 403)
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    expired = "_user_id" in cookie
    if request.method == "POST" and request.form:
        kept = kept_form()
        page_text = render_template(
            "sign_in/sign_in.html", values={}, errors={}, kept=kept, expired=True, next_path=""
        )
        return page_text, 401
    target = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("sign_in.show", next=target or None, expired=1 if expired else None))


@dataclass(frozen=True)
class Section:
    """An entry of the staff's top bar."""

    name: str
    path: str


_SECTIONS: tuple[tuple[str, str], ...] = (
    ("Bàn làm việc", "/ban-lam-viec"),
    ("Hồ sơ", "/ho-so"),
    ("Lịch đến nhà", "/lich-den-nha"),
    ("Thư", "/thu"),
    ("Thống kê", "/thong-ke"),
    ("Quản trị", "/quan-tri"),
)


def sections() -> list[Section]:
    """Return the areas the signed-in user may enter, in the order of the top bar."""
    actor = actor_or_none()
    return [] if actor is None else _sections_for(actor)


def section_paths(actor: Actor) -> list[str]:
    """Return the addresses of the areas this user may enter; the first is where one lands."""
    return [section.path for section in _sections_for(actor)]


def _sections_for(actor: Actor) -> list[Section]:
    found = []
    for name, path in _SECTIONS:
        endpoint = current_app.config["SECTION_ENDPOINTS"].get(path)
        access = access_of(current_app, endpoint) if endpoint else None
        if access and not access.public and allows(actor, access.permissions):
            found.append(Section(name, path))
    return found


def init_app(app: Flask) -> None:
    """Set up sign-in and access; call it after all blueprints are registered.

    Raises:
        RuntimeError: naming the routes that declare nothing.
    """
    missing = undeclared(app)
    if missing:
        raise RuntimeError(f"routes without @page(...): {', '.join(missing)}")
    paths = {path for _, path in _SECTIONS}
    app.config["SECTION_ENDPOINTS"] = {
        rule.rule.rstrip("/"): rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.rstrip("/") in paths and "GET" in (rule.methods or ())
    }
    login.init_app(app, add_context_processor=False)  # a template must not ask the database unasked
    login.session_protection = None  # the token is the proof; phones change addresses between two pages
    login.user_loader(_load)
    app.before_request(_enforce)
    app.jinja_env.globals["sections"] = sections
    app.jinja_env.globals["actor_or_none"] = actor_or_none
