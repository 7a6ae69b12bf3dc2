"""Every form of the application, found by walking its addresses, and what a hostile or broken browser may send to it.

`doors` opens every page of the access matrix and reads the forms on it, asks the URL map for the routes that no page
led to, and adds every question that a family may be asked; so a new page is walked without a line here.
"""

from __future__ import annotations

import ast
import inspect
import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import quote, quote_plus, urljoin

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from civreg.web.intake.offered import services
from civreg.web.intake.questions import CALLBACK

Pairs = list[tuple[str, str]]
Open = Callable[[str, str], TestResponse]
"""person, address → page"""

_CHOSEN = ("radio", "checkbox")
_UNTYPED = ("hidden", "password", "submit", "file", "image", "button")


@dataclass
class Control:
    """What one name of a form offers: its kind, what it would send untouched, what may be chosen."""

    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)


@dataclass
class PageForm:
    """One form of a page."""

    method: str
    action: str
    controls: dict[str, Control] = field(default_factory=dict)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[PageForm] = []
        self.words: list[str] = []
        self._area: Control | None = None
        self._select: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(PageForm(given.get("method", "get").lower(), given.get("action", "")))
        elif self.forms and tag == "option" and self._select:
            self._select.options.append(given.get("value", ""))
            if "selected" in given or not self._select.value:
                self._select.value = given.get("value", "")
        elif self.forms and given.get("name"):
            self._named(tag, given)

    def _named(self, tag: str, given: dict[str, str]) -> None:
        name, value, kind = given["name"], given.get("value", ""), given.get("type", "text")
        if tag == "textarea":
            self._area = self._control(name, "textarea")
        elif tag == "select":
            self._select = self._control(name, "select")
        elif tag == "button":
            self._control(name, "submit").options.append(value)
        elif tag == "input" and kind in _CHOSEN:
            control = self._control(name, kind)
            control.options.append(value or "on")
            if "checked" in given:
                control.value = value or "on"
        elif tag == "input":
            untyped = "readonly" in given or "hidden" in given  # there for the keeper of passwords
            self._control(name, "hidden" if untyped else kind).value = value

    def _control(self, name: str, kind: str) -> Control:
        return self.forms[-1].controls.setdefault(name, Control(kind))

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._area is not None:
            self._area.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._select = None


def read_page(text: str) -> tuple[list[PageForm], str]:
    """Return the forms of a page and the words a person reads on it."""
    page = _Page()
    page.feed(text)
    return page.forms, " ".join(page.words)


@dataclass(frozen=True)
class Door:
    """One place where something can be sent.

    Attributes:
        person: who is signed in; empty for a family.
        fields: name → what a good answer may be.
        typed: the names that a person fills in with her own hands.
        choices: those of them that offer their answers.
        arguments: the parts of the path that name something.
    """

    endpoint: str
    person: str
    method: str
    path: str
    fields: Mapping[str, tuple[str, ...]]
    typed: frozenset[str]
    choices: frozenset[str]
    arguments: Mapping[str, Any]


_PLAUSIBLE = (
    ("_day", "12"), ("_month", "11"), ("_year", "2026"), ("_time", "8:30"), ("phone", "0912 345 678"),
    ("hotline", "0294 3874 001"), ("number", "123/2026"), ("days", "3"), ("username", "nguoi.moi"),
)  # fmt: skip


def _good(name: str, control: Control) -> tuple[str, ...]:
    if control.options:
        return tuple(dict.fromkeys(option for option in (control.value, *control.options) if option)) or ("",)
    if control.value:
        return (control.value,)
    return (next((value for end, value in _PLAUSIBLE if name.endswith(end)), "Ghi thử một câu"),)


def _door_of(form: PageForm, endpoint: str, person: str, path: str, arguments: Mapping[str, Any]) -> Door:
    fields = {
        name: _good(name, control)
        for name, control in form.controls.items()
        if control.kind != "file" and name != "csrf_token"
    }
    typed = {name for name, control in form.controls.items() if control.kind not in _UNTYPED}
    chosen = frozenset(name for name, control in form.controls.items() if control.options)
    return Door(endpoint, person, form.method.upper(), path, fields, frozenset(typed), chosen, arguments)


