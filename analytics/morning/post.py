"""A mail to its server: TLS with a checked certificate, login, and one line for whatever goes wrong."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from analytics.errors import ConfigurationError, DeliveryError
from analytics.harmless import visible
from analytics.morning.password import password_of
from analytics.site import MailSettings

_LONGEST_ANSWER = 200


def deliver(message: EmailMessage, settings: MailSettings) -> None:
    """Send the message; DeliveryError says which server did what, and what would mend it.

    Raises ConfigurationError where the settings do not say where to or through which server.
    """
    with _connected(settings) as server:
        refused = server.send_message(message)
    if refused:
        raise DeliveryError(
            f"does not take mail for {', '.join(sorted(refused))}; the others have it",
            _where(settings),
            "mend [mail] to",
        )


def greet(settings: MailSettings) -> None:
    """Connect, check the certificate, log in, and leave: all but the mail. DeliveryError as `deliver`."""
    with _connected(settings) as server:
        server.noop()


def described(message: EmailMessage, settings: MailSettings) -> list[tuple[str, str]]:
    """What would be sent, as pairs of a word and what it is; the server is not asked."""
    files = [
        f"{part.get_filename()} ({len(part.get_payload(decode=True) or b''):,} bytes)"
        for part in message.iter_attachments()
    ]
    login = f", login {settings.user}" if settings.user else ""
    server = f"{_where(settings)}, {settings.tls}{login}" if settings.server else "none ([mail] server)"
    return [
        ("Subject", str(message["Subject"])),
        ("From", str(message["From"])),
        ("To", str(message["To"])),
        ("Server", server),
        ("Attached", ", ".join(files) or "nothing"),
    ]


def _where(settings: MailSettings) -> str:
    return f"mail server {settings.server}:{settings.its_port}"


@contextmanager
def _connected(settings: MailSettings) -> Iterator[smtplib.SMTP]:
    """A session with the server, encrypted and logged in as the settings say."""
    if not settings.server:
        raise ConfigurationError("no mail server", "[mail] server", 'for example server = "mail.example.com"')
    if not settings.to:
        raise ConfigurationError("nobody to mail to", "[mail] to", 'for example to = ["ops@example.com"]')
    password = password_of(settings) if settings.user else ""
    with _told_in_one_line(settings):
        server = _opened(settings)
        try:
            if settings.user:
                server.login(settings.user, password)
            yield server
        finally:
            with suppress(smtplib.SMTPException, OSError):  # what was to be said has been said
                server.quit()
            server.close()


def _opened(settings: MailSettings) -> smtplib.SMTP:
    place, timeout_s = (settings.server, settings.its_port), settings.timeout_s
    if settings.tls == "tls":
        return smtplib.SMTP_SSL(*place, timeout=timeout_s, context=_context(settings))
    server = smtplib.SMTP(*place, timeout=timeout_s)
    try:
        if settings.tls == "starttls":
            server.starttls(context=_context(settings))
    except BaseException:
        server.close()
        raise
    return server


def _context(settings: MailSettings) -> ssl.SSLContext:
    """Certificates are checked, names too, against those of the system or of [mail] ca_file."""
    try:
        return ssl.create_default_context(cafile=settings.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"cannot be read as certificates: {error.strerror or error}",
            f"[mail] ca_file {settings.ca_file}",
            "a file of certificates (PEM)",
        ) from error


@contextmanager
def _told_in_one_line(settings: MailSettings) -> Iterator[None]:
    """Whatever the network or the server does becomes a DeliveryError."""
    try:
        yield
    except (smtplib.SMTPException, OSError) as error:
        what, remedy = _told(error, settings)
        raise DeliveryError(what, _where(settings), remedy) from error


def _told(error: Exception, settings: MailSettings) -> tuple[str, str]:
    """What happened, and what would mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}", (
            "renew it, use the name that it was made for, or trust its issuer with [mail] ca_file"
        )
    if isinstance(error, ssl.SSLError):
        return (
            f"no TLS: {error.reason or error}",
            'is [mail] port right? 465 wants tls = "tls", 587 "starttls"',
        )
    if isinstance(error, TimeoutError) or isinstance(
        error.__context__, TimeoutError
    ):  # smtplib says: disconnected
        return (
            f"does not answer within {settings.timeout_s:g} s",
            "is it the right port, is a firewall between?",
        )
    if isinstance(error, ConnectionRefusedError):
        return "refuses the connection", "is it running, is [mail] port right?"
    if isinstance(error, socket.gaierror):
        return "there is no computer of that name", "mend [mail] server"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"refuses the login of {settings.user}: {_answer(error)}", "mend the password or [mail] user"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"does not offer it: {error}", 'another port, or tls = "none" within your own network'
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"refuses the sender {error.sender}: {_answer(error)}", "mend [mail] from"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"takes mail for none of {', '.join(error.recipients)}", "mend [mail] to, or allow this relay"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"does not take the mail: {_answer(error)}", "[mail] max_mb may be above the server's limit"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "hangs up in the middle", 'is [mail] port right? 465 wants tls = "tls", 587 "starttls"'
    return f"cannot be reached: {getattr(error, 'strerror', None) or error}", "is the network up?"


def _answer(error: smtplib.SMTPResponseException) -> str:
    """The server's code and words, on one line."""
    words = error.smtp_error
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return f"{error.smtp_code} {visible(' '.join(text.split()))[:_LONGEST_ANSWER]}"
