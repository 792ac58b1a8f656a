"""Words to options, and what is said where they do not fit."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from analytics.cli.arguments import COMMANDS, command_module, command_parser, nearest, parse
from analytics.cli.explain import split_place
from analytics.cli.options import expand_paths, ingest_options, judged_at, nights_of
from analytics.cli.sql import guessed, is_name, split_parameters
from analytics.errors import UsageError
from analytics.site import Site
from analytics.sql import catalogue
from analytics.tables import TABLES


class TestHelp:
    def test_no_words_show_the_commands(self, dpm):
        """Without any word the help is shown, exit code 0."""
        said = dpm()

        assert said.code == 0
        assert [name for name in COMMANDS if not re.search(rf"^    {name}\b", said.out, re.MULTILINE)] == []

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_has_help_with_an_example(self, dpm, name):
        """--help shows an example that names the command, and fits 80 columns but for examples."""
        said = dpm(name, "--help")

        text, _, examples = said.out.partition("\nexamples:\n")
        assert said.code == 0
        assert f"dpm-analytics {name}" in examples
        assert max(map(len, text.splitlines())) <= 80

    @pytest.mark.parametrize("name", COMMANDS)
    def test_examples_are_valid_command_lines(self, name):
        """Each example in the help parses."""
        for line in command_module(name).EXAMPLES.splitlines():
            words = line.strip().split(" | ")[-1].replace("\\", "/")
            options = parse(_split(words)[1:])

            assert options.command == name

    def test_queries_of_examples_exist(self):
        """A name in an example of sql is that of a query or table."""
        lines = [
            _split(line.strip().replace("\\", "/"))[1:]
            for line in command_module("sql").EXAMPLES.splitlines()
        ]
        names = [parse(words).query for words in lines]

        assert {name for name in names if name and is_name(name)} <= {*catalogue(), *TABLES}

    @pytest.mark.parametrize(
        ("text", "days"), [("yesterday", 1), ("Yesterday", 1), ("-1", 1), ("-30", 30), ("-0", 0)]
    )
    def test_nights_counted_back_from_today(self, text, days):
        """What a nightly script needs: --since yesterday, --since -7; they ask for fresh evidence, too."""
        options = parse(["report", "--store", "s", "--since", text])

        assert nights_of(options) == (date.today() - timedelta(days=days), None)  # noqa: DTZ011 - as the scheduler
        assert abs((judged_at(options) - datetime.now(UTC)).total_seconds()) < 60

    def test_nights_counted_back_from_a_moment_that_is_given(self):
        """A report of old logs is judged as on that day."""
        options = parse(
            ["report", "--store", "s", "--since", "-7", "--until", "yesterday", "--now", "2025-03-09T07:00"]
        )

        assert nights_of(options) == (date(2025, 3, 2), date(2025, 3, 8))
        assert judged_at(options) == datetime(2025, 3, 9, 7)  # noqa: DTZ001 - by the site's clock

    def test_without_a_moment_the_age_of_the_evidence_is_not_judged(self):
        """Old logs are no fault."""
        assert judged_at(parse(["report", "--store", "s", "--since", "2025-03-02"])) is None

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_option_says_what_it_means(self, name):
        """No option goes without help; --quiet and --json are everywhere."""
        actions = command_parser(name)._actions

        assert all(action.help for action in actions)
        assert {"--quiet", "--json"} <= {flag for action in actions for flag in action.option_strings}

    def test_version(self, dpm):
        """--version says the one version there is."""
        from analytics.version import VERSION

        assert dpm("--version").out == f"dpm-analytics {VERSION}\n"


@pytest.mark.parametrize(
    "text", ['SELECT "at" FROM trace', "SELECT '\\\\' || vm FROM jobs", "C:\\logs", "C:\\dpm logs\\"]
)
def test_text_that_swallowed_no_quote(text):
    """Quotes of SQL, and paths without any, pass."""
    assert parse(["sql", text, "--store", "s"]).query == text


class TestWrongUsage:
    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["analyse", "x"], "unknown command 'analyse' (did you mean analyze?)"),
            (["frobnicate"], "known: analyze, ingest"),
            (["analyze"], "the following arguments are required: PATH"),
            (["ingest", "x"], "the following arguments are required: --store"),
            (
                ["run", "--site", "x", "--dry-run"],
                "run --no-mail sends none, and report --dry-run says to whom",
            ),
            (["analyze", "x", "--stor", "y"], "unknown option --stor (did you mean --store"),
            (["analyze", "x", "--year", "20"], "'20' is no year from 1990 to 2100"),
            (["analyze", "x", "--since", "3.2.2025"], "'3.2.2025' is no date such as 2025-02-03"),
            (["analyze", "x", "--now", "soon"], "'soon' is no moment such as 2025-03-01T07:00 or now"),
            (["analyze", "x", "--encoding", "utf-99"], "'utf-99' is no encoding"),
            (["analyze", "x", "--date-format", "%Q"], "strptime pattern"),
            (["analyze", "x", "--trace", "some"], "invalid choice: 'some'"),
            (
                ["analyze", "x", "--time-zone", "Tokyo"],
                "'Tokyo' is no IANA time zone (did you mean Asia/Tokyo?)",
            ),
            (["formats", "x"], "unexpected argument x"),
            (["analyze", "x", "--out", "r.docx"], "no report format ends in '.docx' (use .html"),
            (["analyze", "x", "--out", "no-folder/r.html"], "no-folder: no such folder"),
            (["report", "--store", "s", "--since", "2025-02-03", "--until", "2025-02-02"], "(swap them)"),
            (["analyze", "x", "--site", "none.toml"], "none.toml: No such file"),
            (["synth", "x", "--vms", "many"], "'many' does not fit"),
            (["sql", "SELECT 1"], "no store is given"),
            (["sql", "SELECT 1", "-f", "x.sql", "--store", "s"], "give one of them"),
            (["sql", "jobs", "--store", "no-such-store"], "no-such-store: no store"),
            (["sql", "SELECT 1", "--format", "parquet", "--store", "s"], "name a file with -o FILE"),
            (
                ["sql", "SELECT 1", "-o", "sla.docx", "--store", "s"],
                "sla.docx: no format ends in '.docx' (use .csv, .json, .parquet, .md, .txt)",
            ),
            (
                ["sql", "SELECT 1", "-o", "x.xlsx", "--store", "s"],
                "x.xlsx: no format ends in '.xlsx' (use .csv",
            ),
            (["sql", " ", "--store", "s"], "an empty query"),
            (["sql", "breaches", "--store", "s", "--since", "2025-02-04"], "(write --param since=VALUE)"),
            (["sql", "breaches", "--store", "s", "since=2025-02-04"], "(write --param since=2025-02-04)"),
            (["analyze", 'C:\\dpm logs"'], "leave out the backslash before the closing quote"),
            (["ingest", 'D:\\logs" --store D:\\store'], "leave out the backslash before the closing quote"),
        ],
    )
    def test_one_line_and_code_2(self, dpm, words, expected):
        """Wrong usage ends with code 2 and one line that says what would be right."""
        said = dpm(*words)

        assert said.code == 2
        assert expected in said.err
        assert said.err.count("\n") == 1
        assert said.out == ""

    def test_nearest_lists_all_where_none_is_near(self):
        """A name far from all others brings up the whole list."""
        assert nearest("zzz", ["alpha", "beta"]) == "known: alpha, beta"

    @pytest.mark.parametrize("pair", ["since", "=3", "  =3"])
    def test_a_parameter_needs_a_name_and_a_value(self, pair):
        """K=V or nothing."""
        with pytest.raises(UsageError, match="is no parameter"):
            split_parameters([pair])


class TestPaths:
    def test_wildcards_are_expanded_in_order(self, tmp_path):
        """cmd.exe hands *.zip to the program, which takes the matches in order of their names."""
        for name in ("b.zip", "a.zip", "c.txt"):
            (tmp_path / name).touch()

        assert expand_paths([str(tmp_path / "*.zip")]) == [str(tmp_path / "a.zip"), str(tmp_path / "b.zip")]

    def test_a_wildcard_without_match_stays(self, tmp_path):
        """What matches nothing is left for the reader to complain about by name."""
        assert expand_paths([str(tmp_path / "*.zip"), "-"]) == [str(tmp_path / "*.zip"), "-"]

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
    def test_a_file_that_is_really_named_so_stays(self, tmp_path):
        """A literal [1] in a name is no wildcard where the file exists."""
        (tmp_path / "log [1].zip").touch()
        (tmp_path / "log 1.zip").touch()

        assert expand_paths([str(tmp_path / "log [1].zip")]) == [str(tmp_path / "log [1].zip")]

    def test_an_empty_path_is_refused(self):
        """An empty variable in a script must not become the present folder."""
        with pytest.raises(UsageError, match="an empty path"):
            expand_paths([" "])

    @pytest.mark.parametrize(
        ("place", "expected"),
        [
            ("a.errlog", ("a.errlog", None)),
            ("a.errlog:12", ("a.errlog", 12)),
            ("C:\\logs\\a.errlog", ("C:\\logs\\a.errlog", None)),
            ("C:\\logs\\a.errlog:12", ("C:\\logs\\a.errlog", 12)),
            ("C:12", ("C:12", None)),
            ("a.zip!b.errlog:7", ("a.zip!b.errlog", 7)),
        ],
    )
    def test_file_and_line(self, place, expected):
        """FILE:LINE is split at the last colon, a drive's colon stays."""
        assert split_place(place) == expected

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
    def test_a_file_with_a_colon(self, tmp_path: Path):
        """A file that is really named a:12 is that file."""
        place = tmp_path / "a:12"
        place.touch()

        assert split_place(str(place)) == (str(place), None)


