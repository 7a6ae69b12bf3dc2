"""Vai trò và quyền: the roles, what each may do, and the actor that services and queries ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from civreg.shared.errors import NotAllowed


class Role(StrEnum):
    """Vai trò held at a unit."""

    OFFICER = "officer"
    HEAD = "head"
    LETTER_CLERK = "letter_clerk"
    INTAKE_CLERK = "intake_clerk"
    PROGRAMME_STAFF = "programme_staff"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """Quyền: one kind of act, asked for at one unit."""

    CASE_VIEW = "case_view"
    CASE_ASK = "case_ask"
    CASE_WORK = "case_work"
    CASE_SIGN = "case_sign"
    CASE_REFUSE = "case_refuse"
    VISIT_VIEW = "visit_view"
    VISIT_WORK = "visit_work"
    COMPLAINT_ANSWER = "complaint_answer"
    LETTER_VIEW = "letter_view"
    LETTER_APPROVE = "letter_approve"
    LETTER_PRINT = "letter_print"
    LETTER_HAND_OVER = "letter_hand_over"
    FIGURES_VIEW = "figures_view"
    USERS_MANAGE = "users_manage"
    UNITS_MANAGE = "units_manage"
    JOBS_MANAGE = "jobs_manage"
    AUDIT_VIEW = "audit_view"


_OFFICER = frozenset(
    {
        Permission.CASE_VIEW,
        Permission.CASE_ASK,
        Permission.CASE_WORK,
        Permission.VISIT_VIEW,
        Permission.VISIT_WORK,
        Permission.LETTER_VIEW,
        Permission.LETTER_HAND_OVER,
        Permission.FIGURES_VIEW,
    }
)

MAY: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: _OFFICER,
    Role.HEAD: _OFFICER
    | {
        Permission.CASE_SIGN,
        Permission.CASE_REFUSE,
        Permission.COMPLAINT_ANSWER,
        Permission.LETTER_APPROVE,
    },
    Role.LETTER_CLERK: frozenset(
        {
            Permission.LETTER_VIEW,
            Permission.LETTER_PRINT,
            Permission.LETTER_HAND_OVER,
            Permission.FIGURES_VIEW,
        }
    ),
    Role.INTAKE_CLERK: frozenset({Permission.CASE_VIEW, Permission.CASE_ASK, Permission.VISIT_VIEW}),
    Role.PROGRAMME_STAFF: frozenset({Permission.FIGURES_VIEW}),
    Role.AUDITOR: frozenset({Permission.AUDIT_VIEW}),
    Role.ADMINISTRATOR: frozenset({Permission.USERS_MANAGE, Permission.UNITS_MANAGE, Permission.JOBS_MANAGE}),
}
"""What each role may do; programme staff see codes and figures only, an administrator sees no case.

An intake clerk (counter, hotline) writes requests down and completes them until the papers are received (`CASE_ASK`),
and can tell a family when somebody comes; everything after is the officer's. An auditor reads the log and nothing else;
an administrator does not read it, so that nobody watches over himself.
"""

ROLE_WORDS: dict[Role, str] = {
    Role.OFFICER: "Công chức làm công tác hộ tịch",
    Role.HEAD: "Lãnh đạo đơn vị",
    Role.LETTER_CLERK: "Người phụ trách in, giao thư",
    Role.INTAKE_CLERK: "Người tiếp nhận yêu cầu",
    Role.PROGRAMME_STAFF: "Cán bộ chương trình",
    Role.AUDITOR: "Người kiểm tra nhật ký",
    Role.ADMINISTRATOR: "Quản trị",
}


@dataclass(frozen=True)
class Grant:
    """A role at a unit on the day of the request.

    Attributes:
        role: what is held.
        unit_id: where it is held.
        covers: ids of the unit and everything below it that is valid on the day, and of the ended units whose work
            these have taken over on a confirmed plan.
    """

    role: Role
    unit_id: int
    covers: frozenset[int]

    def allows(self, permission: Permission) -> bool:
        """Tell whether this role may do it at all."""
        return permission in MAY[self.role]


@dataclass(frozen=True)
class Actor:
    """Người thực hiện: who acts in one request or task, with everything access depends on.

    Attributes:
        user_id: None for the machine itself and for a family.
        username: the name signed in with.
        full_name: as papers and pages show it.
        title: chức danh, or empty.
        grants: the roles held today.
        must_change_password: whether nothing else is allowed before a new password.
        has_second_factor: whether the user signs in with a code of the phone too.
        unlimited: the machine itself (tasks, commands); never a person.
    """

    user_id: UUID | None
    username: str
    full_name: str
    title: str
    grants: tuple[Grant, ...] = field(default=())
    must_change_password: bool = False
    has_second_factor: bool = False
    unlimited: bool = False

    def may(self, permission: Permission, unit_id: int | None = None) -> bool:
        """Tell whether the actor may do this at the unit; without a unit, whether anywhere."""
        if self.unlimited:
            return True
        return any(
            grant.allows(permission) and (unit_id is None or unit_id in grant.covers) for grant in self.grants
        )

    def units(self, permission: Permission) -> frozenset[int]:
        """Return the ids of all units where the actor may do this (none for the machine, which asks no list)."""
        return frozenset().union(*(grant.covers for grant in self.grants if grant.allows(permission)))

    def require(self, permission: Permission, unit_id: int | None = None) -> None:
        """Refuse unless `may`.

        Raises:
            NotAllowed: with a sentence that says whom to ask.
        """
        if not self.may(permission, unit_id):
            raise NotAllowed(
                "Tài khoản của ông/bà không có quyền làm việc này. Hãy hỏi người quản trị của đơn vị."
            )

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)


SYSTEM = Actor(None, "", "Hệ thống", "", unlimited=True)
"""The machine itself: tasks, commands, the demo's preparation."""

FAMILY = Actor(None, "", "Gia đình", "")
"""Whoever asks without an account; may do nothing that asks for a permission."""