_READERS = frozenset(
    {
        "text",
        "lines",
        "choice",
        "ticked",
        "whole",
        "phone",
        "identity",
        "partial_date",
        "day",
        "get",
        "getlist",
    }
)


@cache
def names_read(module: str) -> frozenset[str]:
    """Return the names that the functions of a page module read from a form or an address."""
    found: set[str] = set()
    for call in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
        if not isinstance(call, ast.Call):
            continue
        called = getattr(call.func, "attr", getattr(call.func, "id", ""))
        words = [word.value for word in call.args if isinstance(word, ast.Constant)]
        names = [word for word in words if isinstance(word, str) and word.isidentifier() and word.isascii()]
        if called in _READERS or called.startswith("read_"):
            found |= set(names[:1])
        if called in ("partial_date", "day", "read_moment"):
            found |= {f"{name}_{part}" for name in names[:1] for part in ("day", "month", "year", "time")}
    return frozenset(found)


def _module_of(app: Flask, endpoint: str) -> str:
    return str(app.view_functions[endpoint].__module__)


@dataclass(frozen=True)
class Address:
    """One row of the access matrix with everybody it is open to, and its path filled with one object."""

    endpoint: str
    method: str
    path: str
    people: tuple[str, ...]


def doors(app: Flask, addresses: Iterable[Address], open_page: Open) -> list[Door]:
    """Return every place where something can be sent, each with what a good answer looks like."""
    rows = list(addresses)
    known: dict[tuple[str, str, frozenset[str]], Door] = {}
    for row in rows:
        if row.method != "GET":
            continue
        for person in row.people:
            for door in _doors_on(app, row, person, open_page):
                known.setdefault((door.endpoint, door.method, frozenset(door.fields)), door)
    asked = {(endpoint, method) for endpoint, method, _ in known}
    for row in rows:
        if row.method == "GET" or (row.endpoint, row.method) not in asked:
            door = _bare(app, row)
            known.setdefault((door.endpoint, door.method, frozenset(door.fields)), door)
    return [*known.values(), *_family()]


def _match(app: Flask, path: str, method: str) -> tuple[str, Mapping[str, Any]] | None:
    try:
        return app.url_map.bind("localhost").match(path.partition("?")[0], method=method)
    except HTTPException:
        return None


def _doors_on(app: Flask, row: Address, person: str, open_page: Open) -> Iterator[Door]:
    answer = open_page(person, row.path)
    if answer.status_code != 200 or answer.mimetype != "text/html":
        return
    for form in read_page(answer.text)[0]:
        path = urljoin(row.path, form.action or row.path.partition("?")[0])
        matched = _match(app, path, form.method.upper())
        if matched:
            yield _door_of(form, matched[0], person, path, matched[1])


def _bare(app: Flask, row: Address) -> Door:
    """Return a door that no page led to: what its module reads is all that is known of it."""
    path, _, query = row.path.partition("?")
    names = {name: _good(name, Control("text")) for name in names_read(_module_of(app, row.endpoint))}
    given = {name: (value,) for name, _, value in (pair.partition("=") for pair in query.split("&")) if name}
    matched = _match(app, path, row.method)
    assert matched is not None, row.path
    return Door(
        row.endpoint, row.people[0], row.method, path, names | given, frozenset(), frozenset(), matched[1]
    )


def _family() -> Iterator[Door]:
    for service in services():
        start = f"/yeu-cau/{service.code}"
        for question in (*service.pages, CALLBACK):
            fields = {
                name: _good(name, Control("text", options=[option.value for option in box.options]))
                for box in question.boxes
                for name in box.inputs()
            }
            endpoint = "intake.send_callback" if question is CALLBACK else "intake.answer"
            arguments = {"procedure": service.code, "step": question.id}
            typed = frozenset(fields) - {"commune", "commune_label"}
            chosen = frozenset(box.name for box in question.boxes if box.options)
            yield Door(endpoint, "", "POST", f"{start}/{question.id}", fields, typed, chosen, arguments)