class TestParameters:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("7", 7),
            ("1.5", 1.5),
            ("null", None),
            ("TRUE", True),
            ("VM01", "VM01"),
            ("'007'", "007"),
            ("", ""),
        ],
    )
    def test_values_of_free_sql(self, text, expected):
        """Numbers, NULL and truth values are taken as such, quotes keep a text."""
        value = guessed(text)

        assert value == expected
        assert type(value) is type(expected)

    def test_dates(self):
        """A date in ISO form is a date."""
        assert guessed("2025-02-03").isoformat() == "2025-02-03"

    def test_a_value_may_hold_an_equals_sign(self):
        """Only the first = splits; a $ before the name is allowed."""
        assert split_parameters(["$vm==cmd()"]) == {"vm": "=cmd()"}

    @pytest.mark.parametrize(
        ("text", "expected"), [("jobs", True), ("night_timeline", True), ("SELECT 1", False)]
    )
    def test_one_word_is_a_name(self, text, expected):
        """SQL has blanks, names have none."""
        assert is_name(text) is expected


def _split(line: str) -> list[str]:
    import shlex

    return shlex.split(line)


@pytest.mark.parametrize(
    ("word", "count"),
    [("1", 1), ("64", 64), ("0", None), ("65", None), ("-1", None), ("x", None), ("\u0663", None)],
)
def test_processes(word, count):
    """From 1 to 64, in plain digits; without the word as many as there are processors, at most four."""
    words = ["ingest", "logs", "--store", "s"]
    if count is None:
        with pytest.raises(UsageError, match="is no number of processes"):
            parse([*words, "--processes", word])
        return
    assert ingest_options(parse([*words, "--processes", word]), Site()).processes == count
    assert ingest_options(parse(words), Site()).processes == min(os.cpu_count() or 1, 4)
