"""A browser for `deploy.rehearse`: HTTPS under the rehearsal's own authority, from any address of this host."""

from __future__ import annotations

import http.client
import ssl
import urllib.request
from functools import partial

from deploy.topology import Topology
from tests.live_office import Answer, ErrorsAsPages, HttpVisitor


class _From(urllib.request.HTTPSHandler):
    """HTTPS from one address of this host, as if visitors came from several."""

    def __init__(self, context: ssl.SSLContext, address: str) -> None:
        super().__init__(context=context)
        self._tls = context
        self._connection = partial(http.client.HTTPSConnection, source_address=(address, 0))

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, request, context=self._tls)


class Browser(HttpVisitor):
    """A visitor over TLS who trusts the rehearsal's authority only.

    Attributes:
        headers: of the last answer.
        last_request: its id.
        says: headers that this visitor adds to what it sends.
    """

    def __init__(self, hosts: Topology, address: str = "127.0.0.1") -> None:
        super().__init__(hosts.url)
        self.last_request = ""
        self.says: dict[str, str] = {}
        context = ssl.create_default_context(cafile=str(hosts.ca))
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            _From(context, address),
            urllib.request.HTTPCookieProcessor(self.cookies),
            ErrorsAsPages(),
        )

    def _send(self, request: urllib.request.Request) -> Answer:
        request.add_header(
            "Referer", request.full_url
        )  # as a browser does; the token check wants it over HTTPS
        for name, value in self.says.items():
            request.add_header(name, value)
        with self._opener.open(request, timeout=60) as answer:
            self.headers = answer.headers
            self.last_request = answer.headers.get("X-Request-Id", "")
            body = answer.read().decode("utf-8", "replace")
        return Answer(answer.status, answer.url, body)
