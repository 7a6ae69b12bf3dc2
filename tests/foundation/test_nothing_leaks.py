"""After a whole journey nothing personal stands where it does not belong: dump, files, logs, Redis, messages, audit."""

from __future__ import annotations

import base64
import binascii
import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote_plus, unquote, urlsplit

import pytest
import redis

from civreg.accounts.rules import SYSTEM
from civreg.letters import queries as letter_queries
from civreg.letters import service as letters
from civreg.letters.queries import LetterRow
from civreg.shared import clock
from civreg.stack.binaries import postgres_program
from civreg.tables import METADATA
from civreg.work import LETTER_TEMPLATES
from tests.live_office import PASSWORD, HttpVisitor, LiveOffice, open_office
from tests.live_stack import LiveStack
from tests.world import BIRTH, ask, receive, register

pytestmark = pytest.mark.live

PHONE, NUMBER, GROUP = "0977131719", "084226131719", "Xinh Mun Ơ Đu"
DRAFTED, RECIPIENT, PLAIN_NAME = (
    "Thạch Thị Bản Nháp Riêng",
    "Kim Thị Người Nhận Riêng",
    "Kim Sô Khane Ghi Tên",
)
SPOKEN = (PHONE, "0977 131 719", "+84977131719", NUMBER, GROUP, DRAFTED, RECIPIENT, PASSWORD)


def spellings(secret: str) -> set[bytes]:
    """Return how a text may stand in a file: UTF-8, JSON escapes, form encoding, bytes as Valkey's monitor shows them."""
    shown = "".join(chr(byte) if byte < 128 else f"\\x{byte:02x}" for byte in secret.encode())
    return {each.encode() for each in (secret, json.dumps(secret)[1:-1], quote_plus(secret), shown)}


