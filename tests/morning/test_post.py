"""Mail against real servers on this machine: what they take, and one clear line for each way in which they do not."""

from __future__ import annotations

import builtins
import sys
from email.message import EmailMessage
from types import ModuleType

import pytest

from analytics.errors import ConfigurationError, DeliveryError
from analytics.morning import deliver, described
from analytics.morning.password import password_of, source_of
from analytics.morning.post import greet
from analytics.site import MailSettings
from tests.morning.postbox import LONG_AGO, ca_file, certificate, free_port, postbox, stalling


def mail(to: str = "ops@example.com") -> EmailMessage:
    """A message."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "3 of 8 missed", "dpm@example.com", to
    message.set_content("Verdict.\n")
    return message


def settings(port: int, **more) -> MailSettings:
    """Settings for a server on this machine."""
    given = {"to": ("ops@example.com",), "server": "localhost", "tls": "none", "timeout_s": 5.0} | more
    return MailSettings(port=port, **given)


def refusal(port: int, message: EmailMessage | None = None, **more) -> str:
    """The one line that sending ends with."""
    with pytest.raises(DeliveryError) as caught:
        deliver(message or mail(), settings(port, **more))
    assert caught.value.exit_code == 7
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestTaken:
    def test_plain(self):
        """Within the own network, without TLS and login."""
        with postbox() as (box, port):
            deliver(mail(), settings(port))

        assert [each["Subject"] for each in box.mails] == ["3 of 8 missed"]
        assert box.was_encrypted == [False]

    @pytest.mark.filterwarnings("ignore:Requiring AUTH")
    @pytest.mark.parametrize("tls", ["starttls", "tls"])
    def test_encrypted_with_login(self, tls, tmp_path, monkeypatch):
        """The certificate is checked, the password comes from the environment."""
        monkeypatch.setenv("DPM_MAIL_PASSWORD", "s3cret")
        with postbox(certificate(), tls, login=True) as (box, port):
            deliver(mail(), settings(port, tls=tls, user="dpm", ca_file=ca_file(tmp_path)))

        assert len(box.mails) == 1
        assert box.was_encrypted == [True]
        assert box.logins == [("dpm", "s3cret")]

    def test_greeting_sends_nothing(self, tmp_path):
        """Doctor asks for all but the mail."""
        with postbox(certificate()) as (box, port):
            greet(settings(port, tls="starttls", ca_file=ca_file(tmp_path)))

        assert box.mails == []


class TestTheServer:
    def test_dead(self):
        """Nobody listens."""
        assert "refuses the connection" in refusal(free_port())

    def test_unknown_name(self):
        """A name that no computer has."""
        assert "there is no computer of that name" in refusal(25, server="mail.invalid")

    def test_slow(self):
        """It takes the connection and says nothing."""
        with stalling() as port:
            assert "does not answer within 0.2 s" in refusal(port, timeout_s=0.2)

    def test_hangs_up(self):
        """It greets and is gone."""
        with stalling(b"220 here\r\n") as port:
            assert "mail server localhost" in refusal(port)

    def test_no_mail_server(self):
        """Something else answers."""
        with stalling(b"554 go away\x1b[2J\r\n") as port:
            said = refusal(port)

        assert "554" in said
        assert "\x1b" not in said

    def test_expired_certificate(self, tmp_path):
        """Not accepted, and nothing is sent."""
        with postbox(certificate(not_after=LONG_AGO)) as (box, port):
            said = refusal(port, tls="starttls", ca_file=ca_file(tmp_path))

        assert "certificate has expired" in said
        assert box.mails == []

    @pytest.mark.parametrize("tls", ["starttls", "tls"])
    def test_a_certificate_of_strangers(self, tls):
        """An issuer that this computer does not trust."""
        with postbox(certificate(), tls) as (box, port):
            assert "its certificate is not accepted" in refusal(port, tls=tls)

        assert box.mails == []

    def test_a_certificate_of_another_name(self, tmp_path):
        """The name is checked, too."""
        with postbox(certificate("mail.example.com")) as (_, port):
            assert "mismatch" in refusal(port, tls="starttls", ca_file=ca_file(tmp_path))

    def test_without_tls(self):
        """TLS is asked for and not offered: nothing goes in clear text."""
        with postbox() as (box, port):
            assert "does not offer it: STARTTLS" in refusal(port, tls="starttls")

        assert box.mails == []

    def test_tls_at_a_plain_port(self):
        """The wrong kind of port is told."""
        with postbox() as (_, port):
            assert '465 wants tls = "tls"' in refusal(port, tls="tls")


class TestRefusals:
    def test_login(self, tmp_path, monkeypatch):
        """A wrong password is not shown."""
        monkeypatch.setenv("OTHER", "wr0ng")
        with postbox(certificate(), login=True) as (_, port):
            said = refusal(port, tls="starttls", user="dpm", password_env="OTHER", ca_file=ca_file(tmp_path))

        assert "refuses the login of dpm: 535" in said
        assert "wr0ng" not in said

    def test_all_recipients(self):
        """Nobody gets it."""
        with postbox() as (box, port):
            assert "takes mail for none of no-one@example.com" in refusal(port, mail("no-one@example.com"))

        assert box.mails == []

    def test_one_recipient(self):
        """The others get it, and the one is named."""
        with postbox() as (box, port):
            said = refusal(port, mail("ops@example.com, no-one@example.com"))

        assert "no-one@example.com; the others have it" in said
        assert len(box.mails) == 1

    def test_the_mail(self):
        """Too large, says the server."""
        with postbox() as (box, port):
            box.refusal = "552 too much mail"
            assert "does not take the mail: 552 too much mail" in refusal(port)


class TestPassword:
    def test_from_the_key_store(self, tmp_path, monkeypatch):
        """Where keyring is installed and the environment has none."""
        store = ModuleType("keyring")
        store.get_password = lambda service, user: (
            "s3cret" if (service, user) == ("dpm-analytics", "dpm") else None
        )
        monkeypatch.setitem(sys.modules, "keyring", store)
        monkeypatch.delenv("DPM_MAIL_PASSWORD", raising=False)
        with postbox(certificate(), login=True) as (box, port):
            deliver(mail(), settings(port, tls="starttls", user="dpm", ca_file=ca_file(tmp_path)))

        assert len(box.mails) == 1

    def test_from_a_file(self, tmp_path, monkeypatch):
        """Its first line, with the mark that Windows puts before UTF-8; the environment comes before it."""
        file = tmp_path / "mail.password"
        file.write_text("s3cret\n", encoding="utf-8-sig")
        monkeypatch.delenv("DPM_MAIL_PASSWORD", raising=False)
        given = settings(25, user="dpm", password_file=str(file))

        assert (password_of(given), source_of(given)) == ("s3cret", "file")
        monkeypatch.setenv("DPM_MAIL_PASSWORD", "other")
        assert (password_of(given), source_of(given)) == ("other", "environment")

    def test_a_file_that_is_not_there(self, tmp_path, monkeypatch):
        """One line names it; the password is in none."""
        monkeypatch.delenv("DPM_MAIL_PASSWORD", raising=False)
        with pytest.raises(ConfigurationError, match=r"password_file .*nowhere"):
            password_of(settings(25, user="dpm", password_file=str(tmp_path / "nowhere")))

    def test_none(self, monkeypatch):
        """The line says where it may stand."""
        kept = builtins.__import__

        def without_keyring(name, *words, **more):
            if name == "keyring":
                raise ImportError
            return kept(name, *words, **more)

        monkeypatch.setattr(builtins, "__import__", without_keyring)
        monkeypatch.delenv("DPM_MAIL_PASSWORD", raising=False)
        with pytest.raises(
            ConfigurationError, match=r"DPM_MAIL_PASSWORD, or .* keyring set dpm-analytics dpm"
        ):
            deliver(mail(), settings(25, tls="starttls", user="dpm"))


@pytest.mark.parametrize(("missing", "expected"), [("server", "no mail server"), ("to", "nobody to mail to")])
def test_what_must_be_there(missing, expected):
    """One line names the key."""
    with pytest.raises(ConfigurationError, match=expected):
        deliver(mail(), settings(25, **{missing: ""}))


def test_certificates_that_are_none(tmp_path):
    """A ca_file that cannot be read is named."""
    with postbox() as (_, port), pytest.raises(ConfigurationError, match=r"ca_file .*gone.pem"):
        deliver(mail(), settings(port, tls="tls", ca_file=str(tmp_path / "gone.pem")))


def test_a_description_asks_no_server():
    """Subject, recipients, server and files; nobody listens there."""
    message = mail()
    message.add_attachment(b"12345", maintype="text", subtype="csv", filename="offenders.csv")
    said = dict(described(message, settings(free_port(), user="dpm", tls="tls")))

    assert said["Subject"] == "3 of 8 missed"
    assert said["Server"].endswith("tls, login dpm")
    assert said["Attached"] == "offenders.csv (5 bytes)"
