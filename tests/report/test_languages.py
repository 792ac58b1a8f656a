"""Words stand in the files of the languages and nowhere else; each file has all of them, and none too many."""

from __future__ import annotations

import ast
import base64
import csv
import datetime as dt
import gzip
import json
import re
import shutil
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from analytics.charts.palette import COVERAGE, PHASES, STATES
from analytics.report import build_report
from analytics.report.depths import DEPTHS, WHOLE
from analytics.report.page.page import WORDS_OF_VALUES
from analytics.report.sections import SECTIONS
from analytics.report.words import Words, languages
from analytics.report.words import words as words_module
from analytics.report.words.numbers import NUMBERS
from analytics.report.write import FORMATS
from analytics.sql import catalogue
from analytics.tables import rule_words
from analytics.tables import vocabulary as v
from analytics.tables.advice_words import TRIED_CHANGES
from tests.report.estate import estate_session

ROOT = Path(__file__).parents[2]
ROOMS = [ROOT / "analytics" / "report", ROOT / "analytics" / "charts"]
MODULES = [path for room in ROOMS for path in sorted(room.rglob("*.py")) if path.parent.name != "words"]
SCRIPTS = sorted((ROOT / "analytics" / "report").rglob("*.js"))
PAGES = sorted((ROOT / "analytics" / "report").rglob("*.html"))
QUERIES = sorted((ROOT / "queries" / "report").glob("*.sql"))
SENTENCE = re.compile(r"[a-z]{2,} [a-z]+ [a-z]{2,}")
CODE = re.compile(r"[a-z_]+(\.[a-z_0-9]*[a-z0-9])+(?<!\.js)(?<!\.css)(?<!\.html)")
LANGUAGES = languages()
WORD_FILES = ROOT / "analytics" / "report" / "words"
FIGURES = [figure for section in SECTIONS for figure in section.figures]
EVERY = {part for depth in DEPTHS.values() for part in depth.sections} | {*SECTIONS}
LISTINGS = [listing for section in EVERY for listing in section.listings]

# What the report adds to the values of the model.
VALUES = {
    "phase": {*PHASES},
    "grade": {*v.GRADES.names},
    "state": {*STATES},
    "status": {*COVERAGE},
    "kind": {*v.KINDS.names},
    "outcome": {*v.OUTCOMES.names},
    "role": {*v.COMPUTER_ROLES.names},
    "recommendation": {*v.RECOMMENDATIONS.names, *v.CAUSE_ADVICE.names},
    "reason": {*v.ADVICE.names},
    "tried_change": {*TRIED_CHANGES.names},
    "coverage_note": {*v.COVERAGE_NOTES.names},
    "level": {*v.LEVELS.names},
    "tracking": {*v.TRACKINGS.names},
    "era": {*v.ERAS.names},
    "choose": {"vm", "group", "host", "volume", "night", "until"},
    "by": {"host", "volume", "protection_group", "cause"},
    "placement": {"clustered", "stand_alone"},
    "job_cause": {*v.JOB_CAUSES.names},
    "bottleneck": {*v.BOTTLENECKS.names},
    "forecast_verdict": {*v.FORECAST_VERDICTS.names},
    "forecast_reason": {*v.FORECAST_REASONS.names},
    "change": {*v.CHANGES.names},
    "proof_reason": {*v.PROOF_REASONS.names},
    "estimate_reason": {*v.ESTIMATE_REASONS.names},
    "shows": {*rule_words.CHANNEL_SHOWS.names},
    "how": {*rule_words.CHANNEL_WAYS.names},
    "clock_verdict": {"behind", "ahead", "within_bounds", "changed"},
    "site_finding": {*v.SITE_FINDINGS.names},
    "rule": {*v.SLA_RULES.names},
    "main_cause": {*v.CAUSES.names},
    "check": {*v.TRUST_CHECKS.names},
    "trust_status": {*v.TRUST_STATUSES.names},
    "finding": {*v.TRUST_FINDINGS.names},
    "remedy": {*v.TRUST_REMEDIES.names},
    "lead.snapshot.grades": {*v.GRADES.names},
    "vm_change": {"new", "still", "resolved"},
    "part": {*v.PHASES.names, "failed", "job", "queue"},
    "compared": {"weekday", "nights", "none"},
    "compliance": {*v.COMPLIANCES.names},
    "depth": {WHOLE.name, *DEPTHS},
    "page.evidence": {*v.GRADES.names},
}


