"""The containers of docker-compose.yml as plain processes on loopback, for `deploy.rehearse`: no Docker is needed.

Commands, variables and secrets are read out of docker-compose.yml and Dockerfile; each service sees only the secrets it
lists, and runs without capabilities on a read-only root with nothing to write into but its /tmp and its volumes. PostgreSQL, Redis and HAProxy
are those of the host's packages, with TLS, passwords and the files of deploy/. A small name server answers `web`, as
Docker's would.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import yaml

from civreg.settings import Settings, load_settings
from tests.live_stack import wait_until

ROOT = Path(__file__).resolve().parents[1]
_JAIL = """
for place in $WRITABLE; do mount --bind "$place" "$place"; done
mount -o remount,ro,bind /
exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs "$@"
"""
"""What `read_only`, `cap_drop` and `no-new-privileges` of the services come to, by hand."""
HTTP, HTTPS = 8107, 8108
POSTGRES, REDIS = 15432, 16379
WEB_ADDRESSES = {"web1": "127.0.1.1", "web2": "127.0.1.2"}
DNS = ("127.0.0.1", 15353)
"""Where the names are answered: Docker's own 127.0.0.11:53 may be taken where this runs."""


def openssl(*arguments: str, folder: Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


class Names(threading.Thread):
    """Answers every question for `web` with the addresses in `alive`, over UDP, as the proxy asks."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.alive: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(DNS)

    def run(self) -> None:
        while True:
            question, asker = self._socket.recvfrom(2048)
            end = question.index(b"\0", 12) + 5
            wanted = question[12:end]
            found = list(self.alive.values()) if wanted.startswith(b"\x03web\0\0\x01") else []
            answer = question[:2] + b"\x81\x80\0\x01" + len(found).to_bytes(2, "big") + b"\0\0\0\0" + wanted
            for address in found:
                answer += b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04" + socket.inet_aton(address)
            self._socket.sendto(answer, asker)


class Topology:
    """Every service of docker-compose.yml, some of them twice."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o755)  # PostgreSQL runs as its own user
        self.services: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.names = Names()
        for volume in ("keys", "backup", "logs", "postgres", "redis"):
            (folder / volume).mkdir()

    @property
    def ca(self) -> Path:
        return self.folder / "tls" / "ca.pem"

    @property
    def url(self) -> str:
        return f"https://localhost:{HTTPS}"

    @property
    def settings(self) -> Settings:
        """What a process of the topology is told, for this process."""
        secrets = self.folder / "secrets"
        return load_settings(
            database_url=(secrets / "database_url").read_text().strip(),
            redis_url=(secrets / "redis_url").read_text().strip(),
            var=self.folder / "keys",
        )

    # servers

    def make_secrets(self) -> None:
        tls = self.folder / "tls"
        tls.mkdir()
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
                "-subj", "/CN=civreg rehearsal", "-keyout", "ca.key", "-out", "ca.pem", folder=tls)  # fmt: skip
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                "-keyout", "server.key", "-out", "server.csr", folder=tls)  # fmt: skip
        (tls / "names").write_text("subjectAltName=DNS:localhost\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "3",
                "-extfile", "names", "-out", "server.pem", folder=tls)  # fmt: skip
        secrets = self.folder / "secrets"
        secrets.mkdir()
        (secrets / "tls.pem").write_text((tls / "server.pem").read_text() + (tls / "server.key").read_text())
        environment = {
            "POSTGRES_HOST": f"localhost:{POSTGRES}",
            "POSTGRES_QUERY": f"?sslmode=verify-full&sslrootcert={self.ca}",
            "REDIS_HOST": f"localhost:{REDIS}",
            "REDIS_SCHEME": "rediss",
            "REDIS_QUERY": f"?ssl_cert_reqs=required&ssl_ca_certs={self.ca}",
        }
        subprocess.run(
            ["sh", ROOT / "deploy" / "make-secrets.sh", secrets],
            env={**os.environ, **environment},
            check=True,
        )

    def start_postgres(self) -> None:
        """PostgreSQL of the host, reachable over TLS with a password only."""
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        data = self.folder / "postgres" / "data"
        user = {"user": "postgres", "group": "postgres"}
        if not data.exists():
            os.chown(self.folder / "postgres", pwd.getpwnam("postgres").pw_uid, -1)
            password = self._run_file("postgres", "postgres_password")
            subprocess.run(
                [programs / "initdb", "-D", data, "-U", "postgres", "--auth=scram-sha-256", "--encoding=UTF8",
                 "--locale=C.UTF-8", "--data-checksums", f"--pwfile={password}"],
                check=True, capture_output=True, cwd="/", **user,
            )  # fmt: skip
            for name in ("server.pem", "server.key"):
                shutil.copy(self.folder / "tls" / name, data / name)
                os.chown(data / name, pwd.getpwnam("postgres").pw_uid, -1)
                (data / name).chmod(0o600)
            (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        flags = [part for part in self.services["postgres"]["command"] if part not in ("postgres", "-c")]
        wanted = [*flags, f"port={POSTGRES}", "listen_addresses=127.0.0.1", "unix_socket_directories=",
                  "ssl=on", "ssl_cert_file=server.pem", "ssl_key_file=server.key"]  # fmt: skip
        command = [programs / "postgres", "-D", data, *(word for flag in wanted for word in ("-c", flag))]
        self._spawn("postgres", command, **user)
        wait_until(lambda: _listens(POSTGRES), 30, "PostgreSQL")

    def start_redis(self) -> None:
        """Redis of the host with deploy/redis.conf and the made ACL, over TLS only."""
        tls, data = self.folder / "tls", self.folder / "redis"
        acl = self._run_file("redis", "redis_acl")
        command = ["redis-server", ROOT / "deploy" / "redis.conf", "--aclfile", acl, "--dir", data, "--port", "0",
                   "--bind", "127.0.0.1", "--tls-port", str(REDIS), "--tls-cert-file", tls / "server.pem",
                   "--tls-key-file", tls / "server.key", "--tls-ca-cert-file", self.ca, "--tls-auth-clients", "no"]  # fmt: skip
        self._spawn("redis", command)
        wait_until(lambda: _listens(REDIS), 30, "Redis")

    def start_proxy(self) -> None:
        """HAProxy of the host with deploy/haproxy.cfg; only two folders and the name server are elsewhere."""
        text = (ROOT / "deploy" / "haproxy.cfg").read_text()
        text = text.replace("/usr/local/etc/haproxy/pages", str(ROOT / "deploy" / "pages"))
        text = text.replace("/run/secrets/tls.pem", str(self._run_file("proxy", "tls.pem")))
        text = text.replace("127.0.0.11:53", f"{DNS[0]}:{DNS[1]}")
        (self.folder / "haproxy.cfg").write_text(text)
        binds = {"CIVREG_HTTP_BIND": f"127.0.0.1:{HTTP}", "CIVREG_HTTPS_BIND": f"127.0.0.1:{HTTPS}"}
        command = self._jailed("proxy", ["haproxy", "-f", str(self.folder / "haproxy.cfg")])
        self._spawn("proxy", command, env={**os.environ, **binds})
        wait_until(lambda: _listens(HTTPS), 30, "HAProxy")

    # civreg's own services

    def once(self, service: str, *arguments: str, answer: str = "") -> str:
        """Run a one-time service to its end; return what it printed."""
        command, environment = self._told(service, service)
        done = subprocess.run(
            self._jailed(service, [*command, *arguments]), env=environment, cwd=ROOT, input=answer,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (service, done.stdout, done.stderr)
        return done.stdout

    def start(self, name: str) -> None:
        """Start `web1`, `worker2`, `beat` … as the service without its number; a web server is awaited."""
        service = name.rstrip("0123456789")
        command, environment = self._told(service, name)
        if service == "worker":
            command.append(f"--hostname={name}@%h")
        command = self._jailed(service, command, name)
        self._spawn(name, command, env=environment, cwd=ROOT)
        if service == "web":
            wait_until(lambda: _listens(8000, WEB_ADDRESSES[name]), 60, name)
            self.names.alive[name] = WEB_ADDRESSES[name]

    def kill(self, name: str) -> None:
        """Kill the leading process (-9); Docker would end the rest of the container with it."""
        process = self.running.pop(name)
        self.names.alive.pop(name, None)
        process.kill()
        process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        self.names.alive.pop(name, None)
        process = self.running.pop(name)
        process.send_signal(how)
        process.wait(40)

    def log(self, name: str) -> str:
        return (self.folder / "logs" / f"{name}.log").read_text("utf-8", "replace")

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The structured lines of a service's log."""
        return [json.loads(line) for line in self.log(name).splitlines() if line.startswith("{")]

    def close(self) -> None:
        for name in reversed(list(self.running)):
            how = signal.SIGINT if name == "postgres" else signal.SIGTERM
            self.stop(name, how)

    def _told(self, service: str, name: str) -> tuple[list[str], dict[str, str]]:
        """Return command and environment of a service as docker-compose.yml has them, with its paths moved here."""
        told = self.services[service]
        for secret in told["secrets"]:
            self._run_file(name, secret)
        environment = {
            **_image_environment(),
            **{key: str(value) for key, value in told["environment"].items()},
            "CIVREG_BASE_URL": self.url,
            "CIVREG_HOTLINE": "",
            "CIVREG_REQUIRE_SECOND_FACTOR": "nobody",
        }
        tmp = self.folder / "run" / name / "tmp"
        tmp.mkdir(parents=True, exist_ok=True)
        moved = {
            "/run/secrets": self.folder / "run" / name,
            "/var/lib/civreg": self.folder / "keys",
            "/tmp": tmp,
        }
        begins = re.compile(rf"^({'|'.join(moved)})(?=/|$)")
        environment = {
            key: begins.sub(lambda found: str(moved[found[0]]), value) for key, value in environment.items()
        }
        program, *words = told.get("entrypoint") or told.get("command") or _image_command()
        command = [str(ROOT / ".venv" / "bin" / program)]
        command += [
            word.replace("/tmp/", f"{tmp}/").replace("0.0.0.0", WEB_ADDRESSES.get(name, "")) for word in words
        ]
        return command, {**environment, "HOME": "/nonexistent", "TMPDIR": str(tmp), "LANG": "C.UTF-8"}

    def _jailed(self, service: str, command: list[str], name: str = "") -> list[str]:
        """Wrap a command so that it may write where the service says and nowhere else."""
        places = {"keys": "/var/lib/civreg", "backup": "/var/lib/civreg-backup"}
        volumes = self.services[service].get("volumes", [])
        writable = [
            str(self.folder / volume) for volume, place in places.items() if f"{volume}:{place}" in volumes
        ]
        tmp = self.folder / "run" / (name or service) / "tmp"
        writable += [str(tmp)] if tmp.is_dir() else []
        return ["unshare", "--mount", "sh", "-ec", f"WRITABLE='{' '.join(writable)}'{_JAIL}", "sh", *command]

    def _run_file(self, name: str, secret: str) -> Path:
        """Put one secret where only this container would see it; return its path."""
        target = self.folder / "run" / name / secret
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.folder / "secrets" / secret, target)
        target.chmod(0o444)
        return target

    def _spawn(self, name: str, command: list[Any], **options: Any) -> None:
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **options,
            )


def _image_environment() -> dict[str, str]:
    """Return the variables that the Dockerfile sets in the image."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    last = text.rpartition("\nENV ")[2].splitlines()[0]
    found = dict(word.split("=", 1) for word in last.split())
    return {**found, "PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"}


def _image_command() -> list[str]:
    text = (ROOT / "Dockerfile").read_text()
    return list(json.loads(re.findall(r"^CMD (\[.*\])$", text, re.M)[-1]))


def _listens(port: int, host: str = "127.0.0.1") -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def missing() -> list[str]:
    """Return what this host lacks for a rehearsal."""
    lacking = [name for name in ("openssl", "redis-server", "haproxy") if shutil.which(name) is None]
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        lacking.append("postgresql")
    if sys.platform != "linux" or os.geteuid() != 0:
        lacking.append("root on Linux")
    elif subprocess.run(
        ["unshare", "--mount", "mount", "-o", "remount,ro,bind", "/"], capture_output=True, check=False
    ).returncode:
        lacking.append("leave to mount")
    return lacking


def settle(seconds: float) -> None:
    """Let a moment pass in which health checks and name answers come round."""
    time.sleep(seconds)
