"""Cấu hình: typed settings of one process, read once from the environment and from this machine's own stack.

`DATABASE_URL`, `REDIS_URL`, `PORT` and `DEMO` carry no prefix because people and hosts know them; everything else starts
with `CIVREG_`. Where no address is set, the stack of `CIVREG_VAR` (`make run`) is meant: its addresses stand in
`stack.json`, its secrets in `keys.json` and `secret_key`. Commands that need no database work with an empty environment,
so nothing here fails before somebody asks for what is missing (`refuse_if_incomplete`, `refuse_if_silent`).

What carries a password may also be handed over as a file: `NAME_FILE` names a file whose text is the value of `NAME`
(`SECRETS`). Containers use it, since everybody who may look at a container reads its variables. The keyring is a file
anyway (`CIVREG_KEYRING_PATH`).
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import AliasChoices, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from civreg.shared.errors import Refusal
from civreg.shared.secret_files import secret_of

_SHORTEST_SECRET = 32
_HOW_TO_START = "Hãy mở một cửa sổ khác và chạy `make run`, hoặc đặt DATABASE_URL và REDIS_URL là địa chỉ của máy chủ đang chạy."

SECRETS = {
    "DATABASE_URL": "database_url",
    "CIVREG_OWNER_DATABASE_URL": "owner_database_url",
    "CIVREG_REPORT_DATABASE_URL": "report_database_url",
    "REDIS_URL": "redis_url",
    "CIVREG_SECRET_KEY": "secret_key",
    "CIVREG_METRICS_TOKEN": "metrics_token",
    "CIVREG_BACKUP_KEY": "backup_key",
}
"""Variables that `NAME_FILE` may hand over as a file, with the field each one fills."""


class SettingsRefused(Refusal):
    """The process cannot start with these settings; the sentence names all that is missing or wrong."""


def _plain(name: str, default: Any) -> Any:
    """A setting whose variable has no prefix; never shown, since addresses carry passwords."""
    return Field(default, validation_alias=AliasChoices(name, name.upper()), repr=False)


class Settings(BaseSettings):
    """Everything a process of civreg is told from outside.

    Attributes:
        database_url: SQLAlchemy address as `civreg_app`, which may not change the audit.
        owner_database_url: the same database as `civreg_owner`, for migrations only; `database_url` when unset.
        report_database_url: the same as `civreg_report`, which only reads; None when there is no such role.
        redis_url: redis-py address (`redis://`, `rediss://`, `unix://`).
        var: folder of this machine's system (`CIVREG_VAR`).
        port: TCP port of the web server.
        demo: whether the demo data is wanted (`DEMO=0` for an empty system).
        secret_key: signs cookies and form tokens; at least 32 characters.
        keyring_path: file of the sealing keys and the blind-index key.
        require_second_factor: who has to switch on the code of the phone before anything else: `nobody`,
            `administrators` or `everybody`; unset it is `nobody` in the demo and `administrators` elsewhere.
        secure_cookies: send cookies over HTTPS only; off on one machine's plain loopback address.
        stuck_part_days: days a part of a bundle may rest after the registration before somebody is to call.
        bundle_after_cutoff: how the bundle (NĐ 63) counts papers taken after 15:00: `next_day_is_reception` takes the
            next working day as the day of reception, which is not counted; `next_day_counts` counts that day.
        base_url: public address, as printed on slips and in QR codes.
        trusted_proxies: how many proxies in front may set X-Forwarded-*.
        log_format: `json` for machines, `text` for people.
        metrics_token: bearer token that opens /metrics to others than loopback; empty closes it to them.
        backup_key: words or random text that backups are sealed with, apart from the sealing keys; `backup_key` of the
            stack's folder when unset.
        hotline: telephone number shown to families where a unit has none of its own.
    """

    model_config = SettingsConfigDict(
        env_prefix="CIVREG_", extra="ignore", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )

    database_url: str = _plain("database_url", "")
    owner_database_url: str = Field("", repr=False)
    report_database_url: str | None = Field(None, repr=False)
    redis_url: str = _plain("redis_url", "")
    var: Path = Path("var")
    port: int = Field(8000, validation_alias=AliasChoices("port", "PORT"), ge=0, le=65535)
    demo: bool = _plain("demo", True)
    secret_key: str = Field("", repr=False)
    keyring_path: Path = Path()
    require_second_factor: Literal["nobody", "administrators", "everybody"] = "nobody"
    secure_cookies: bool = False
    bundle_after_cutoff: Literal["next_day_is_reception", "next_day_counts"] = "next_day_is_reception"
    base_url: str = ""
    trusted_proxies: int = Field(0, ge=0, le=5)
    stuck_part_days: int = Field(7, ge=1, le=90)
    log_format: Literal["json", "text"] = "json"
    metrics_token: str = Field("", repr=False)
    backup_key: str = Field("", repr=False)
    hotline: str = ""

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        """Fill in what was not set from the stack's folder, before the types are checked."""
        values = _with_secret_files({name: value for name, value in dict(given).items() if value != ""})
        var = Path(values.get("var") or "var").resolve()
        values["var"] = var
        stack = _stack_addresses(var)
        for name, plain in (("database_url", "DATABASE_URL"), ("redis_url", "REDIS_URL")):
            if not (values.get(name) or values.get(plain)) and stack:
                values[name] = stack[name]
                if name == "database_url":
                    values.setdefault("owner_database_url", stack["owner_database_url"])
                    values.setdefault("report_database_url", stack["report_database_url"])
        values.setdefault("keyring_path", var / "keys.json")
        for name in ("secret_key", "backup_key"):
            file = var / name
            if name not in values and file.is_file():
                values[name] = file.read_text("utf-8").strip()
        return values

    @model_validator(mode="after")
    def _normalise(self) -> Self:
        database = _with_driver(self.database_url)
        changes = {
            "database_url": database,
            "owner_database_url": _with_driver(self.owner_database_url) or database,
            "report_database_url": _with_driver(self.report_database_url or "") or None,
            "base_url": (self.base_url or f"http://127.0.0.1:{self.port}").rstrip("/"),
        }
        for name, value in changes.items():
            object.__setattr__(self, name, value)  # frozen for everybody else
        if "require_second_factor" not in self.model_fields_set:
            object.__setattr__(self, "require_second_factor", "nobody" if self.demo else "administrators")
        return self

    @property
    def broker_url(self) -> str:
        """The broker's address as kombu writes it (`redis+socket://` for a unix socket)."""
        if not self.redis_url.startswith("unix://"):
            return self.redis_url
        path, _, query = self.redis_url.removeprefix("unix://").partition("?")
        number = parse_qs(query).get("db", ["0"])[0]
        return f"redis+socket://{path}?virtual_host={number}"

    @property
    def signing_secret(self) -> str:
        """The secret for cookies and form tokens; one of this process only when none was set (commands)."""
        return self.secret_key or _process_secret()

    def refuse_if_incomplete(self) -> None:
        """Web server, worker and beat call this at their start.

        Raises:
            SettingsRefused: naming all that is missing in one sentence.
        """
        missing = [
            name
            for name, absent in (
                ("DATABASE_URL", not self.database_url),
                ("REDIS_URL", not self.redis_url),
                ("CIVREG_SECRET_KEY (từ 32 ký tự)", len(self.secret_key) < _SHORTEST_SECRET),
                (f"CIVREG_KEYRING_PATH (chưa có tệp {self.keyring_path})", not self.keyring_path.is_file()),
            )
            if absent
        ]
        if missing:
            raise SettingsRefused(
                f"Chưa khởi động được vì còn thiếu: {', '.join(missing)}. "
                "Hãy đặt các biến này, hoặc dùng `make run` để máy tự chuẩn bị."
            )

    def refuse_if_silent(self, *, broker: bool = False) -> None:
        """Commands on the database call this first; connects once and waits at most two seconds.

        Args:
            broker: whether the Redis-protocol server must answer too.

        Raises:
            SettingsRefused: when nothing answers there, saying how to start it.
        """
        wanted = [("cơ sở dữ liệu", self.database_url)]
        if broker:
            wanted.append(("hàng đợi công việc", self.redis_url))
        silent = [name for name, url in wanted if not (url and _answers(url))]
        if silent:
            raise SettingsRefused(f"Chưa kết nối được {' và '.join(silent)}. {_HOW_TO_START}")


