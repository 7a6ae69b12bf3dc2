"""Bộ giám sát: starts servers and programs in order, restarts what dies, and stops everything for certain."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from civreg.stack import watcher
from civreg.stack.folders import FolderLock, StackRefused, private_folder
from civreg.stack.processes import Program, child_setup, kill_group, shorten, spawn, stop

_LONGEST_PAUSE = 30.0
_GOOD_LIFE = 60.0
_TICK = 0.1


@dataclass
class _Child:
    """A started program and its history of restarts.

    Attributes:
        make: gives the program afresh; a server clears what its crash left behind there.
        pause: seconds to wait before the next restart (0.5, doubled up to 30, small again after a good minute).
        due_at: monotonic moment of the restart while it is dead.
    """

    make: Callable[[], Program]
    program: Program
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    pause: float = 0.5
    due_at: float | None = None


class Supervisor:
    """One supervisor of one data folder; start it, let it `watch`, and it stops in order.

    Args:
        var: the data folder; locked while this supervisor (or its watcher) lives.
        say: prints one sentence for the person at the terminal.
    """

    def __init__(self, var: Path, say: Callable[[str], None]) -> None:
        self.var = private_folder(var.resolve())
        self.say = say
        self.stopping = False
        self._children: dict[str, _Child] = {}
        self._lock = FolderLock(self.var)
        self._logs = private_folder(self.var / "logs")
        self._watcher: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._logs_due = 0.0

    def open(self) -> None:
        """Take the folder and start the watcher.

        Raises:
            StackRefused: when another supervisor is at work on the folder.
        """
        self._lock.take()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        self._start_watcher()

    def start(self, make: Callable[[], Program]) -> None:
        """Start one program; later ones are stopped earlier."""
        program = make()
        self._children[program.name] = _Child(make, program, self._spawn(program))

    def run_once(self, command: Sequence[str], environment: dict[str, str], folder: Path) -> int:
        """Run a command to its end on our terminal and return its status; a signal to us ends it too."""
        program = Program(name="once", command=command)
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, **environment},
            preexec_fn=child_setup(None, signal.SIGTERM),
        )
        self._tell(f"+ {process.pid} {int(signal.SIGTERM)} {program.stop_seconds}")
        while process.poll() is None:
            if self.stopping:
                stop(process, signal.SIGTERM, 5.0)
            self._look_after()
            time.sleep(0.02)
        kill_group(process.pid)
        self._tell(f"- {process.pid}")
        return process.returncode

    def alive(self, name: str) -> bool:
        """Tell whether the named program runs at the moment."""
        child = self._children[name]
        return child.process.poll() is None

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Restart what dies with growing pauses, until somebody asks to stop or `until` answers yes."""
        while not self.stopping and not until():
            self._look_after()
            time.sleep(_TICK)

    def close(self) -> None:
        """Stop all programs at once, then the servers, newest first, then the watcher; give the folder free."""
        workers = [child for child in self._children.values() if not child.program.server]
        servers = [child for child in self._children.values() if child.program.server]
        for child in workers:
            if child.process.poll() is None:
                child.process.send_signal(child.program.stop_signal)
        for child in (*reversed(workers), *reversed(servers)):
            stop(child.process, child.program.stop_signal, child.program.stop_seconds, asked=child in workers)
            self._tell(f"- {child.process.pid}")
        self._children.clear()
        if self._watcher is not None:
            self._tell("bye")
            os.close(self._pipe)
            self._watcher.wait()
            self._watcher = None
        self._lock.release()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _look_after(self) -> None:
        moment = time.monotonic()
        if moment > self._logs_due:
            self._logs_due = moment + 60.0
            for name in self._children:
                shorten(self._logs / f"{name}.log")
        for child in list(self._children.values()):
            if child.due_at is not None:
                if moment >= child.due_at:
                    self._restart(child)
            elif child.process.poll() is not None:
                self._mourn(child, moment)
        if self._watcher is not None and self._watcher.poll() is not None:
            os.close(self._pipe)
            self._start_watcher()

    def _mourn(self, child: _Child, moment: float) -> None:
        """Clear away a dead child's own children and set the moment of its return."""
        kill_group(child.process.pid)
        self._tell(f"- {child.process.pid}")
        if moment - child.started > _GOOD_LIFE:
            child.pause = 0.5
        self.say(
            f"Tiến trình {child.program.name} đã dừng (mã {child.process.returncode}); khởi động lại sau "
            f"{child.pause:g} giây. Nhật ký: {self._logs / child.program.name}.log"
        )
        child.due_at = moment + child.pause
        child.pause = min(child.pause * 2, _LONGEST_PAUSE)

    def _restart(self, child: _Child) -> None:
        child.due_at = None
        child.started = time.monotonic()
        child.program = child.make()
        child.process = self._spawn(child.program)

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        process = spawn(program, self._logs / f"{program.name}.log")
        self._tell(f"+ {process.pid} {int(program.stop_signal)} {program.stop_seconds}")
        return process

    def _start_watcher(self) -> None:
        """Start the watcher (again); it holds the folder's lock as we do.

        Every child stands in the pipe before the watcher is born: were we killed between its birth and our telling,
        it would end nobody.
        """
        reading, self._pipe = os.pipe()
        for child in self._children.values():
            if child.due_at is None:
                ask = int(child.program.stop_signal)
                self._tell(f"+ {child.process.pid} {ask} {child.program.stop_seconds}")
        lock = self._lock.descriptor
        self._watcher = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(watcher.__file__)), str(reading)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(reading, lock),
            start_new_session=True,
        )
        os.close(reading)

    def _tell(self, message: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # a killed watcher is replaced at the next look
            os.write(self._pipe, f"{message}\n".encode("ascii"))


def refuse_taken_port(host: str, port: int) -> None:
    """Refuse before anything starts when the address of the web server is taken.

    Raises:
        StackRefused: naming the port and what to set.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as reason:
            raise StackRefused(
                f"Cổng {port} trên máy này đang được dùng. Hãy chạy lại với cổng khác, ví dụ PORT={port + 1} make run."
            ) from reason
