"""Vietnamese as it was written before Unicode: TCVN3 (ABC fonts) and VNI, recognised by what the text would say, and converted.

Files hold bytes of one of them where nothing says which. Read as Latin-1, every byte is one letter; what is tried then is which table
turns the words into syllables that Vietnamese has.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

SURE = 0.8  # of the words with marks that must be syllables
LOOKED_AT = 4000
# TCVN 5712:1993, VN3: its bytes from A1 to FE as Latin-1 letters, and what they stand for.
_TCVN3 = dict(
    zip(
        "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢£¤¥¦§",
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
        strict=True,
    )
)
# VNI: a vowel, then one letter for its marks. The second column is what follows the vowel in decomposed Unicode.
_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT, _HAT, _BREVE = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323", "\u0302", "\u0306"
_VNI_MARKS = {
    "ù": _ACUTE,
    "ø": _GRAVE,
    "û": _HOOK,
    "õ": _TILDE,
    "ï": _DOT,
    "â": _HAT,
    "á": _HAT + _ACUTE,
    "à": _HAT + _GRAVE,
    "å": _HAT + _HOOK,
    "ã": _HAT + _TILDE,
    "ä": _HAT + _DOT,
    "ê": _BREVE,
    "é": _BREVE + _ACUTE,
    "è": _BREVE + _GRAVE,
    "ú": _BREVE + _HOOK,
    "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}
_VNI_LETTERS = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_MARKED = re.compile("([aeouyôöAEOUYÔÖ])([" + "".join(_VNI_MARKS) + "".join(_VNI_MARKS).upper() + "])")
# Syllables, tones left out: what may begin one, its vowels, what may end one.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x)?"
    r"(?:iêu|yêu|oai|oay|oeo|uây|uôi|uya|uyê|uyu|ươi|ươu|uâ|uê|uô|uơ|uy|ui|ua|ưa|ưi|ưu|ươ|iê|yê|ia|iu|ai|ao|au|ay|âu|ây|eo|êu|oa|oă|oe|oi|ôi|ơi"
    r"|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y)"
    r"(?:ch|nh|ng|c|m|n|p|t)?",
    re.IGNORECASE,
)
_TONES = {_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT}


def from_tcvn3(text: str) -> str:
    """Return what TCVN3 bytes, read as Latin-1, say."""
    return "".join(_TCVN3.get(letter, letter) for letter in text)


def from_vni(text: str) -> str:
    """Return what VNI bytes, read as Latin-1, say."""
    joined = _MARKED.sub(lambda found: _vni_letter(found[1]) + _VNI_MARKS[found[2].lower()], text)
    single = "".join(_vni_letter(letter) for letter in joined)
    return unicodedata.normalize("NFC", single)


def _vni_letter(letter: str) -> str:
    found = _VNI_LETTERS.get(letter.lower(), letter.lower())
    return found.upper() if letter.isupper() else found if letter.lower() in _VNI_LETTERS else letter


def from_utf8(text: str) -> str:
    """Return what UTF-8 bytes, read as Latin-1, say. Raises UnicodeDecodeError."""
    return text.encode("latin-1").decode("utf-8")


def from_windows(text: str) -> str:
    """Return what Windows-1258 bytes, read as Latin-1, say. Raises UnicodeDecodeError."""
    return unicodedata.normalize("NFC", text.encode("latin-1").decode("cp1258"))


TABLES: dict[str, Callable[[str], str]] = {"utf-8": from_utf8, "tcvn3": from_tcvn3, "vni": from_vni, "cp1258": from_windows}


def recognised(texts: Iterable[str]) -> str:
    """Return the name of the encoding that turns the texts (read as Latin-1) into Vietnamese, or "" where none surely does."""
    looked = [text for text, _ in zip((one for one in texts if _foreign(one)), range(LOOKED_AT), strict=False)]
    if not looked:
        return ""
    if _sense(looked, from_utf8) == 1.0:
        return "utf-8"
    scores = {name: _sense(looked, table) for name, table in TABLES.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= SURE and scores[best] > _sense(looked, str) else ""


def converted(text: str, encoding: str) -> str:
    """Return a text (read as Latin-1) by the table of `encoding`; as it is where it holds no bytes, or none of that table."""
    if not encoding or not _foreign(text):
        return text
    try:
        return TABLES[encoding](text)
    except (UnicodeDecodeError, UnicodeEncodeError):
        return text


def _foreign(text: str) -> bool:
    """Whether a text could be bytes of another encoding: it has letters beyond ASCII, and none beyond Latin-1."""
    return not text.isascii() and all(ord(letter) < 256 for letter in text)  # noqa: PLR2004  Latin-1


def _sense(texts: Iterable[str], table: Callable[[str], str]) -> float:
    """Return which part of the words beyond ASCII are Vietnamese syllables by a table."""
    good = all_of_them = 0
    for text in texts:
        try:
            words = re.findall(r"[^\W\d_]+|[^\x00-\x7f]+", table(text))
        except UnicodeDecodeError:
            return 0.0
        marked = [word for word in words if not word.isascii()]
        good, all_of_them = good + sum(map(_is_syllable, marked)), all_of_them + len(marked)
    return good / all_of_them if all_of_them else 0.0


def _is_syllable(word: str) -> bool:
    if not (word.islower() or word.istitle() or word.isupper()):
        return False
    apart = "".join(letter for letter in unicodedata.normalize("NFD", word) if letter not in _TONES)
    return _SYLLABLE.fullmatch(unicodedata.normalize("NFC", apart)) is not None
