"""Một máy: the whole system of one machine, from an empty folder to an address a browser can open."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from civreg.shared.errors import Refusal
from civreg.shared.secret_files import secret_of
from civreg.stack.folders import StackRefused, remove_short_sockets, write_addresses
from civreg.stack.postgres import EmbeddedPostgres
from civreg.stack.preparing import make_keys, prepare
from civreg.stack.processes import Program
from civreg.stack.programs import PROJECT, civreg_programs, first_commands
from civreg.stack.supervisor import Supervisor, refuse_taken_port
from civreg.stack.valkey import EmbeddedValkey

_DEMO_MARK = "demo-loaded"
"""File that names the database into which the demo was loaded, so that later starts need not look."""
_OFF = ("0", "false", "no", "off")


def print_line(sentence: str) -> None:
    """Say one sentence on standard output at once."""
    print(sentence, flush=True)


@dataclass(frozen=True)
class Plan:
    """What a machine is to run; the tests put small programs in the place of civreg's own.

    Attributes:
        var: the data folder.
        host: address the web server listens on.
        port: its port.
        demo: whether demo data is loaded.
        database_url: an external PostgreSQL; no embedded one starts then.
        redis_url: an external Redis-protocol server; no embedded one starts then.
        project: the folder that holds app.py.
        first: commands run once the servers answer.
        programs: gives the programs for the addresses, the web server first.
        ready_path: what the web server answers with 200 once it works; empty when there is no web server.
        whole_path: what it answers with 200 once the worker has shown itself too; only then the system is ready.
    """

    var: Path
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = True
    database_url: str = ""
    redis_url: str = ""
    project: Path = PROJECT
    first: Sequence[Sequence[str]] | None = None
    programs: Callable[[Path, str, int, Mapping[str, str]], list[Program]] = field(default=civreg_programs)
    ready_path: str = "/healthz"
    whole_path: str = "/readyz"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Plan:
        """Read the plan of `make run` from its environment.

        Raises:
            StackRefused: when PORT is no number, or only one of DATABASE_URL and REDIS_URL is set.
        """
        port = environment.get("PORT") or "8000"
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise StackRefused("PORT phải là một số từ 1 đến 65535, ví dụ PORT=8000 make run.")
        database, broker = secret_of(environment, "DATABASE_URL"), secret_of(environment, "REDIS_URL")
        if bool(database) != bool(broker):
            absent = "REDIS_URL" if database else "DATABASE_URL"
            raise StackRefused(
                f"Còn thiếu {absent}. Hãy đặt cả DATABASE_URL và REDIS_URL, hoặc bỏ cả hai để dùng máy chủ đi kèm."
            )
        return cls(
            var=Path(environment.get("CIVREG_VAR") or "var").resolve(),
            host=environment.get("CIVREG_HOST") or "127.0.0.1",
            port=int(port),
            demo=environment.get("DEMO", "1").strip().lower() not in _OFF,
            database_url=database,
            redis_url=broker,
        )

    @classmethod
    def servers_only(cls, environment: Mapping[str, str]) -> Plan:
        """Return the plan of database and broker alone, with an empty database at first: for a restore.

        Raises:
            StackRefused: when the servers are somebody else's.
        """
        plan = cls.from_environment(environment)
        if plan.database_url:
            raise StackRefused("DATABASE_URL và REDIS_URL đã chỉ máy chủ khác. Hãy khởi động ở máy chủ ấy.")
        return replace(plan, first=(), programs=_nothing, ready_path="")


def _nothing(_var: Path, _host: str, _port: int, _environment: Mapping[str, str]) -> list[Program]:
    return []


class Machine:
    """The stack of one machine; `run` keeps it up until somebody asks to stop.

    Args:
        plan: what to run.
        say: prints one sentence for the person at the terminal.
    """

    def __init__(self, plan: Plan, say: Callable[[str], None] = print_line) -> None:
        self.plan = plan
        self.say = say
        self.supervisor = Supervisor(plan.var, say)
        self.environment: dict[str, str] = {}
        self._database = ""

    def run(self) -> int:
        """Start everything, watch it, stop everything; return the exit status.

        Raises:
            StackRefused: when it cannot start; nothing is left running.
        """
        began = time.monotonic()
        if self.plan.ready_path:
            refuse_taken_port(self.plan.host, self.plan.port)
        self.supervisor.open()
        try:
            if self._start():
                seconds = f"{time.monotonic() - began:.1f} giây"
                self.say(
                    f"\ncivreg đã sẵn sàng sau {seconds}: {self._address('/')}"
                    if self.plan.ready_path
                    else f"\nCác máy chủ đã sẵn sàng sau {seconds}; chưa chạy trang và việc nào."
                )
                self.say("Nhấn Ctrl-C để dừng tất cả.")
                self.supervisor.watch()
            self.say("Đang dừng…")
        finally:
            self.supervisor.close()
            remove_short_sockets(self.plan.var)
        self.say("Đã dừng tất cả. Dữ liệu vẫn còn trong " + str(self.plan.var))
        return 0

    def _start(self) -> bool:
        """Start servers, first commands and programs; False when somebody asked to stop meanwhile."""
        self.environment = {
            "CIVREG_VAR": str(self.plan.var),
            "PORT": str(self.plan.port),
            "PYTHONUNBUFFERED": "1",
            **self._servers(),
        }
        programs = self.plan.programs(self.plan.var, self.plan.host, self.plan.port, self.environment)
        if not programs:
            return True
        make_keys({**os.environ, **self.environment})
        before, after = _split(self._first())
        for command in before:
            if not self._run_first(command):
                return False
        web, *others = programs
        self.supervisor.start(lambda: web)
        if not self._wait_for_web():
            return False
        if after:
            self.say(f"Trang đã mở: {self._address('/')} Đang nạp dữ liệu mẫu, khoảng một phút…")
        for command in after:
            if not self._run_first(command):
                return False
        for program in others:  # on two cores they would only delay the first page
            self.supervisor.start(partial(_the_same, program))
        if not self._wait_for(self.plan.whole_path) and not self.supervisor.stopping:
            self.say(f"Máy làm việc chưa trả lời. Hãy xem {self.plan.var / 'logs' / 'worker.log'}.")
        return not self.supervisor.stopping

    def _servers(self) -> dict[str, str]:
        """Start the embedded servers unless others were named; return the addresses as variables."""
        if self.plan.database_url:
            return {"DATABASE_URL": self.plan.database_url, "REDIS_URL": self.plan.redis_url}
        postgres, valkey = EmbeddedPostgres(self.plan.var), EmbeddedValkey(self.plan.var)
        self.supervisor.start(postgres.program)
        self.supervisor.start(valkey.program)
        postgres.wait(gave_up=lambda: not self.supervisor.alive("postgres"))
        postgres.prepare()
        self._database = postgres.identity_of()
        valkey.wait(gave_up=lambda: not self.supervisor.alive("valkey"))
        addresses = {
            "database_url": postgres.url("app"),
            "owner_database_url": postgres.url("owner"),
            "report_database_url": postgres.url("report"),
            "redis_url": valkey.url(),
        }
        write_addresses(self.plan.var, addresses)
        return {
            "DATABASE_URL": addresses["database_url"],
            "CIVREG_OWNER_DATABASE_URL": addresses["owner_database_url"],
            "CIVREG_REPORT_DATABASE_URL": addresses["report_database_url"],
            "REDIS_URL": addresses["redis_url"],
        }

    def _first(self) -> Sequence[Sequence[str]]:
        if self.plan.first is not None:
            return self.plan.first
        mark = self.plan.var / _DEMO_MARK
        known = bool(self._database) and mark.is_file() and mark.read_text("utf-8") == self._database
        if self.plan.demo and known:
            self.say("Dữ liệu mẫu đã có; tài khoản và mật khẩu đã in ở lần chạy đầu.")
        return first_commands(demo=self.plan.demo and not known)

    def _run_first(self, command: Sequence[str]) -> bool:
        """Run one command; False when somebody asked to stop meanwhile.

        Raises:
            StackRefused: when it failed. A demo that is refused on real cases has said so itself, and the system is
                fit to run.
        """
        status = self.supervisor.run_once(command, self.environment, self.plan.project)
        if self.supervisor.stopping:
            return False
        is_demo = command[-1] == "load-demo"
        if status != 0 and not is_demo:
            raise StackRefused(
                f"Bước chuẩn bị `{command[-1]}` không thành công (mã {status}). Hãy xem lời báo ở trên."
            )
        if status == 0 and is_demo and self._database:
            (self.plan.var / _DEMO_MARK).write_text(self._database, "utf-8")
        return True

    def _wait_for_web(self) -> bool:
        """Wait for the first good answer; False when somebody asked to stop.

        Raises:
            StackRefused: when it does not come.
        """
        if not self._wait_for(self.plan.ready_path) and not self.supervisor.stopping:
            raise StackRefused(f"Máy chủ web không trả lời. Hãy xem {self.plan.var / 'logs' / 'web.log'}.")
        return not self.supervisor.stopping

    def _wait_for(self, path: str, seconds: float = 90.0) -> bool:
        """Wait until the web server answers a path with 200; False when the time is up or somebody asked to stop."""
        limit = time.monotonic() + seconds
        answered = False

        def over() -> bool:
            nonlocal answered
            answered = self._answers(path)
            return answered or time.monotonic() > limit

        self.supervisor.watch(until=over)
        return answered and not self.supervisor.stopping

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self._address(path), timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _address(self, path: str) -> str:
        host = "127.0.0.1" if self.plan.host in ("0.0.0.0", "::") else self.plan.host  # noqa: S104 - for reading only
        return f"http://{host}:{self.plan.port}{path}"


def _split(commands: Sequence[Sequence[str]]) -> tuple[list[Sequence[str]], list[Sequence[str]]]:
    """Part the first commands: those the first page needs, and the demo, which may come while it is open."""
    demo = [command for command in commands if command[-1] == "load-demo"]
    return [command for command in commands if command not in demo], demo


def _the_same(program: Program) -> Program:
    return program


def main(arguments: Sequence[str]) -> int:
    """Do what `python -m civreg.stack …` was asked.

    `run` starts this machine; `servers` only its database and broker; `keys` makes the secrets only; `prepare` makes
    secrets, roles and database on another server.

    Returns:
        0 after an orderly stop, 2 for wrong arguments or a start that was refused.
    """
    try:
        match list(arguments):
            case ["run"]:
                return Machine(Plan.from_environment(os.environ)).run()
            case ["servers"]:
                return Machine(Plan.servers_only(os.environ)).run()
            case ["keys"]:
                print_line(str(make_keys(os.environ)))
            case ["prepare"]:
                print_line(str(prepare(os.environ)))
            case _:
                raise StackRefused("Cách dùng: python -m civreg.stack run | servers | keys | prepare")
    except Refusal as refusal:
        print(refusal.sentence, file=sys.stderr)
        return 2
    return 0
