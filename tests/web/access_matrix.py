"""Who may open what, written by hand: one row per route and method. A route without a row fails `test_access`.

Columns: officer head clerk staff administrator stranger anonymous. Each cell has one letter for an area, two for an
address that names an object: the object of the own unit, then one of another unit outside the person's province.
    o  opened (anything but the three below)      d  403, the whole area is closed
    h  404, as if there were no such object       s  sent to the sign-in page (redirect, or 401 with what was typed)
The stranger is signed in and holds no role. Paths are filled from `tests.web.access_world.Objects`.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = ("officer", "head", "clerk", "staff", "administrator", "stranger", "anonymous")


@dataclass(frozen=True)
class Row:
    """One route and method with what each person gets."""

    endpoint: str
    method: str
    path: str
    cells: str

    def expected(self) -> dict[str, str]:
        """Return person → cell."""
        cells = self.cells.split()
        assert len(cells) == len(PEOPLE), f"{self.endpoint} needs {len(PEOPLE)} cells"
        return dict(zip(PEOPLE, cells, strict=True))


EVERYBODY = "o o o o o o o"
#                off hea cle sta adm str ano
SIGNED_IN = "    o   o   o   o   o   o   s"
ADMIN_AREA = "   d   d   d   d   o   d   s"
ADMIN_OBJECT = " hh  hh  hh  hh  oh  hh  ss"
USER = "/quan-tri/tai-khoan/{user_id}"

ROWS: tuple[Row, ...] = (
    Row("home.show", "GET", "/", EVERYBODY),
    Row("health.alive", "GET", "/healthz", EVERYBODY),
    Row("health.ready", "GET", "/readyz", EVERYBODY),
    Row("health.metrics", "GET", "/metrics", EVERYBODY),
    # sign-in
    Row("sign_in.show", "GET", "/dang-nhap", EVERYBODY),
    Row("sign_in.sign_in", "POST", "/dang-nhap", EVERYBODY),
    Row("sign_in.sign_out", "POST", "/dang-xuat", EVERYBODY),
    Row("sign_in.change_password", "GET", "/mat-khau", SIGNED_IN),
    Row("sign_in.change_password", "POST", "/mat-khau", SIGNED_IN),
    # administration
    Row("administration.index", "GET", "/quan-tri", ADMIN_AREA),
    Row("administration.users", "GET", "/quan-tri/tai-khoan", ADMIN_AREA),
    Row("administration.new_user", "GET", "/quan-tri/tai-khoan/moi", ADMIN_AREA),
    Row("administration.new_user", "POST", "/quan-tri/tai-khoan/moi", ADMIN_AREA),
    Row("administration.user", "GET", USER, ADMIN_OBJECT),
    Row("administration.user", "POST", USER, ADMIN_OBJECT),
    Row("administration.lock_user", "GET", f"{USER}/khoa", ADMIN_OBJECT),
    Row("administration.lock_user", "POST", f"{USER}/khoa", ADMIN_OBJECT),
    Row("administration.unlock_user", "POST", f"{USER}/mo-khoa", ADMIN_OBJECT),
    Row("administration.reset_password", "GET", f"{USER}/mat-khau-moi", ADMIN_OBJECT),
    Row("administration.reset_password", "POST", f"{USER}/mat-khau-moi", ADMIN_OBJECT),
    Row("administration.grant_role", "GET", f"{USER}/vai-tro", ADMIN_OBJECT),
    Row("administration.grant_role", "POST", f"{USER}/vai-tro", ADMIN_OBJECT),
    Row("administration.end_role", "GET", f"{USER}/vai-tro/{{grant_id}}/thoi", ADMIN_OBJECT),
    Row("administration.end_role", "POST", f"{USER}/vai-tro/{{grant_id}}/thoi", ADMIN_OBJECT),
    Row("administration.units", "GET", "/quan-tri/don-vi", ADMIN_AREA),
    Row("administration.new_unit", "GET", "/quan-tri/don-vi/moi", ADMIN_AREA),
    Row("administration.new_unit", "POST", "/quan-tri/don-vi/moi", ADMIN_AREA),
    Row("administration.unit", "GET", "/quan-tri/don-vi/{unit_id}", ADMIN_OBJECT),
    Row("administration.unit", "POST", "/quan-tri/don-vi/{unit_id}", ADMIN_OBJECT),
    Row("administration.end_unit", "GET", "/quan-tri/don-vi/{unit_id}/ket-thuc", ADMIN_OBJECT),
    Row("administration.end_unit", "POST", "/quan-tri/don-vi/{unit_id}/ket-thuc", ADMIN_OBJECT),
    Row("administration.parked_jobs", "GET", "/quan-tri/viec", ADMIN_AREA),
    # work of the machine belongs to no unit
    Row("administration.retry_job", "POST", "/quan-tri/viec/{job_id}/chay-lai", "h h h h o h s"),
)
