"""Several hosts by hand: the rehearsal of docker-compose.yml on loopback, finding by finding."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deploy.topology import ROOT, missing

pytestmark = pytest.mark.live

FINDINGS = 43
"""Fewer would mean that a step was left out."""


def test_two_web_servers_and_two_workers_behind_the_proxy_lose_and_double_nothing() -> None:
    if lacking := missing():
        pytest.skip(f"the rehearsal of several hosts lacks: {', '.join(lacking)}")
    done = subprocess.run(
        [sys.executable, "-m", "deploy.rehearse"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    findings = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert sum(line.startswith("ok ") for line in findings) >= FINDINGS, done.stdout
