"""The files of several hosts agree with the settings, the commands and the limits of the code they run."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from civreg.settings import SECRETS, Settings, load_settings
from civreg.stack.preparing import ADDRESSES, SUPERUSER, make_keys
from civreg.stack.programs import civreg_programs, first_commands
from civreg.web.photographs import MOST_BODY

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if service.get("image") == "civreg"}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
PROXY = (ROOT / "deploy" / "haproxy.cfg").read_text("utf-8")
GUNICORN = (ROOT / "gunicorn.conf.py").read_text("utf-8")
PLAIN = {"DATABASE_URL", "REDIS_URL", "PORT", "DEMO"}
MADE_LATER = {"tls.pem"}
"""Secrets that no script can make: a certificate belongs to its address."""


def variables() -> set[str]:
    """Every variable that a process of civreg reads, with `_FILE` where it may be a file."""
    fields = {
        name.upper() if name.upper() in PLAIN else f"CIVREG_{name.upper()}" for name in Settings.model_fields
    }
    return fields | {f"{name}_FILE" for name in (*SECRETS, SUPERUSER, *ADDRESSES.values())}


def seconds(directive: str) -> int:
    found = re.findall(rf"^\s*timeout {directive} (\d+)s$", PROXY, re.M)
    assert found, directive
    return min(int(value) for value in found)


def test_the_services_are_those_of_one_machine_and_their_helpers() -> None:
    programs = {program.name for program in civreg_programs(ROOT, "127.0.0.1", 8000, {})}
    assert {*programs, "prepare", "migrate", "flask"} == OURS
    assert set(SERVICES) - OURS == {"proxy", "postgres", "redis"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_is_told_only_what_the_settings_know(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= variables()


@pytest.mark.parametrize("name", sorted(OURS))
def test_no_secret_stands_in_a_variable(name: str) -> None:
    told = SERVICES[name]["environment"]
    assert not set(told) & {*SECRETS, SUPERUSER}
    named = {Path(value).name for key, value in told.items() if key.endswith("_FILE")}
    assert named == set(SERVICES[name]["secrets"]), "each file is mounted, and nothing else"


def test_only_those_who_need_them_know_the_owner_and_the_superuser() -> None:
    def knowing(secret: str) -> set[str]:
        return {name for name, service in SERVICES.items() if secret in service.get("secrets", ())}

    assert knowing("superuser_url") == {"prepare"}
    assert knowing("owner_database_url") == {"prepare", "migrate", "flask"}
    assert knowing("backup_key") == {"flask"}
    assert knowing("database_url") == OURS
    assert knowing("postgres_password") == {"postgres"}
    assert knowing("redis_acl") == {"redis"}
    assert knowing("tls.pem") == {"proxy"}


def test_the_commands_are_those_of_one_machine() -> None:
    on_one_machine = {
        program.name: [str(word) for word in program.command[2:]]
        for program in civreg_programs(Path("/tmp"), "0.0.0.0", 8000, {})
    }
    web = json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.M)[-1])
    assert web == on_one_machine["web"]
    assert SERVICES["worker"]["command"] == on_one_machine["worker"]
    said = [word.replace("/tmp/beat-schedule", "/tmp/beat") for word in on_one_machine["beat"]]
    assert SERVICES["beat"]["command"] == said
    assert SERVICES["migrate"]["command"] == list(first_commands(demo=False)[0][2:])
    assert SERVICES["prepare"]["command"] == ["python", "-m", "civreg.stack", "prepare"]


def test_order_of_the_start() -> None:
    done, healthy = "service_completed_successfully", "service_healthy"
    assert SERVICES["prepare"]["depends_on"] == {"postgres": {"condition": healthy}}
    assert SERVICES["migrate"]["depends_on"] == {"prepare": {"condition": done}}
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"] == {
            "migrate": {"condition": done},
            "redis": {"condition": healthy},
        }
    assert SERVICES["proxy"]["depends_on"] == {"web": {"condition": healthy}}
    assert SERVICES["beat"]["deploy"] == {"replicas": 1}


@pytest.mark.parametrize("name", ["web", "worker", "beat", "migrate", "flask"])
def test_a_service_has_all_it_needs_to_start(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Dockerfile and docker-compose.yml tell a service is enough: nothing that has no default is left out."""
    secrets, keys = tmp_path / "secrets", tmp_path / "keys"
    subprocess.run(["sh", ROOT / "deploy" / "make-secrets.sh", secrets], check=True, capture_output=True)
    make_keys({"CIVREG_VAR": str(keys)})
    image = dict(word.split("=", 1) for word in DOCKERFILE.rpartition("\nENV ")[2].splitlines()[0].split())
    for variable in os.environ:
        if variable.startswith("CIVREG_") or variable.removesuffix("_FILE") in PLAIN:
            monkeypatch.delenv(variable)
    told = {**image, **SERVICES[name]["environment"]}
    for variable in variables() & set(told):
        value = re.sub(
            r"^\$\{\w+(?::-(.*)|:\?.*)\}$",
            lambda found: found[1] if found[1] is not None else "https://hotich.example",
            told[variable],
        )
        value = value.replace("/run/secrets", str(secrets)).replace("/var/lib/civreg", str(keys))
        monkeypatch.setenv(variable, value)
    settings = load_settings()
    settings.refuse_if_incomplete()
    assert settings.keyring_path == keys / "keys.json", "from the volume `keys`"
    assert settings.demo is False
    assert settings.base_url == "https://hotich.example"
    assert settings.require_second_factor == "administrators"
    assert (settings.secure_cookies, settings.trusted_proxies) == (True, 1)
    assert settings.metrics_token
    assert bool(settings.backup_key) == (name == "flask")
    assert ("civreg_owner" in settings.owner_database_url) == (name in ("migrate", "flask"))


