"""From a letter to a MIME message: text, HTML, an inline picture, and of the files what the size allows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

from analytics.harmless import visible
from analytics.report.mail.missed import Group
from analytics.report.words import Claim, Words
from analytics.report.words.numbers import one_line

if TYPE_CHECKING:
    from analytics.site import MailSettings

_LONGEST_SUBJECT = 200
_LINE = 76
_MB = 1_000_000
_AS_SENT = 4 / 3 * 1.03  # Base64, its line ends


@dataclass(frozen=True)
class Letter:
    """What one mail says: the same content as lines of text and as rows for the HTML template.

    `tone` is good, bad or unknown; `groups` are rows below `heads`; `picture` is a PNG, `alt` its words.
    """

    subject: str
    words: Words
    tone: str = "unknown"
    trust: str = ""
    verdict: str = ""
    lines: list[str] = field(default_factory=list)
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    title: str = ""
    heads: tuple[str, ...] = ()
    groups: list[Group] = field(default_factory=list)
    to_do: list[str] = field(default_factory=list)
    picture: bytes = b""
    alt: str = ""
    foot: str = ""


class _WithBlanks(EmailPolicy):
    """Python up to 3.12 loses blanks of a subject where it folds between ASCII and other letters."""

    def fold(self, name: str, value: str) -> str:
        """A subject of other letters is encoded as a whole; all else as usual."""
        if name != "Subject" or str(value).isascii():
            return str(super().fold(name, value))
        encoded = Header(str(value), "utf-8", _LINE, name).encode(linesep=self.linesep)
        return f"{name}: {encoded}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """The same, as it is sent."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


def message_of(
    letter: Letter, settings: MailSettings, files: Mapping[str, bytes], place: str = ""
) -> EmailMessage:
    """The message, ready to be sent; `place` is where the files are for those that do not fit."""
    kept, left_out = _fitting(files, settings.max_mb * _MB / _AS_SENT - len(letter.picture) - 50_000)
    about = [letter.words.say(claim) for claim in _about_files(kept, left_out, settings, place)]
    message = EmailMessage(policy=_WithBlanks(linesep="\r\n"))
    message["Subject"] = one_line(visible(letter.subject), _LONGEST_SUBJECT)
    message["From"] = settings.sender or settings.to[0]
    message["To"] = ", ".join(settings.to)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(letter, about))
    picture_id = make_msgid(domain="dpm-analytics.invalid")
    message.add_alternative(_html(letter, about, picture_id[1:-1]), subtype="html")
    if letter.picture:
        page = message.get_body(("html",))
        assert isinstance(page, EmailMessage)
        page.add_related(
            letter.picture, "image", "png", cid=picture_id, disposition="inline", filename="report.png"
        )
    for name, content in kept.items():
        message.add_attachment(content, maintype="application", subtype=_subtype(name), filename=name)
    return message


def _fitting(files: Mapping[str, bytes], limit_bytes: float) -> tuple[dict[str, bytes], dict[str, int]]:
    """The files that fit, and the sizes of those left out: the largest is zipped first, and left out first."""
    kept, left_out = dict(files), {}
    for name in sorted(files, key=lambda name: len(files[name]), reverse=True):
        if _total(kept) > limit_bytes:
            kept[f"{name}.zip"] = _zipped(name, kept.pop(name))
        if _total(kept) > limit_bytes:
            del kept[f"{name}.zip"]
            left_out[name] = len(files[name])
    return kept, left_out


def _total(files: Mapping[str, bytes]) -> int:
    return sum(map(len, files.values()))


def _zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def _subtype(name: str) -> str:
    """As octets, so that no gateway rewrites them; a zip says that it is one."""
    return "zip" if name.endswith(".zip") else "octet-stream"


def _about_files(
    kept: Mapping[str, bytes], left_out: Mapping[str, int], settings: MailSettings, place: str
) -> list[Claim]:
    claims = [Claim("mail.attached", files=list(kept))] if kept else []
    where = Claim("mail.place", place=place) if place else None
    claims += [
        Claim("mail.too_large", file=name, size_bytes=size, limit_bytes=settings.max_mb * _MB)
        for name, size in left_out.items()
    ]
    return [*claims, where] if where else claims


def _text(letter: Letter, about: list[str]) -> str:
    """The letter as lines; names from logs stand visible in them."""
    blocks = [
        [letter.trust],
        [letter.verdict],
        letter.lines,
        [
            f"{label}: {value} ({detail})" if detail else f"{label}: {value}"
            for label, value, detail in letter.facts
        ],
        *([group.title, *(f"- {row.said}" for row in group.rows), group.others] for group in letter.groups),
        letter.to_do,
        about,
        [letter.foot],
    ]
    said = ("\n".join(visible(line) for line in block if line) for block in blocks)
    return "\n\n".join(filter(None, said)) + "\n"


def _html(letter: Letter, about: list[str], picture_id: str) -> str:
    """Tables with inline style, no script, nothing to load; names from logs are escaped by the template."""
    from importlib import resources

    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = resources.files("analytics.report.mail").joinpath("mail.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(letter=letter, about=about, picture_id=picture_id)
