"""Người gác: ends every child when the supervisor was killed and could not do it itself.

Run as a script with a pipe's reading end as argument, by the standard library alone, so that it starts in no time and
holds nothing. The supervisor writes `+ PID SIGNAL SECONDS` for a child (leader of its own group), `- PID` when that
ended, and `bye` at an orderly end. A pipe that closes without `bye` means the supervisor is gone. Children die by
themselves then (PR_SET_PDEATHSIG); their own children, or on macOS all of them, do not, and this is who sees to it.
It holds the lock of the data folder meanwhile, so that the next start waits for the remains.
"""

from __future__ import annotations

import os
import signal
import sys
import time

_GRACE = 1.0
_PATIENCE = 8.0
"""Longest wait for one child, in seconds: nobody is left to finish work for, and job leases cover what is cut off."""


def main(descriptor: int) -> None:
    """Follow the supervisor until it says bye or vanishes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    children: dict[int, tuple[int, float]] = {}
    with os.fdopen(descriptor, "r", encoding="ascii") as messages:
        for line in messages:
            kind, *words = line.split()
            if kind == "bye":
                return
            if kind == "+":
                children[int(words[0])] = (int(words[1]), float(words[2]))
            else:
                children.pop(int(words[0]), None)
    end_all(children)


def end_all(children: dict[int, tuple[int, float]]) -> None:
    """Wait a moment for them to end by themselves, then ask, then kill; newest first, so that databases go last."""
    _wait(children, _GRACE)
    for leader, (ask, seconds) in reversed(children.items()):
        if _lives(leader):
            _signal(leader, ask)
            _wait({leader: (ask, seconds)}, min(seconds, _PATIENCE))
        _signal(leader, signal.SIGKILL)


def _wait(children: dict[int, tuple[int, float]], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and any(_alive(leader) for leader in children):
        time.sleep(0.05)


def _alive(leader: int) -> bool:
    return _signal(leader, 0)


def _lives(leader: int) -> bool:
    """Tell whether the leader itself lives; the rest of a group without one cannot be asked for anything."""
    try:
        os.kill(leader, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _signal(leader: int, number: int) -> bool:
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main(int(sys.argv[1]))