def name_of(path: Path) -> str:
    """Path as test id."""
    return path.relative_to(ROOT).as_posix()


def literals(path: Path) -> list[tuple[int, str]]:
    """The texts of a module, but for docstrings and for what errors say to the user of the command line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spared = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc]
    spared += [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    apart = {id(inner) for node in spared for inner in ast.walk(node)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart
    ]


def fields(template: str) -> dict[str, str]:
    """The fields of a template and their kinds."""
    return {name: spec or "" for _, name, spec, _ in Formatter().parse(template) if name is not None}


def own_words(language: str, folder: Path = WORD_FILES) -> Words:
    """What the file of a language has itself, without English below it."""
    return Words(language, tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8")))


def texts_of(language: str, folder: Path = WORD_FILES) -> dict[str, str]:
    """All texts of a language by code, but for those by a sentence that stands elsewhere (explanations, rejects)."""
    words = own_words(language, folder)
    found = {}
    for code in words.codes():
        path, _, name = code.rpartition(".")
        found[code] = words.table(path).get(name)
    return {code: text for code, text in found.items() if not code.startswith(("explanation.", "reject."))}


def asked() -> set[str]:
    """The codes that stand in modules, the page and the scripts."""
    modules = [*MODULES, ROOT / "analytics" / "cli" / "report.py"]
    said = {text for path in modules for _, text in literals(path) if CODE.fullmatch(text)}
    pages = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    said |= set(re.findall(r'say\("([\w.]+)"[,)]', pages))
    said |= {f"script.{name}" for name in re.findall(r"texts\.(\w+)", scripts)}
    return said | {
        f"script.{name}"
        for call in re.findall(r"fill\(([^,]*),", scripts)
        for name in re.findall(r'"(\w+)"', call)
    }


class TestOnePlace:
    @pytest.mark.parametrize("path", MODULES, ids=name_of)
    def test_no_module_says_anything(self, path):
        """No text of report or charts outside of words/ holds three words in a row."""
        assert [(line, text) for line, text in literals(path) if SENTENCE.search(text)] == []

    @pytest.mark.parametrize("path", [path for path in MODULES if path.parent.name == "charts"], ids=name_of)
    def test_no_drawing_has_a_title_of_its_own(self, path):
        """Titles of axes and legends are labels of the language."""
        tree = ast.parse(path.read_text(encoding="utf-8"))
        titles = [
            word.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            for word in node.keywords
            if word.arg == "title"
        ]

        assert not [node.lineno for node in titles if isinstance(node, ast.Constant) and node.value]

    @pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
    def test_no_script_says_anything(self, path):
        """Texts of scripts are names of columns, classes and events."""
        code = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        texts = re.findall(r'"([^"\n]*)"|`([^`]*)`', code)

        assert [text for pair in texts for text in pair if re.search(r"[A-Za-z]{2,} [a-z]{2,}", text)] == []

    def test_no_script_computes_a_length(self):
        """Lengths of time and shares come from the queries: the figures' script does not name their columns."""
        code = (ROOT / "analytics" / "report" / "page" / "figures.js").read_text(encoding="utf-8")

        assert re.findall(r"\b\w+_(?:s|share|bytes)\b|\bshare\b", code) == []

    @pytest.mark.parametrize("path", PAGES, ids=name_of)
    def test_the_page_is_a_frame(self, path):
        """Outside of tags, styles and expressions no letter stands in the template."""
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        attributes = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', text)
        frame = re.sub(r"<code>.*?</code>|<[^>]*>", "", text, flags=re.DOTALL)

        assert re.findall(r"[A-Za-z]+", frame) == []
        assert [text for text in attributes if text.strip()] == []

    @pytest.mark.parametrize("path", QUERIES, ids=name_of)
    def test_no_query_says_anything(self, path):
        """Queries give codes and numbers."""
        code = re.sub(r"--.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)

        assert [text for text in re.findall(r"'([^']*)'", code) if SENTENCE.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
class TestEveryLanguage:
    @pytest.mark.parametrize("table", VALUES)
    def test_every_value_has_its_word(self, language, table):
        """Of each vocabulary that the report shows, and no other."""
        assert {
            name for name, text in own_words(language).table(table).items() if isinstance(text, str)
        } == VALUES[table]

    def test_every_part_has_its_titles(self, language):
        """Sections, figures and tables, and no other."""
        words = own_words(language)
        drawn = set(words.table("section"))

        assert drawn == {section.name for section in SECTIONS}
        for name in drawn:
            assert set(words.table(f"section.{name}")) == {"title", "reading", "empty"}
        assert set(words.table("listing")) == {listing.rows for listing in LISTINGS}
        assert set(words.table("figure")) <= {figure.chart for figure in FIGURES}

    def test_every_column_has_its_title(self, language):
        """Of tables and tooltips, and no other."""
        words = own_words(language)
        shown: dict[str, set[str]] = {}
        for listing in LISTINGS:
            shown.setdefault(listing.rows, set()).update(listing.columns)
        for figure in FIGURES:
            shown.setdefault(figure.rows, set()).update(figure.tips)
        own = {rows: set(words.table(f"columns.{rows}")) for rows in words.table("columns")}

        assert {rows: names - shown[rows] for rows, names in own.items() if names - shown[rows]} == {}
        common = {name for rows, names in shown.items() for name in names - own.get(rows, set())}
        assert set(words.table("column")) == common | {"vm", "night"}

    def test_every_text_that_is_asked_for_is_there(self, language):
        """Each code that stands in a module, the page or a script."""
        known = set(texts_of(language))
        rooms, tables = {code.split(".")[0] for code in known}, {code.rpartition(".")[0] for code in known}

        assert {code for code in asked() if code.split(".")[0] in rooms} - known - tables == set()

    def test_every_text_is_asked_for(self, language):
        """No text is left behind when its place goes; those of tables are asked for by their value."""
        by_value = {
            *VALUES,
            *(f"section.{section.name}" for section in SECTIONS),
            "unit",
            "join",
            "facts",
            "date",
            "metric",
        }
        by_value |= {
            "figure",
            "listing",
            "column",
            *(f"columns.{listing.rows}" for listing in [*LISTINGS, *FIGURES]),
        }
        left = {code for code in texts_of(language) if code.rpartition(".")[0] not in by_value} - asked()

        assert {code for code in left if not code.startswith(("chart.", "script.unknown_"))} == set()

    def test_every_field_has_a_kind(self, language):
        """A number's, a list's, or a table of words."""
        words = own_words(language)
        wrong = [
            (code, name, spec)
            for code, text in texts_of(language).items()
            if isinstance(text, str) and not code.startswith(("script.", "date."))
            for name, spec in fields(text).items()
            for kind in [spec.split("|")[0]]
            if kind
            and kind not in NUMBERS
            and kind not in words.table("join")
            and not words.table(kind)
            and kind != "explanation"
        ]

        assert wrong == []

    def test_it_is_complete(self, language):
        """Every text of English with the same fields, and no other."""
        assert lacking(language) == []

    def test_explanations_are_those_of_the_rules(self, language):
        """Each sentence of explanations.csv has its own, English none."""
        with (ROOT / "queries" / "model" / "rules" / "explanations.csv").open(encoding="utf-8") as rules:
            sentences = {row["explanation"] for row in csv.DictReader(rules)}

        assert set(own_words(language).table("explanation")) == (set() if language == "en" else sentences)


def lacking(language: str, folder: Path = WORD_FILES) -> list[str]:
    """Codes that only one of English and another language has, or that have other fields there."""
    english, own = texts_of("en"), texts_of(language, folder)
    both = {code for code in set(english) & set(own) if not code.startswith("date.")}
    apart = {code for code in both if set(fields_of(english[code])) != set(fields_of(own[code]))}
    return sorted(apart | (set(english) ^ set(own)))


def fields_of(text: str | list[str]) -> dict[str, str]:
    """The fields of a text, or of each of several."""
    return fields(text if isinstance(text, str) else "".join(text))


class TestThirdLanguage:
    def test_it_is_one_file(self, tmp_path, monkeypatch):
        """A file beside the others is a language, and its words are those of the report."""
        self.write(tmp_path, {})
        monkeypatch.setattr(words_module, "_FOLDER", tmp_path)

        assert languages() == ["en", "xx"]
        assert lacking("xx", tmp_path) == []
        assert Words.of("xx").text("verdict.nothing_read") == "¡¡ "
        assert Words.of("xx").text("fact.of", some=1, every=2) == "1¡¡ 2"

    def test_what_it_lacks_is_found_and_said_in_english(self, tmp_path, monkeypatch):
        """A text that is missing, one with another field, and one too many."""
        self.write(tmp_path, {"verdict.dark": None, "verdict.seen": "{x}", "verdict.more": "y"})
        monkeypatch.setattr(words_module, "_FOLDER", tmp_path)

        assert lacking("xx", tmp_path) == ["verdict.dark", "verdict.more", "verdict.seen"]
        assert Words.of("xx").text("verdict.dark", nights=1) == "Of 1 night no log or record is left."

    @pytest.fixture(autouse=True)
    def _read_anew(self):
        """Languages are read once in a process."""
        Words.of.cache_clear()
        yield
        Words.of.cache_clear()

    def write(self, folder, changes):
        """Make a language in which each text between fields is ¡¡, with some changes."""
        texts = {code: self.foreign(text) for code, text in texts_of("en").items()} | changes
        lines = [
            f"{code} = {json.dumps(text, ensure_ascii=False)}"
            for code, text in texts.items()
            if text is not None
        ]
        (folder / "xx.toml").write_text("\n".join(lines), encoding="utf-8")
        shutil.copy(WORD_FILES / "en.toml", folder)

    def foreign(self, text):
        """The text with ¡¡ for what stands between fields."""
        if not isinstance(text, str):
            return text
        parts = Formatter().parse(text)
        return "".join(
            ("¡¡ " if literal else "") + (f"{{{name}:{spec}}}" if spec else f"{{{name}}}" if name else "")
            for literal, name, spec, _ in parts
        )


@pytest.fixture(scope="module")
def report():
    """An estate of a few VMs with names that are no words."""
    return build_report(estate_session(9, 4), words=Words.of("ja"))


class TestJapanese:
    def test_the_page_has_no_english_sentence(self, report):
        """Outside of SQL, commands and names from logs: in the page, and in what its scripts and figures say."""
        page = FORMATS[".html"](report).decode("utf-8")
        (packed,) = re.findall(r'id="packed-data">([\w+/=]*)<', page)
        held = json.loads(gzip.decompress(base64.b64decode(packed)))["page"]
        said = re.sub(r"<(style|script|pre|code)\b.*?</\1>", "", page, flags=re.DOTALL)
        said = re.sub(r"<[^>]*?(?:aria-label=\"([^\"]*)\")?[^>]*>", r"\n\1\n", said)
        texts = [*self.texts_in({key: held[key] for key in ("words", "units", "texts", "listings", "tips")})]
        # by the sentence of the rules, for which each language has its own
        by_sentence = {*Words.of("ja").table("explanation"), *Words.of("ja").table("reject")}
        texts = [text for text in texts if text not in by_sentence]
        titles = [text for spec in self.parts(held["specs"]) for text in self.texts_in(spec.get("title", ""))]

        assert '<html lang="ja">' in page
        assert [text for text in [*said.splitlines(), *texts, *titles] if SENTENCE.search(text)] == []

    def test_each_sentence_and_title_is_japanese(self, report):
        """Leads, notes, facts, trust, titles: each has a letter of Japanese."""
        said = [*report.leads.values(), *filter(None, report.notes.values()), report.verdict, report.trust]
        said += [fact.detail for fact in report.facts] + [check.said for check in report.checks]
        texts = [text for code, text in texts_of("ja").items() if code.startswith(("section.", "figure."))]

        assert [text for text in [*said, *texts] if not re.search("[ぁ-んァ-ヶ一-龠]", text)] == []

    def test_markdown_is_japanese(self, report):
        """Without an English sentence outside of commands."""
        text = re.sub(r"`[^`]*`", "", FORMATS[".md"](report).decode("utf-8"))

        lines = [line for line in text.splitlines() if not line.startswith("|")]
        assert [line for line in lines if SENTENCE.search(line)] == []

    def test_days_numbers_and_units_are_japanese(self):
        """As people write them in Japan."""
        words = Words.of("ja")
        at = dt.datetime(2025, 2, 3, 5, 7, 9, tzinfo=dt.UTC)

        assert words.shown(at.date(), "night") == "2025年2月3日 (月)"
        assert words.shown(at, "moment") == "2025/02/03 05:07:09"
        assert words.shown(5520, "seconds") == "1 時間 32 分"
        assert words.shown(0.5, "share") == "50%"
        assert words.shown("express_full", "kind") == "高速完全バックアップ"

    def texts_in(self, value):
        """All texts in lists and objects."""
        if isinstance(value, str):
            return [value]
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [text for part in inner for text in self.texts_in(part)]

    def parts(self, value):
        """All objects inside a specification."""
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return ([value] if isinstance(value, dict) else []) + [
            part for item in inner for part in self.parts(item)
        ]


def test_the_page_has_the_words_of_every_kind():
    """What a column of the page shows by a table of words is on the page."""
    from analytics.report.looks import NUMERIC, kind_of

    shown = {column.name: kind_of(column) for query in catalogue().values() for column in query.columns}
    plain = {"vm", "night", "text", "items", "code_text", "moment", *NUMERIC}

    assert set(shown.values()) - plain <= set(WORDS_OF_VALUES) <= {*VALUES, "explanation"}


class TestClaims:
    def claims(self):
        """Every call that makes a claim: file, line, codes, names of its values."""
        for path in MODULES:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Claim":
                    codes = [
                        inner.value for inner in ast.walk(node.args[0]) if isinstance(inner, ast.Constant)
                    ]
                    yield path, node, [code for code in codes if CODE.fullmatch(str(code))]

    def test_a_claim_brings_every_value_of_its_template(self):
        """No field of a template stays without a value."""
        english, seen = texts_of("en"), 0
        for path, node, codes in self.claims():
            given = {word.arg for word in node.keywords}
            for code in codes:
                seen += 1
                assert set(fields(english[code])) <= given, (name_of(path), node.lineno, code)

        assert seen > 60

    def test_a_claim_of_several_codes_names_them_beside(self):
        """Where the code is chosen, the choice stands in the function or a constant that it reads; same values."""
        english = texts_of("en")
        for path in MODULES:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            constants = [node for node in tree.body if isinstance(node, ast.Assign)]
            for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
                read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                chosen = [
                    node
                    for node in ast.walk(function)
                    if isinstance(node, ast.Call)
                    and getattr(node.func, "id", "") == "Claim"
                    and isinstance(node.args[0], ast.Name)
                ]
                codes = {
                    inner.value
                    for node in (*ast.walk(function), *constants)
                    if isinstance(node, ast.Assign)
                    and (node not in constants or {getattr(to, "id", "") for to in node.targets} & read)
                    for inner in ast.walk(node.value)
                    if isinstance(inner, ast.Constant) and CODE.fullmatch(str(inner.value))
                }
                for call in chosen:
                    given = {word.arg for word in call.keywords}
                    assert codes, (name_of(path), function.name)
                    assert all(set(fields(english[code])) <= given for code in codes), (
                        name_of(path),
                        function.name,
                    )
