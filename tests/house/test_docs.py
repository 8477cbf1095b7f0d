"""What the documentation says is so: links, commands, settings, targets, metrics, examples, and the files of `deploy/`."""

import csv
import io
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
import yaml

import app
from dashboard.board import Board
from dashboard.city import City
from dashboard.events import CameraChanged, FeedSpoke, Measured, ReportChanged, ReportSpoken, Sighted
from dashboard.rows import row
from dashboard.settings import Settings
from data.boardroom import TOPICS
from data.pack import load
from data.pack.document import city_document
from data.reading import ADAPTERS
from data.sources import native, reports_csv

ROOT = Path(__file__).resolve().parents[2]
DOCS, DEPLOY = ROOT / "docs", ROOT / "deploy"
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")] + sorted(DOCS.rglob("*.md"))
# A page's name, for a test's.
NAMED = {"argvalues": PAGES, "ids": [str(page.relative_to(ROOT)) for page in PAGES]}
SETTINGS = {f"KYDAI_{name.upper()}" for name in Settings.__struct_fields__}


class Block(NamedTuple):
    """A fenced block: what it is written in, the heading that it stands under, its text."""

    tongue: str
    under: str
    text: str


def blocks(page: Path) -> list[Block]:
    found, under, tongue, lines = [], "", None, list[str]()
    for line in page.read_text(encoding="utf-8").splitlines():
        bare = line.strip()
        if bare.startswith("```"):
            if tongue is None:
                tongue, lines = bare.removeprefix("```"), []
            else:
                found.append(Block(tongue, under, "\n".join(lines) + "\n"))
                tongue = None
        elif tongue is not None:
            lines.append(line)
        elif bare.startswith("#"):
            under = bare.lstrip("# ")
    assert tongue is None, f"{page}: a block is not closed"
    return found