def load_settings(**overrides: Any) -> Settings:
    """Read the settings of this process; `overrides` (by field name) win over the environment, for tests.

    Raises:
        SettingsRefused: naming every variable whose value cannot be used.
    """
    try:
        return Settings(**overrides)
    except ValidationError as reason:
        names = sorted({_variable(str(error["loc"][0])) for error in reason.errors() if error["loc"]})
        raise SettingsRefused(
            f"Giá trị không dùng được ở: {', '.join(names)}. Hãy sửa lại (xem README) rồi chạy lại."
        ) from None


def _with_secret_files(
    values: dict[str, Any], environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Fill in what `NAME_FILE` hands over; what is set directly wins.

    Raises:
        SettingsRefused: naming the variable whose file cannot be read.
    """
    environment = os.environ if environment is None else environment
    for variable, field in SECRETS.items():
        file = f"{variable}_FILE"
        if values.get(field) or values.get(variable):
            continue
        try:
            handed = secret_of({file: environment.get(file, "")}, variable)
        except Refusal as reason:
            raise SettingsRefused(reason.sentence) from reason
        if handed:
            values[field] = handed
    return values


def _variable(field: str) -> str:
    plain = {"database_url", "redis_url", "port", "demo"}
    return field.upper() if field.lower() in plain else f"CIVREG_{field.upper()}"


@lru_cache(maxsize=1)
def _process_secret() -> str:
    return secrets.token_urlsafe(48)


def _with_driver(url: str) -> str:
    """Name the driver that is installed: hosts hand out postgres:// and postgresql://."""
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def _stack_addresses(var: Path) -> dict[str, str]:
    """Return the addresses the stack of this folder wrote; a stack that was never started has its future ones."""
    file = var / "stack.json"
    if not file.is_file():
        return {}
    stored = json.loads(file.read_text("utf-8"))
    return {name: str(stored[name]) for name in stored}


def _answers(url: str) -> bool:
    """Tell whether something listens at a database or Redis address (TCP or unix socket)."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    if parts.scheme == "unix":
        return _listens(socket.AF_UNIX, unquote(parts.path))
    if folder.startswith("/"):
        return _listens(socket.AF_UNIX, f"{folder}/.s.PGSQL.{parts.port or 5432}")
    default = 6379 if parts.scheme.startswith("redis") else 5432
    return _listens(None, (folder or parts.hostname or "127.0.0.1", parts.port or default))


def _listens(family: socket.AddressFamily | None, address: Any) -> bool:
    try:
        if family is None:
            socket.create_connection(address, timeout=2).close()
        else:
            with socket.socket(family) as probe:
                probe.settimeout(2)
                probe.connect(address)
    except OSError:
        return False
    return True
