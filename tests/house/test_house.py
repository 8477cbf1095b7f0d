"""The promises of the house that a reader can check: walls, sizes, names, words."""

import ast
import json
import re
import subprocess
from pathlib import Path
from statistics import quantiles

import click
import pytest
from click.testing import CliRunner

import app
from dashboard.settings import Settings
from layouts.words import FOLDER, TONGUES

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app.py", "dashboard", "data", "layouts", "callbacks")
BANNED = {"utils", "helpers", "manager", "handler"}


def sources() -> list[Path]:
    found = [ROOT / "app.py"]
    for room in ROOMS[1:]:
        found += sorted((ROOT / room).rglob("*.py"))
    return found


def functions() -> list[tuple[str, int]]:
    found = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
                found.append((f"{path.name}:{node.name}", body[-1].end_lineno - body[0].lineno + 1))
    return found


def test_functions_are_small() -> None:
    sizes = functions()
    tall = [name for name, size in sizes if size > 40]
    assert tall == []
    deciles = quantiles([size for _, size in sizes], n=10)
    assert deciles[4] <= 6
    assert deciles[8] <= 20


def test_files_are_small() -> None:
    files = [*sources(), *(ROOT / "assets").glob("*.js")]
    assert [path.name for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 300] == []


def test_no_banned_names() -> None:
    for path in sources():
        assert path.stem not in BANNED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "name", "")
            assert not re.search(r"(^|_)(utils?|helpers?|manager|handler)$|^process_", str(name).lower()), f"{path}: {name}"
            if isinstance(node, ast.Assign):
                assert not any(isinstance(target, ast.Name) and target.id in {"df", "data"} for target in node.targets), path


def test_nobody_imports_app() -> None:
    for path in sources():
        assert not re.search(r"^\s*(from app |import app\b)", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_every_language_has_every_text() -> None:
    told = {tongue: json.loads((FOLDER / f"{tongue}.json").read_text(encoding="utf-8")) for tongue in TONGUES}
    assert len({frozenset(texts) for texts in told.values()}) == 1
    for key, text in told["vi"].items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", told["en"][key])), key
        assert text.strip(), key


def test_every_text_that_is_asked_for_exists() -> None:
    texts = json.loads((FOLDER / "vi.json").read_text(encoding="utf-8"))
    asked = set()
    for path in [*sources(), *(ROOT / "assets").glob("*.js")]:
        asked |= set(re.findall(r"""say\(["']([\w.]+)["']""", path.read_text(encoding="utf-8")))
    assert {key for key in asked if not key.endswith(".")} - set(texts) == set()


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.__struct_fields__ if f"`KYDAI_{name.upper()}`" not in page] == []


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def walk(command: click.Command, path: tuple[str, ...]) -> None:
        found.append(path)
        context = click.Context(command)
        for name in command.list_commands(context) if isinstance(command, click.Group) else ():
            walk(command.get_command(context, name), (*path, name))

    walk(app.main, ())
    return found


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_command_says_what_it_does(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app.main, [*path, "--help"])
    assert told.exit_code == 0
    assert len(told.output.splitlines()) > 2


def test_the_promised_commands_are_there() -> None:
    there = {" ".join(path) for path in commands()}
    wanted = {
        "all",
        "intake",
        "board",
        "web",
        "relay",
        "simulate",
        "city check",
        "source add",
        "source list",
        "user add",
        "token add",
        "kiosk add",
        "import reports",
        "dead-letters list",
        "dead-letters replay",
        "doctor",
        "camera adopt",
        "camera list",
        "camera unknown",
    }
    assert wanted - there == set()


def tracked() -> list[str]:
    return subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def test_nothing_third_party_is_committed() -> None:
    assert not [name for name in tracked() if re.search(r"node_modules|assets/(vendor|fonts)/|\.(woff2?|whl|pmtiles)$", name)]


def test_no_inline_styles_and_no_polling() -> None:
    for path in sources():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bstyle=\{|dangerously_allow_html|dcc\.Interval|dcc\.Store", text), path
    for path in (ROOT / "assets").glob("*.js"):
        assert "innerHTML" not in path.read_text(encoding="utf-8"), path


def test_colours_stand_in_the_tokens_alone() -> None:
    for path in (ROOT / "assets").glob("[1-9]*.css"):
        if path.name != "10-tokens.css":
            assert not re.search(r"(?<!&)#[0-9a-fA-F]{3,8}\b(?![^(]*\))", path.read_text(encoding="utf-8")), path


def test_the_lock_file_names_no_host() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "http" not in (ROOT / "requirements.txt").read_text(encoding="utf-8")


def test_the_changelog_is_kept() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.startswith("# Changelog")
    assert f"## [{app.VERSION}]" in text
