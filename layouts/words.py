"""Every text that a person sees, in every language: one JSON file a language, the same keys in each."""

import json
from functools import cache
from pathlib import Path

TONGUES = ("vi", "en")
FIRST = "vi"
FOLDER = Path(__file__).parent / "locales"


@cache
def _texts(tongue: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((FOLDER / f"{tongue}.json").read_text(encoding="utf-8"))
    return found


class Vocabulary:
    """One language's texts."""

    def __init__(self, tongue: str) -> None:
        self.tongue = tongue if tongue in TONGUES else FIRST
        self._texts = _texts(self.tongue)

    @property
    def texts(self) -> dict[str, str]:
        """Every text by its key."""
        return self._texts

    def say(self, key: str, **values: object) -> str:
        """Return the text of `key`, its holes filled. Raises KeyError for a key that is in no file."""
        return self._texts[key].format(**values) if values else self._texts[key]