def prose(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def code(page: Path) -> list[str]:
    """Return every line of code: of blocks, and between backticks."""
    lines = [line.partition("  #")[0] for block in blocks(page) for line in block.text.replace("\\\n", " ").splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", prose(page))


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: Path) -> Iterator[tuple[Path, str]]:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:", target):
            there, _, anchor = target.partition("#")
            yield (page.parent / there).resolve() if there else page, anchor


@pytest.mark.parametrize("page", **NAMED)
def test_every_link_leads_somewhere(page: Path) -> None:
    for there, anchor in links(page):
        if there.parent.name != "screenshots":
            assert there.exists(), f"{page.name}: {there}"
        if anchor:
            assert anchor in anchors(there), f"{page.name}: {there.name}#{anchor}"


def test_every_picture_is_there() -> None:
    pictures = [there for page in PAGES for there, _ in links(page) if there.parent.name == "screenshots"]
    assert len(pictures) >= 5
    assert [there.name for there in pictures if not there.is_file()] == []


def test_every_page_is_in_the_index() -> None:
    told = {there for there, _ in links(DOCS / "README.md")}
    assert [
        page for page in DOCS.rglob("*.md") if page.parent.name != "decisions" and page not in told | {DOCS / "README.md"}
    ] == []


def test_every_place_that_the_architecture_names_exists() -> None:
    page = ROOT / "ARCHITECTURE.md"
    text = page.read_text(encoding="utf-8")
    told = set(re.findall(r"(?<![\w./])(?:dashboard|data|layouts|callbacks|assets|docs|tests|migrations|deploy)/[\w./-]*", text))
    assert len(told) > 20
    places = [name for name in told if not any((ROOT / (name + end)).exists() for end in ("", ".py"))]
    for name in places:  # what is left is a function in a file
        file, _, function = name.rpartition(".")
        assert f"def {function}(" in (ROOT / f"{file}.py").read_text(encoding="utf-8"), name


def called(line: str) -> list[str]:
    found = re.search(r"(?:^|\s|/)app\.py ?((?:[^\s|;)&>]+ ?)*)", line)
    return found[1].split() if found else []


@pytest.mark.parametrize("page", **NAMED)
def test_every_command_exists_with_its_options(page: Path) -> None:
    for line in code(page):
        words, command = called(line), app.main
        while words and isinstance(command, click.Group) and not words[0].startswith(("-", "…")):
            inner = command.get_command(click.Context(command), words.pop(0))
            assert inner is not None, f"{page.name}: {line}"
            command = inner
        known = {option for one in command.params for option in one.opts} | {"--help", "--version"}
        for word in words:
            if word.startswith("--"):
                assert word.partition("=")[0] in known, f"{page.name}: {line}"


def test_the_readme_calls_what_it_promises() -> None:
    lines = [" ".join(called(line)) for line in code(ROOT / "README.md")]
    for start in ("source add", "user add", "kiosk add", "token add", "import reports", "city check", "doctor"):
        assert any(line.startswith(start) for line in lines), start


@pytest.mark.parametrize("page", [*PAGES, *sorted(DEPLOY.iterdir())], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_setting_that_is_named_exists(page: Path) -> None:
    assert set(re.findall(r"\bKYDAI_[A-Z]\w*", page.read_text(encoding="utf-8"))) - SETTINGS == set()


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", **NAMED)
def test_every_make_target_exists(page: Path) -> None:
    asked = {found[1] for line in code(page) if (found := re.search(r"(?:^|[=\w] |&& )make ([a-z-]+)", line))}
    assert asked - targets() == set()


def test_the_test_command_is_what_the_machine_calls() -> None:
    called_there = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    (commands, *_) = [block for block in blocks(ROOT / "README.md") if block.under == "Two commands"]
    told = [line.partition("#")[0].strip() for line in commands.text.splitlines()]
    assert told == ["make run", "make test"]
    assert "make test" in called_there
    assert "make lint" in called_there


def test_the_metrics_are_those_that_are_exported() -> None:
    exported = set()
    for path in (ROOT / "data").rglob("*.py"):
        exported |= set(re.findall(r"""["'](kydai_[a-z_]+)["']""", path.read_text(encoding="utf-8")))
    told = set(re.findall(r"kydai_[a-z_]+", (DOCS / "operations.md").read_text(encoding="utf-8")))
    assert {name.removesuffix("_total") for name in told} == {name.removesuffix("_total") for name in exported}
    for page in PAGES:
        assert set(re.findall(r"`(kydai_[a-z_]+)`", page.read_text(encoding="utf-8"))) <= told, page


def test_every_adapter_is_documented() -> None:
    intake = (DOCS / "intake.md").read_text(encoding="utf-8")
    for key in ADAPTERS:
        assert (DOCS / "sources" / f"{key}.md").is_file() or f"`{key}`" in intake


def test_every_native_example_can_be_read() -> None:
    examples = [block.text.encode() for block in blocks(DOCS / "intake.md") if block.tongue == "json"]
    told = [one for raw in examples for one in native.parse(raw, {})]
    assert [
        one for one in told if not isinstance(one, Sighted | CameraChanged | ReportChanged | ReportSpoken | Measured | FeedSpoke)
    ] == []
    assert {type(one) for one in told} == {Sighted, CameraChanged, ReportChanged, ReportSpoken, Measured, FeedSpoke}
    for shape in (Sighted, CameraChanged, ReportChanged, ReportSpoken, Measured, FeedSpoke):
        asked = {name for name in shape.__struct_fields__ if f"`{name}`" not in (DOCS / "intake.md").read_text(encoding="utf-8")}
        assert asked <= {"camera", "submitted", "closed", "open", "lon", "lat", "urgent", "channel", "service", "online"}, shape


def test_every_answer_of_the_intake_is_documented() -> None:
    door = (ROOT / "data" / "doors" / "intake.py").read_text(encoding="utf-8")
    answers = set(re.findall(r'(?:Refusal\(|_refuse\()\s*(\d{3}), "(\w+)"', door))
    assert len(answers) >= 9
    told = re.findall(r"^\| (\d{3}) \| (.+?) \|", (DOCS / "intake.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert answers - {(status, code) for status, codes in told for code in re.findall(r"`(\w+)`", codes)} == set()


def test_the_city_of_the_page_is_a_city(tmp_path: Path) -> None:
    for block in blocks(DOCS / "city-pack.md"):
        if re.fullmatch(r"\w+\.(toml|csv|json|geojson)", block.under):
            (tmp_path / block.under).write_text(block.text, encoding="utf-8")
    city = load(str(tmp_path)).city
    assert (len(city.cameras), len(city.wards), len(city.services), len(city.kinds)) == (2, 1, 2, 4)


def test_the_import_of_the_page_can_be_read() -> None:
    file, mapping = (next(one.text for one in blocks(DOCS / "import.md") if one.tongue == tongue) for tongue in ("csv", "toml"))
    told = reports_csv.parse(file.encode(), {"mapping": mapping})
    assert [(one.report, one.open) for one in told if isinstance(one, ReportChanged)] == [("PA-1", False), ("PA-2", True)]
    codes = {service.code for service in load("hue").city.services}
    assert {one.service for one in told if isinstance(one, ReportChanged)} <= codes
    for name in reports_csv.Shape.__struct_fields__:
        assert re.search(rf"^(# )?{name} =|^\[{name}\]", mapping, re.MULTILINE), name
    assert next(csv.reader(io.StringIO(file), delimiter=";"))[0] == tomllib.loads(mapping)["columns"]["report"]


def hue() -> City:
    return load("hue").city


def named(page_part: str) -> set[str]:
    return set(re.findall(r"\w+", page_part))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.key)
def test_the_live_page_names_what_a_topic_draws(topic: object) -> None:
    page = (DOCS / "live.md").read_text(encoding="utf-8")
    (part,) = [one for one in re.split(r"^### ", page, flags=re.MULTILINE) if f"`{topic.key}`" in one.splitlines()[0]]
    drawn = json.loads(json.dumps(topic.draw(Board(zone="Asia/Ho_Chi_Minh"), hue())))
    fields = set(drawn) | {field for view in drawn.values() if isinstance(view, dict) for field in view if not field.isdigit()}
    assert fields - named(part) == set()


def test_the_live_page_names_every_field_of_an_event_and_of_the_city() -> None:
    page = named((DOCS / "live.md").read_text(encoding="utf-8"))
    lines = (ROOT / "dashboard" / "rows.py").read_text(encoding="utf-8")
    told = re.search(r"return \{(.*?)\n    \}", lines[lines.index(f"def {row.__name__}(") :], re.DOTALL)
    assert told is not None
    assert set(re.findall(r'^\s+"(\w+)":', told[1], re.MULTILINE)) - page == set()
    document = city_document(hue(), hue().days[0].date)
    inner = {field for rows in document.values() if isinstance(rows, list) and isinstance(rows[0], dict) for field in rows[0]}
    assert (set(document) | inner) - page == set()


# ---- deploy/ ----


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def ours() -> dict[str, dict]:
    return {name: one for name, one in compose()["services"].items() if str(one["image"]).startswith("kydai:")}


def test_compose_runs_every_role_and_two_boards() -> None:
    roles = [one["command"] for one in ours().values()]
    assert {role: roles.count(role) for role in set(roles)} == {
        "web": 2,
        "intake": 1,
        "relay": 1,
        "board": 2,
        "darkroom": 1,
        "messenger": 1,
        "migrate": 1,
    }
    assert set(roles) <= set(app.main.list_commands(click.Context(app.main)))
    for name, one in ours().items():
        assert one["environment"]["KYDAI_DEMO"] == "0", name
        assert set(one["environment"]) <= SETTINGS, name
    assert [name for name, one in ours().items() if "KYDAI_MQTT_URL" in one["environment"]] == ["intake"]


def test_compose_names_only_what_it_has() -> None:
    services, volumes = compose()["services"], compose()["volumes"]
    for name, one in services.items():
        assert set(one.get("depends_on", ())) <= set(services), name
        for volume in one.get("volumes", ()):
            source = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", volume).split(":")[0]
            given = (
                source in volumes or (DEPLOY / source).exists() or source in {"./tls", "./mosquitto.passwd"}
            )  # the last are the city's own
            assert given, f"{name}: {volume}"
        urls = [
            str(value) for key, value in one.get("environment", {}).items() if key.endswith("_URL") and key != "KYDAI_PUBLIC_URL"
        ]
        for url in urls:
            assert re.split(r"[:/]", url.partition("://")[2].rpartition("@")[2])[0] in services, f"{name}: {url}"
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    servers = set(re.findall(r"^\s+server ([\w-]+):(\d+)", nginx, re.MULTILINE))
    assert servers == {("web-1", "8050"), ("web-2", "8050"), ("intake", "8051")}
    assert {ours()["web-1"]["environment"]["KYDAI_PORT"], ours()["intake"]["environment"]["KYDAI_INTAKE_PORT"]} == {"8050", "8051"}


def test_every_variable_of_compose_is_in_the_example() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    example = re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(encoding="utf-8"), re.MULTILINE)
    needed = set(re.findall(r"\$\{(\w+):\?", text))
    assert needed <= set(example)
    assert set(example) <= set(re.findall(r"\$\{(\w+)[:}]", text))


def test_the_image_holds_what_the_house_needs() -> None:
    copied = set(re.findall(r"^COPY (\S+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    rooms = {"migrations", "dashboard", "data", "layouts", "callbacks", "assets"}
    assert rooms <= copied
    let_in = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    for name in rooms | {"app.py", "alembic.ini", "requirements.txt", "package-lock.json", ".npmrc"}:
        assert f"!{name}\n" in let_in, name


def test_the_units_start_what_there_is() -> None:
    unit = (DEPLOY / "kydai.service").read_text(encoding="utf-8")
    assert "ExecStart=/opt/kydai/.venv/bin/python app.py\n" in unit
    assert "--autoplay-policy=no-user-gesture-required" in (DEPLOY / "kydai-kiosk.service").read_text(encoding="utf-8")


def test_both_redis_shut_what_the_embedded_ones_shut() -> None:
    from data.embedded import SHUT

    for file in ("redis-log.conf", "redis-wire.conf"):
        assert set(re.findall(r'^rename-command (\w+) ""$', (DEPLOY / file).read_text(encoding="utf-8"), re.MULTILINE)) == set(SHUT)


def test_no_page_tells_of_this_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.md", "deploy"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    for name in tracked:
        assert not re.search(r"/work/|/tmp/|/root/", (ROOT / name).read_text(encoding="utf-8")), name
