"""What is printed is what is meant: no name is mark-up, numbers stand to the right, times are in words."""

import io
import shutil
from pathlib import Path

import pytest
from aebench import Aebench
from rich.console import Console

from bench.io.console import format_duration, say, show_table
from bench.run.progress import Display


@pytest.mark.parametrize("name", ["[/a]", "[a]x"])
def test_commands_name_a_folder_with_brackets_as_it_is(
    aebench: Aebench,
    finished: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    shutil.copytree(finished, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for command, said in (("report", f"report {name}/report.html"), ("status", f"is working in {name}")):
        assert aebench(command, name) == 0
        assert any(line.endswith(said) for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("name", ["[/a]", "[red]b", ":cat:", "two  spaces", "back\\", "[", "a" * 200])
def test_name_is_shown_as_it_is_in_a_line_in_a_table_and_above_the_bar(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    said = io.StringIO()
    Display(Console(file=said)).line(f"trained again: {name}")
    assert said.getvalue() == f"trained again: {name}\n"
    say(name)
    assert capsys.readouterr().out == f"{name}\n"
    show_table(["file", name], [[name[:9], name]])
    assert name[:60] in capsys.readouterr().out


def test_what_a_screen_would_obey_is_a_question_mark(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2Jb\udc80")
    show_table(["a"], [["\x1b[2J"]])
    shown = capsys.readouterr().out
    assert shown.startswith("a?[2Jb?\n")
    assert "?[2J" in shown.splitlines()[-2]
    assert "\x1b" not in shown


def test_numbers_stand_to_the_right_whatever_sign_they_begin_with(capsys: pytest.CaptureFixture[str]) -> None:
    header = ["variant", "difference", "p", "words"]
    rows = [
        ["plain", "−0.00675", "< 0.001", "stuck"],
        ["tied", "+12.5", ">1000", ""],
        ["none", "–", "–", "-"],
    ]
    show_table(header, rows)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == " variant  difference        p  words"
    assert [line[1:] for line in lines[2:]] == [
        "plain      −0.00675  < 0.001  stuck",
        "tied          +12.5    >1000",
        "none              –        –  -",
    ]


def test_times_are_said_in_words_one_second_as_one() -> None:
    said = {
        0: "0 seconds",
        1.2: "1 second",
        89.6: "90 seconds",
        90: "2 minutes",
        5399: "90 minutes",
        5400: "1.5 hours",
    }
    assert {seconds: format_duration(seconds) for seconds in said} == said