def test_each_port_is_the_same_wherever_it_stands() -> None:
    """8000 for web servers, the servers' own for the rest; none twice."""
    web = set(re.findall(r"server-template web 1-8 web:(\d+)", PROXY))
    web |= set(re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.M))
    web |= set(re.findall(r"127\.0\.0\.1:(\d+)/healthz", DOCKERFILE))
    web |= {json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.M)[-1])[-1].rpartition(":")[2]}
    assert web == {str(Settings.model_fields["port"].default)}
    assert "port 6379" in (ROOT / "deploy" / "redis.conf").read_text().splitlines(), "redis-py's default"
    published = [port.split(":") for port in SERVICES["proxy"]["ports"]]
    inside = {bind.removeprefix(":") for bind in SERVICES["proxy"]["environment"].values()}
    assert {target for _, target in published} == inside
    ports = [*(port for pair in published for port in pair), *web, "6379", "5432"]
    assert len(ports) == len(set(ports))


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {"proxy"}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["proxy"]["ports"] == ["80:8080", "443:8443"]
    assert set(SERVICES["proxy"]["environment"].values()) == {":8080", ":8443"}
    assert set(SERVICES["proxy"]["environment"]) == set(re.findall(r"\$\{(\w+)\}", PROXY))


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "USER 10001:10001" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    may_write = any(volume == "keys:/var/lib/civreg" for volume in service["volumes"])
    assert may_write == (name in ("prepare", "flask")), "who makes or changes keys"


def test_everything_restarts_but_what_runs_once() -> None:
    once = {name for name, service in SERVICES.items() if service["restart"] == "no"}
    assert once == {"prepare", "migrate", "flask"}
    assert {service["restart"] for name, service in SERVICES.items() if name not in once} == {
        "unless-stopped"
    }
    for name in ("postgres", "redis"):
        assert SERVICES[name]["healthcheck"]["test"]
    assert "HEALTHCHECK" in DOCKERFILE


def test_every_named_volume_and_secret_exists() -> None:
    mounted = {
        str(volume).partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    for source in mounted:
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], source
    wanted = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert wanted == set(COMPOSE["secrets"])
    assert {name: secret["file"] for name, secret in COMPOSE["secrets"].items()} == {
        name: f"./secrets/{name}" for name in wanted
    }
    assert "secrets/" in (ROOT / ".gitignore").read_text().split()


def test_the_image_holds_what_the_application_needs() -> None:
    copied = {
        Path(word).name
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.M)
        for word in line.split()[:-1]
    }
    assert copied == {
        line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")
    }
    assert {"app.py", "gunicorn.conf.py", "civreg", "workers", "templates", "static", "migrations"} <= copied


