"""What the daily run and its mail need to know: `[run]` and `[mail]` of the site file."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.site.key import SiteKey

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class RunSettings:
    """`[run]`: paths as they stand in the file, relative to its folder; `keep_days` None keeps every report."""

    logs: tuple[str, ...] = ()
    store: str = ""
    out: str = ""
    depth: str = "daily"
    lang: str = "en"
    files: tuple[str, ...] = ("html", "json", "csv")
    keep_days: int | None = None
    ping_url: str = ""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`[mail]`: to whom, from whom, by which server; its password stands in a variable or a file that is named."""

    to: tuple[str, ...] = ()
    sender: str = ""
    server: str = ""
    port: int | None = None
    tls: str = "starttls"
    user: str = ""
    password_env: str = "DPM_MAIL_PASSWORD"  # noqa: S105 - the name of a variable
    password_file: str = ""
    ca_file: str = ""
    timeout_s: float = 30.0
    only_on_change: bool = False
    heartbeat_days: int = 1
    max_mb: float = 10.0

    @property
    def its_port(self) -> int:
        """The port, that of the kind of TLS where none is named: 587, 465 or 25."""
        return self.port or _PORTS[self.tls]


MORNING_KEYS = (
    SiteKey(
        "run",
        "logs",
        "logs",
        "texts",
        '["//FS01/dpm-logs"]',
        "What `run` reads every day: folders, files, wildcards; relative to the site file, as all paths here.",
    ),
    SiteKey("run", "store", "store", "text", '"store"', "Folder of the store."),
    SiteKey(
        "run", "out", "out", "text", '"reports"', "Folder of the reports: index.html, latest.html, archive."
    ),
    SiteKey(
        "run",
        "depth",
        "depth",
        "depth",
        '"daily"',
        "daily: the last night; weekly: seven; monthly: its month.",
    ),
    SiteKey("run", "lang", "lang", "text", '"en"', "Language of report and mail."),
    SiteKey(
        "run",
        "files",
        "files",
        "forms",
        '["html", "json", "csv", "pdf"]',
        "Forms of the report; md and png, too.",
    ),
    SiteKey(
        "run", "keep_days", "keep_days", "whole", "400", "Reports of older nights go; default: none goes."
    ),
    SiteKey(
        "run",
        "ping_url",
        "ping_url",
        "url",
        '"https://hc-ping.com/UUID"',
        "Dead man's switch: called at the end, with /start at the start and /fail where something failed.",
    ),
    SiteKey("mail", "to", "to", "addresses", '["ops@example.com"]', "Who gets the report."),
    SiteKey(
        "mail", "from", "sender", "address", '"dpm@example.com"', "The sender; default: the first of `to`."
    ),
    SiteKey("mail", "server", "server", "text", '"mail.example.com"', "SMTP server."),
    SiteKey("mail", "port", "port", "whole", "587", "Its port; default: 587 starttls, 465 tls, 25 none."),
    SiteKey(
        "mail",
        "tls",
        "tls",
        "tls",
        '"starttls"',
        "starttls, tls or none; the server's certificate is checked.",
    ),
    SiteKey("mail", "user", "user", "text", '"dpm"', "Login; without it there is none."),
    SiteKey(
        "mail",
        "password_env",
        "password_env",
        "text",
        '"DPM_MAIL_PASSWORD"',
        "Environment variable with the password; else that of `password_file`, else of the key store (keyring).",
    ),
    SiteKey(
        "mail",
        "password_file",
        "password_file",
        "text",
        '"mail.password"',
        "File with the password alone, which only the account of the task and administrators may read.",
    ),
    SiteKey(
        "mail",
        "ca_file",
        "ca_file",
        "text",
        '"ca.pem"',
        "Certificates to trust; default: those of the system.",
    ),
    SiteKey("mail", "timeout_s", "timeout_s", "seconds", "30", "How long to wait for the server."),
    SiteKey(
        "mail",
        "only_on_change",
        "only_on_change",
        "yes_no",
        "true",
        "Whole mails only on a breach, a failed check, or a change; else a short one that says that nothing changed.",
    ),
    SiteKey(
        "mail",
        "heartbeat_days",
        "heartbeat_days",
        "whole",
        "1",
        "That short one comes after so many nights without a mail; 0: never.",
    ),
    SiteKey(
        "mail",
        "max_mb",
        "max_mb",
        "amount",
        "10",
        "Largest mail; what is larger is zipped, else left out and named.",
    ),
)
