"""No name of the logs is left in any output, the same name has the same pseudonym, and the key file undoes it."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import os
import re
import zipfile
from pathlib import Path

import pytest

from analytics.errors import ConfigurationError
from analytics.report import build_report, write_report
from analytics.report.metrics import nagios
from analytics.report.picture import svg
from analytics.report.pseudonyms import Pseudonyms
from analytics.report.words import Words
from analytics.report.write import FORMATS
from tests.report.estate import FIRST_NIGHT, estate_rows, session_of, vm_names

SAID = "CONTOSO\\svc-dpm on hv01.contoso.local (10.1.2.3) could not open "
SAID += "\\\\FS01\\share$\\経理サーバー01.vhdx of VM001のVM"
# what names of the estate are made of: in HTML and JSON they may be escaped
TELLING = [
    "HV0",
    "VM00",
    "alert(1)",
    "onerror=alert",
    "calc'",
    "経理",
    "Söhne",
    "7*7",
    "ClusterStorage",
    "C:\\",
]
TELLING += ["contoso", "svc-dpm", "FS01", "share$", "10.1.2.3", "DPM01", "DPMRACurr"]


@pytest.fixture(scope="module")
def session():
    """Eleven VMs with hostile names, and errors that name accounts, hosts and paths."""
    rows = estate_rows(11, 4)
    failed = rows["jobs"][0]
    rows["failures"] = [
        {
            "job_id": failed["job_id"],
            "vm": failed["vm"],
            "host": "HV01",
            "outcome": "failed",
            "error_text": SAID,
        }
        | {"night": rows["job_nights"][0]["night"], "phase": "transfer", "events": 1, "error_code": 104}
        | {"event_list": "22:01 HV01 VSS/8193 VM002; 22:02 DPM01 DPM-EM/3114"}
    ]
    rows["jobs"] = [job | {"dpm_server": "DPM01.contoso.local"} for job in rows["jobs"]]
    return session_of(rows)


@pytest.fixture(scope="module")
def hidden(session, tmp_path_factory):
    """The report with pseudonyms, and these."""
    pseudonyms = Pseudonyms.read(tmp_path_factory.mktemp("key") / "key.json")
    return build_report(session, words=Words.of("ja"), pseudonyms=pseudonyms), pseudonyms


def unpacked(ending: str, content: bytes) -> str:
    """All that a file says, also in its compressed parts."""
    if ending == ".xlsx":
        book = zipfile.ZipFile(io.BytesIO(content))
        return html.unescape("\n".join(book.read(name).decode("utf-8") for name in book.namelist()))
    if ending == ".pdf":
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    text = content.decode("utf-8-sig")
    if ending == ".json":  # SQL holds no names, but its patterns look like some
        document = json.loads(text)
        rows = [result["rows"] for result in document.pop("results").values()]
        return json.dumps([document, rows], ensure_ascii=False).replace("\\\\", "\\")
    packed = re.findall(r'id="packed-data">([\w+/=]*)<', text)
    data = "".join(gzip.decompress(base64.b64decode(part)).decode("utf-8") for part in packed)
    own = re.sub(r"<(script|style|pre)\b.*?</\1>", "", text, flags=re.DOTALL) if packed else text
    return html.unescape(own + data).replace("\\\\", "\\")


@pytest.mark.parametrize("ending", [".html", ".md", ".json", ".csv", ".xlsx", ".prom", ".pdf"])
def test_no_name_is_left_in_any_file(ending, hidden):
    """Neither a whole name nor what is telling of it."""
    said = unpacked(ending, FORMATS[ending](hidden[0])).casefold()

    assert [name for name in [*vm_names(11), *TELLING] if name.casefold() in said] == []


def test_no_name_is_left_in_pictures_and_lines(hidden):
    """SVG of each figure, the line for Nagios, and what the command line says."""
    report = hidden[0]
    drawn = svg(report, ("sla_heatmap", "night_timeline", "coverage_map", "claim_waits"))
    said = "\n".join([html.unescape(drawn), nagios(report)[1], report.verdict, report.trust, report.remarks])

    assert [name for name in [*vm_names(11), *TELLING] if name.casefold() in said.casefold()] == []


def test_the_original_names_them_all(session):
    """The search finds what it looks for: without pseudonyms each name is there."""
    said = unpacked(".html", FORMATS[".html"](build_report(session))).casefold()

    assert [name for name in TELLING if name.casefold() not in said] == []


def test_numbers_and_times_are_those_of_the_original(session, hidden):
    """Row by row, but for names; the key gives each VM its name back."""
    report, pseudonyms = hidden
    plain = build_report(session, words=Words.of("ja"))
    for name in ("sla_heatmap", "night_timeline", "phase_shares"):
        pairs = zip(plain.results[name].rows, report.results[name].rows, strict=True)
        for original, row in pairs:
            assert pseudonyms.restored(row["vm"]) == original["vm"]
            same = [key for key, value in original.items() if not isinstance(value, str) or key == "phase"]
            assert {key: row[key] for key in same} == {key: original[key] for key in same}


def test_codes_are_no_names(tmp_path):
    """A VM called like a code takes nothing from the tables of codes."""
    job = {"job_id": "J", "vm": "host", "level": "host", "tracking": "rct", "era": "C", "is_good": True}
    job |= {"owes_sla": True, "kind": "express_full", "outcome": "succeeded", "duration_s": 60.0}
    others = [job | {"job_id": name, "vm": name} for name in ("rct", "C")]
    nights = [{"job_id": row["job_id"], "night": FIRST_NIGHT} for row in (job, *others)]
    session = session_of({"jobs": [job, *others], "job_nights": nights})
    report = build_report(session, pseudonyms=Pseudonyms.read(tmp_path / "key.json"))

    for name in ("level_costs", "platforms"):
        assert [row["tracking"] for row in report.results[name].rows] == ["rct"]
    assert report.results["platforms"].rows[0]["era"] == "C"
    assert report.results["level_costs"].rows[0]["level"] == "host"


class TestPseudonyms:
    def test_a_name_has_one_pseudonym_wherever_it_stands(self, tmp_path):
        """In a column, in a sentence, with a domain, in other letters, and in the next report."""
        one = Pseudonyms.read(tmp_path / "key.json")
        made, host = one.learn("vm", "SQL01"), one.learn("host", "HV01.contoso.local")
        one.save()
        again = Pseudonyms.read(tmp_path / "key.json")

        assert again.text("sql01のバックアップ, SQL010") == f"{made}のバックアップ, SQL010"
        assert again.learn("vm", "SQL01 (HV01)") == f"{made} ({host.partition('.')[0]})"
        assert again.text("on hv01.CONTOSO.local") == f"on {host}"
        assert (
            again.restored(again.text("C:\\logs\\x.txt by CONTOSO\\joe")) == "C:\\logs\\x.txt by CONTOSO\\joe"
        )
        assert Pseudonyms.read(tmp_path / "other.json").learn("vm", "SQL01") != made

    @pytest.mark.skipif(os.name == "nt", reason="Windows gives a new file the rights of its folder")
    def test_the_key_is_for_its_owner_alone(self, tmp_path):
        """Nobody else may read it."""
        Pseudonyms.read(tmp_path / "key.json").save()

        assert (tmp_path / "key.json").stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("content", ["", "{}", "[1]", '{"secret": "xy", "names": {}}'])
    def test_another_file_is_refused(self, tmp_path, content):
        """And stays as it is."""
        file = tmp_path / "key.json"
        file.write_text(content, encoding="utf-8")

        with pytest.raises(ConfigurationError, match="is no key file"):
            Pseudonyms.read(file)
        assert file.read_text(encoding="utf-8") == content

    def test_no_report_without_its_key(self, session, tmp_path):
        """Where the key file cannot be written, neither is the report."""
        with pytest.raises(ConfigurationError, match="cannot write"):
            write_report(
                session, tmp_path / "r.md", pseudonyms=Pseudonyms.read(Path(tmp_path / "no" / "key.json"))
            )

        assert list(tmp_path.iterdir()) == []
