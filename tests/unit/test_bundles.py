"""What a page loads of our own: its own parts, in the order of their numbers, put together."""

from pathlib import Path

import pytest

from layouts.bundles import SHARED, bundled
from layouts.page import Page
from layouts.shell import shell

ROOT = Path(__file__).parents[2]


def page(key: str, *assets: str) -> Page:
    return Page(key=key, path=f"/{key}", title="", permission="", theme="dark", layout=lambda _: shell(), assets=assets)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("10-late.js", "00-core.js", "05-own.js", "12-look.css", "20-own.css", "readme.txt"):
        (tmp_path / name).write_text(f"/* of {name} */", encoding="utf-8")
    return tmp_path


def test_a_page_loads_what_is_everybodys_and_its_own_in_order(folder: Path) -> None:
    found = bundled(folder, [page("a", "05-own.js", "20-own.css", "dash_leaflet"), page("b", "10-late.js")])
    shared, own = (one for one in found.of["a"] if one.form == "js")
    assert "of 00-core.js" in shared.text
    assert "of 10-late.js" not in shared.text + own.text
    assert "of 05-own.js" in own.text
    assert [one.text for one in found.of["a"] if one.form == "css"] == [
        "/* 12-look.css */\n/* of 12-look.css */\n",
        "/* 20-own.css */\n/* of 20-own.css */\n",
    ]
    assert found.tags("b", "js").count("<script") == 2
    assert found.tags("b", "css").count("<link") == 1
    assert found.tags("elsewhere", "js") == found.tags(SHARED, "js")
    assert "readme" not in "".join(one.text for one in found.named.values())


def test_parts_stand_in_the_order_of_their_numbers(folder: Path) -> None:
    found = bundled(folder, [page("a", "10-late.js", "05-own.js")])
    (own,) = (one for one in found.of["a"][1:] if one.form == "js" and one.name.startswith("a-"))
    assert own.text.index("05-own") < own.text.index("10-late")


def test_the_name_says_what_it_holds(folder: Path) -> None:
    before = bundled(folder, [page("a", "05-own.js")])
    (folder / "05-own.js").write_text("/* another */", encoding="utf-8")
    after = bundled(folder, [page("a", "05-own.js")])
    assert before.tags("a", "css") == after.tags("a", "css")
    assert before.tags("a", "js") != after.tags("a", "js")
    assert before.tags(SHARED, "js") == after.tags(SHARED, "js")


def test_a_part_that_is_named_and_not_there_is_told(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"07-gone\.js"):
        bundled(folder, [page("a", "07-gone.js")])


def test_every_part_of_ours_is_loaded_by_some_page() -> None:
    from callbacks.web import PAGES

    found = bundled(ROOT / "assets", PAGES)
    texts = {name: one.text for name, one in found.named.items()}
    for path in sorted((ROOT / "assets").glob("[0-9][0-9]-*.[jc]s*")):
        assert any(f"/* {path.name} */\n" in text for text in texts.values()), path.name