def found_in(content: bytes, secrets: tuple[str, ...]) -> list[str]:
    """Return the secrets that stand in these bytes, also inside base64."""
    layers = [content]
    for run in re.findall(rb"[A-Za-z0-9+/]{24,}={0,2}", content):
        try:
            layers.append(base64.b64decode(run[: len(run) // 4 * 4]))
        except binascii.Error:
            continue
    whole = b"\n".join(layers)
    return [secret for secret in secrets if any(spelling in whole for spelling in spellings(secret))]


@contextmanager
def listening(stack: LiveStack) -> Iterator[bytearray]:
    """Hear every command that anybody sends to Valkey meanwhile."""
    heard = bytearray()
    address = urlsplit(stack.valkey.url())
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(unquote(address.path))
        line.sendall(
            f"AUTH {address.password}\r\nMONITOR\r\n".encode() if address.password else b"MONITOR\r\n"
        )

        def listen() -> None:
            while chunk := line.recv(65536):
                heard.extend(chunk)

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield heard
        finally:
            line.shutdown(socket.SHUT_RDWR)
            thread.join()


def stored_in(stack: LiveStack) -> bytes:
    """Return every key and value that Valkey holds."""
    readers = {b"string": "get", b"hash": "hgetall", b"set": "smembers"}
    ranges = {b"list": "lrange", b"zset": "zrange"}
    found = []
    with redis.Redis.from_url(stack.valkey.url()) as client:
        for key in client.scan_iter("*"):
            kind = client.type(key)
            if kind in readers:
                found.append(str((key, getattr(client, readers[kind])(key))))
            elif kind in ranges:
                found.append(str((key, getattr(client, ranges[kind])(key, 0, -1))))
    return "\n".join(found).encode()


def dump_of(stack: LiveStack) -> bytes:
    """Return what `pg_dump` writes for the superuser: every table in plain text."""
    command = [postgres_program("pg_dump"), "--no-owner", stack.postgres.conninfo("superuser")]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def family_writes(visitor: HttpVisitor) -> None:
    """Leave a draft, type wrong answers, look up a code that is none: everything with the canaries in it."""
    token = visitor.get("/yeu-cau/birth_at_home/child_name").hidden("csrf_token")
    fields = {"csrf_token": token, "child_name": DRAFTED}
    assert visitor.post("/yeu-cau/birth_at_home/child_name", fields).status == 200
    wrong = {"csrf_token": token, "phone_owner": "own", "phone": f"{PHONE}999"}
    assert visitor.post("/yeu-cau/birth_at_home/phone", wrong).status == 422
    right = {"csrf_token": token, "phone_owner": "own", "phone": PHONE}
    assert visitor.post("/yeu-cau/birth_at_home/phone", right).status == 200
    lost = {"csrf_token": token, "code": "K7M3P-9QX2T", "fact": PHONE[-4:]}
    assert visitor.post("/tra-cuu", lost).status in (404, 422)
    assert visitor.post("/yeu-cau/birth_at_home/phone", {**right, "csrf_token": "other"}).status == 400


def letter_goes_out(office: LiveOffice) -> tuple[LetterRow, str]:
    """Bring one case with the canaries to a letter in the family's hands; return it and the family's code."""
    people = tuple(
        replace(
            person, ethnic_group=GROUP, full_name=PLAIN_NAME if person.role == "child" else person.full_name
        )
        for person in BIRTH.people
    )
    with office.session() as session:
        receipt = ask(session, office.world(), BIRTH, key="k" * 40, phone=PHONE, people=people)
        receive(session, office.world(), receipt.case_id)
        register(session, office.world(), receipt.case_id, NUMBER)
    office.wait_for_jobs()

    def row() -> LetterRow:
        with office.session() as session:
            return letter_queries.letters_of_case(session, SYSTEM, receipt.case_id)[0]

    with office.session() as session:
        letters.approve(session, office.actors["head"], row().id, expected_version=row().version)
    office.wait_for_jobs()
    with office.session() as session:
        ids = [row().id]
        letters.print_run(session, office.actors["clerk"], [office.unit_id], ids)
        letters.sign_many(session, office.actors["clerk"], ids)
        letters.give_many(session, office.actors["clerk"], ids, officer_name=RECIPIENT)
    last = row()
    with office.session() as session:
        letters.hand_over(
            session,
            office.actors["officer"],
            last.id,
            expected_version=last.version,
            to_whom=RECIPIENT,
            relation="cha",
            at=clock.now(),
        )
    office.wait_for_jobs()
    return last, receipt.tracking_code


def test_a_whole_journey_leaves_nothing_personal_in_the_open(live_stack: LiveStack) -> None:
    office = open_office(live_stack, "29461")
    family, officer = HttpVisitor(live_stack.url), HttpVisitor(live_stack.url)
    with listening(live_stack) as heard:
        family_writes(family)
        letter, code = letter_goes_out(office)
        officer.sign_in(office.username("officer"))
        shown = officer.get(f"/ho-so/{letter.case_id}")
        officer.get(f"/ho-so?q={PHONE}")
        assert officer.get(f"/thu/{letter.id}").status == 200
    assert NUMBER in shown.text
    with office.session() as session:
        page = letter_queries.letter_page(session, office.actors["head"], letter.id, LETTER_TEMPLATES)
    assert page.words is not None
    sentences = tuple(words for words in page.words.paragraphs if len(words) > 40)
    assert sentences
    cookies = tuple(cookie.value or "" for cookie in officer.cookies)
    secrets = (*SPOKEN, *sentences, code, *cookies)

    dump = dump_of(live_stack)
    assert found_in(dump, (PLAIN_NAME,)) == [PLAIN_NAME], (
        "names are searched for, so they stand in plain text"
    )
    assert b"084" in dump
    assert found_in(dump, secrets) == []
    logs = {file.name: file.read_bytes() for file in (live_stack.folder / "logs").iterdir()}
    assert {"web.log", "worker.log", "postgres.log"} <= set(logs)
    for name, content in logs.items():
        assert found_in(content, (*secrets, PLAIN_NAME)) == [], name
    messages = bytes(heard)
    assert b"letters.issue" in messages, "the letter's job went through the broker"
    assert found_in(messages, (*secrets, PLAIN_NAME)) == []
    assert found_in(stored_in(live_stack), (*secrets, PLAIN_NAME)) == []

    files_of_the_servers_hold_no_canary(live_stack)


def files_of_the_servers_hold_no_canary(live_stack: LiveStack) -> None:
    """Heap, indexes, write-ahead log, the broker's own file: what a stolen disk shows."""
    with live_stack.postgres._connect("civreg") as connection:
        connection.execute("CHECKPOINT")

    def files_with(secret: str) -> list[str]:
        patterns = [argument for spelling in spellings(secret) for argument in ("-e", spelling.decode())]
        command = ["grep", "-r", "-l", "-a", "-F", *patterns, str(live_stack.folder)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()

    assert files_with(PLAIN_NAME), "the search finds what is there"
    for secret in SPOKEN:
        assert files_with(secret) == [], secret


def test_a_cause_of_death_would_have_to_be_sealed() -> None:
    columns = [
        f"{table.name}.{column.name}" for table in METADATA.tables.values() for column in table.columns
    ]
    open_ones = [name for name in columns if re.search(r"cause|reason_of_death", name)]
    assert [name for name in open_ones if not name.partition(".")[2].startswith("sealed_")] == []