def test_made_secrets_fit_each_other_and_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = ROOT / "deploy" / "make-secrets.sh"
    folder = tmp_path / "secrets"
    for _ in range(2):
        done = subprocess.run(["sh", script, folder], check=True, capture_output=True, text=True)
        assert "tls.pem" in done.stderr
        made = {file.name: file.read_text() for file in folder.iterdir()}
        assert set(made) == set(COMPOSE["secrets"]) - MADE_LATER
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in list(SECRETS):
        monkeypatch.delenv(name, raising=False)
    for name, path in SERVICES["flask"]["environment"].items():
        if name.endswith("_FILE"):
            monkeypatch.setenv(name, str(folder / Path(path).name))
    settings = load_settings(var=tmp_path, secret_key="x" * 40)
    assert settings.database_url.startswith("postgresql+psycopg://civreg_app:")
    assert settings.owner_database_url.startswith("postgresql+psycopg://civreg_owner:")
    password = settings.redis_url.removeprefix("redis://civreg:").partition("@")[0]
    assert len(password) == 64
    assert password not in made["redis_acl"]
    assert "user default off" in made["redis_acl"]
    assert settings.database_url.endswith("@postgres/civreg")
    assert settings.redis_url.endswith("@redis/0")
    again = subprocess.run(["sh", script, folder], check=True, capture_output=True, text=True)
    assert again.returncode == 0
    assert {file.name: file.read_text() for file in folder.iterdir()} == made, "what exists is never changed"


def test_the_broker_forgets_nothing() -> None:
    lines = (ROOT / "deploy" / "redis.conf").read_text().splitlines()
    assert {"appendonly yes", "maxmemory-policy noeviction"} <= set(lines)
    assert SERVICES["redis"]["command"][-2:] == ["--aclfile", "/run/secrets/redis_acl"]


def test_the_proxy_waits_longer_than_the_web_server() -> None:
    longest = int(re.findall(r"^timeout = (\d+)$", GUNICORN, re.M)[0])
    assert seconds("server") > longest
    assert seconds("client") >= seconds("http-request")
    assert seconds("http-request") <= 30, "a slow sender must not hold a buffer for ever"


def test_the_proxy_takes_no_smaller_bodies_than_the_application(app: Flask) -> None:
    others, photographs = (int(size) for size in re.findall(r"req\.body_size gt (\d+)", PROXY))
    assert others >= app.config["MAX_CONTENT_LENGTH"]
    assert photographs >= MOST_BODY
    patterns = [re.compile(found) for found in re.findall(r"acl photographs path_reg (\S+)", PROXY)]
    larger = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and hasattr(app.view_functions[rule.endpoint], "longest_body")
    }
    assert larger == {"/gui-anh", "/ho-so/<uuid:case_id>/giay-to", "/thu/<uuid:letter_id>/trao"}
    for rule in larger:
        path = re.sub("<uuid:[a-z_]+>", "0193a1b2-0000-7000-8000-000000000001", rule)
        assert any(pattern.search(path) for pattern in patterns), rule
    assert not any(pattern.search("/ho-so/0193a1b2/nhan") for pattern in patterns)


def test_the_proxy_keeps_to_itself_what_is_for_people_inside(app: Flask) -> None:
    (kept,) = re.findall(r"deny_status 404 if \{ path,url_dec -m beg (.*?) \}", PROXY)
    health = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("health.")}
    assert set(kept.split()) == health
    told = SERVICES["web"]["environment"]
    assert told["CIVREG_TRUSTED_PROXIES"] == "1"
    assert told["CIVREG_SECURE_COOKIES"] == "true"
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"):
        assert f"set-header {header} " in PROXY
    assert PROXY.index("del-header ^x-forwarded") < PROXY.index("set-header X-Forwarded-For")


def test_what_the_proxy_says_itself_is_vietnamese_and_says_what_to_do() -> None:
    said = set(re.findall(r'file "/usr/local/etc/haproxy/pages/(\S+?)"', PROXY))
    assert said == {file.name for file in (ROOT / "deploy" / "pages").iterdir()}
    for name in said:
        text = (ROOT / "deploy" / "pages" / name).read_text("utf-8")
        assert '<html lang="vi">' in text
        assert "Ông/bà" in text
    answered = {int(status) for status in re.findall(r"http-error status (\d+)", PROXY)}
    assert {400, 408, 413, 502, 503, 504} <= answered
    assert {int(status) for status in re.findall(r"deny_status (\d+)", PROXY)} <= answered