# what is sent ----------------------------------------------------------------------------------------------------

_SPOILT: tuple[str, ...] = (
    "", " ", "Y", "x" * 100_000, "a\x00b", "\x00", "\ud800", "\udfff\ud800", "\u202eABC", "\u200f\u200e", "👩‍👩‍👧‍👦", "🇻🇳",
    "\u0301Nguyễn", "\u0323\u0309", "Thạch\u200bThị", "99999999999999999999", "9223372036854775808", "2147483648", "-1",
    "-0", "0", "1e400", "NaN", "Infinity", "1.5", "½", "²", "٣", "１２", "31/02/2026", "32", "13", "0000", "99999", "2026-02-31",
    "0000-00-00", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59", "2026-11-16T08:00:00", "24:00", "25:61", "8h99",
    "null", "undefined", "None", "true", "[]", "{}", "<script>alert(1)</script>", "' OR 1=1 --", "%", "_", "\\", "%00", "%s",
    "{{ 7*7 }}", "../../etc/passwd", "//xau.example", "javascript:alert(1)", "\r\nSet-Cookie: x=1", "line\nline\r\nline",
    "00000000-0000-0000-0000-000000000000", "018f0000-0000-7000-8000-00000000000", "{018f0000-0000-7000-8000-000000000000}",
    "~", "2026-11-16T08:00:00+07:00~", "~018f0000-0000-7000-8000-000000000000", "9999-99-99~x", "9" * 4301, "\ufeff", "\uffff",
    "é" * 3000, "0912 345 678", "+84 (0)912-345-678", "Nguyễn Thị Hoa", "(", "*", "\x7f", "\x1b[31m", "\U0010ffff",
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """One input.

    Attributes:
        what: how it is malformed, for the message of a failure.
        query: of the address.
        pairs: what a browser would have typed; None when the body is no form that can be read.
        body: the bytes; None without a body.
        kind: content type.
    """

    what: str
    path: str
    query: str = ""
    pairs: Pairs | None = None
    body: bytes | None = None
    kind: str = ""


def _encoded(pairs: Pairs) -> bytes:
    return "&".join(
        f"{quote_plus(name, errors='surrogatepass')}={quote_plus(value, errors='surrogatepass')}"
        for name, value in pairs
    ).encode()


def _multipart(pairs: Pairs, files: Iterable[tuple[str, str, bytes]] = (), boundary: str = "x9") -> bytes:
    body = BytesIO()
    for name, value in pairs:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        body.write(head.encode() + value.encode("utf-8", "surrogatepass") + b"\r\n")
    for name, filename, content in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        body.write(head.encode("utf-8", "replace") + b"Content-Type: image/jpeg\r\n\r\n" + content + b"\r\n")
    return body.getvalue() + f"--{boundary}--\r\n".encode()


def _answers(door: Door, chance: random.Random) -> Pairs:
    return [(name, chance.choice(values)) for name, values in door.fields.items()]


def _spoil(door: Door, chance: random.Random) -> tuple[str, Pairs]:
    """Return the answers with some of them spoilt, and the names of those."""
    pairs = _answers(door, chance)
    names = list(door.fields)
    spoilt = set(chance.sample(names, min(len(names), chance.choice((1, 1, 1, 2, 3, len(names))))))
    return ", ".join(sorted(spoilt)), [
        (name, chance.choice(_SPOILT) if name in spoilt else value) for name, value in pairs
    ]


def _bent_shape(door: Door, chance: random.Random) -> tuple[str, Pairs]:
    """Return the answers with keys missing, repeated, unknown or written as an array."""
    pairs = _answers(door, chance)
    chance.shuffle(pairs)
    how = chance.choice(("missing", "repeated", "unknown", "array", "renamed", "many"))
    if how == "missing":
        pairs = pairs[: len(pairs) // 2]
    elif how == "repeated":
        pairs += [(name, chance.choice(_SPOILT)) for name, _ in pairs]
    elif how == "unknown":
        pairs += [(chance.choice(_SPOILT)[:300] or "x", chance.choice(_SPOILT)[:5000]) for _ in range(5)]
    elif how == "array":
        pairs = [(name + chance.choice(("[]", "[0]", ".0", "[a][b]")), value) for name, value in pairs]
    elif how == "renamed":
        pairs = [(name.upper(), value) for name, value in pairs]
    else:
        pairs += [(f"unknown{number}", "1") for number in range(900)]
    return how, pairs


def _bent_body(door: Door, chance: random.Random) -> tuple[str, bytes, str]:
    """Return a body that is no form, or not the form it says it is."""
    pairs = _answers(door, chance)
    plain = [(name, value.replace("\r", "").replace("\n", "")) for name, value in pairs]
    form, parts = _encoded(pairs), _multipart(plain)
    multipart = "multipart/form-data; boundary=x9"
    file = [(chance.choice([*door.fields, "photo", "file"]), "giấy.jpg", b"\xff\xd8\xff\x00")]
    return chance.choice((
        ("file for text", _multipart([], file), multipart),
        ("text for file", _multipart([*plain, ("photo", "x"), ("file", "x")]), multipart),
        ("file with a strange name", _multipart(plain, [("photo", "..\\..\\a\x00\r\nb", b"")]), multipart),
        ("json", json.dumps(dict(pairs)).encode(), "application/json"),
        ("broken json", b'{"a": ', "application/json"),
        ("plain text", form, "text/plain"),
        ("bytes", bytes(range(256)) * 40, "application/octet-stream"),
        ("unknown type", form, "\x7f/ü;;;="),
        ("no type", form, ""),
        ("utf-16", "a=ầ&b=c".encode("utf-16"), "application/x-www-form-urlencoded; charset=utf-16"),
        ("no boundary", parts, "multipart/form-data"),
        ("wrong boundary", parts, "multipart/form-data; boundary=khac"),
        ("cut multipart", parts[: len(parts) // 2], multipart),
        ("cut head", parts[:30], multipart),
        ("headless part", b"--x9\r\n\r\nabc\r\n--x9--\r\n", multipart),
        ("nothing", b"", "application/x-www-form-urlencoded"),
        ("no multipart", b"", multipart),
        ("over-long multipart", _multipart([("note", "x" * 1_100_000)]), multipart),
        ("too many parts", _multipart([("note", "1")] * 1100), multipart),
        ("over-long form", b"note=" + b"x" * 1_100_000, "application/x-www-form-urlencoded"),
        ("no unicode", b"&".join(quote_plus(n).encode() + b"=%ff%fe%ed%a0%80%c0%80" for n in door.fields),
         "application/x-www-form-urlencoded"),
        ("raw bytes", b"note=\xff\xfe\x00&=&&==&a", "application/x-www-form-urlencoded"),
    ))  # fmt: skip


def _bent_path(door: Door, chance: random.Random) -> tuple[str, str]:
    """Return the path with one of the things it names spoilt."""
    name = chance.choice(list(door.arguments))
    value = chance.choice([one for one in _SPOILT if one and one not in (".", "..") and len(one) < 5000])
    good = quote(str(door.arguments[name]))
    spoilt = quote(value, safe="", errors="surrogatepass")
    return name, spoilt.join(door.path.rsplit(good, 1))


def malformed(door: Door, chance: random.Random) -> Sent:
    """Return one malformed input for a door."""
    if door.arguments and chance.random() < (0.35 if door.method == "GET" else 0.08):
        name, path = _bent_path(door, chance)
        return Sent(f"path: {name}", path, body=b"" if door.method == "POST" else None)
    bend = _spoil if door.fields and chance.random() < 0.75 else _bent_shape
    if door.method == "GET":
        what, pairs = bend(door, chance)
        short = [(name, value[:4000]) for name, value in pairs]
        return Sent(what, door.path, query=_encoded(short).decode())
    if chance.random() < 0.2:
        what, body, kind = _bent_body(door, chance)
        return Sent(what, door.path, body=body, kind=kind)
    what, pairs = bend(door, chance)
    return Sent(what, door.path, pairs=pairs, body=_encoded(pairs), kind="application/x-www-form-urlencoded")
