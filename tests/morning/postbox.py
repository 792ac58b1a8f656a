# ruff: noqa: ARG002 - aiosmtpd calls with all of them
"""Real mail servers on this machine: one that takes mail, and those that refuse, stall, hang up or are not there."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

CA = trustme.CA()
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class Postbox:
    """Keeps what it is sent, or answers with `refusal` (to a recipient that begins with no-, or to all data)."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.logins: list[tuple[str, str]] = []
        self.was_encrypted: list[bool] = []
        self.refusal = ""

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802
        """Take the recipient, unless its name says no."""
        if address.startswith("no-"):
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        """Keep the message."""
        if self.refusal:
            return self.refusal
        self.was_encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def login(self, server, session, envelope, mechanism, auth_data):
        """Take the one login that is right."""
        login = (auth_data.login.decode(), auth_data.password.decode())
        self.logins.append(login)
        return AuthResult(success=login == ("dpm", "s3cret"), handled=False)


def ca_file(folder: Path) -> str:
    """The certificate of our authority."""
    path = folder / "ca.pem"
    CA.cert_pem.write_to_path(path)
    return str(path)


def certificate(name: str = "localhost", not_after: dt.datetime | None = None) -> ssl.SSLContext:
    """What a server shows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    not_before = not_after - dt.timedelta(days=30) if not_after else None
    CA.issue_cert(name, not_before=not_before, not_after=not_after).configure_cert(context)
    return context


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postbox(
    context: ssl.SSLContext | None = None, tls: str = "starttls", login: bool = False
) -> Iterator[tuple]:
    """A server that takes mail, and its port."""
    box, port = Postbox(), free_port()
    words = {"authenticator": box.login, "auth_required": True} if login else {}
    if context and tls == "starttls":
        words |= {"tls_context": context, "require_starttls": True}
    kept = {"ssl_context": context} if context and tls == "tls" else {}
    if kept and login:
        words["auth_require_tls"] = (
            False  # it does not know that all of its connections are encrypted, and warns
        )
    controller = Controller(box, hostname="127.0.0.1", port=port, **kept, **words)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


@contextmanager
def stalling(greeting: bytes = b"") -> Iterator[int]:
    """A server that says so much and nothing more, or hangs up where it has something to say."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    held.append(listening.accept()[0])
                except OSError:
                    return
                if greeting:
                    held[-1].sendall(greeting)
                    held[-1].close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    for each in held:
        each.close()
