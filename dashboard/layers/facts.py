"""How a file was understood, for the page, in both languages: the command's own lines are English."""

import re

from dashboard.layers.desk import Why

# Part of a line, and what it says in Vietnamese.
WORDS: tuple[tuple[str, str], ...] = (
    (r"\bWGS 84 longitude and latitude\b", "kinh độ, vĩ độ WGS 84"),
    (r"\bVN-2000 longitude and latitude\b", "kinh độ, vĩ độ VN-2000"),
    (r", as the file says", ", theo tệp"),
    (r", as given", ", như đã điền"),
    (r", axes swapped", ", đã đảo trục"),
    (r", texts in (\S+)", r", chữ theo bảng mã \1"),
    (r"\bpoints;", "điểm;"),
    (r"\blines;", "đường;"),
    (r"\bareas;", "vùng;"),
    (
        r"([\d,]+) broken shapes mended, ([\d,]+) without a shape and ([\d,]+) outside left out",
        r"đã sửa \1 hình hỏng, bỏ \2 đối tượng không có hình và \3 nằm ngoài",
    ),
    (
        r"^none: addresses of single features hold for one version",
        "không trường nào: địa chỉ của từng đối tượng chỉ dùng được trong một phiên bản",
    ),
    (r"; ([\d,]+) of ([\d,]+) share theirs", r"; \1 trong \2 đối tượng trùng nhau"),
    (r", ([\d,]+) have none$", r", \1 để trống"),
    (r"^(\d+) from (\d{4}-\d\d-\d\d)", r"\1 phường, xã từ \2"),
    (r"; (\d+) of the city's wards are not in the file: ", r"; \1 phường, xã của thành phố không có trong tệp: "),
)


def fact(line: str) -> tuple[str, Why]:
    """Return the name of a line and what it says. What GDAL warns of stays as it came."""
    name, _, text = line.partition(" ")
    vi = text = text.strip()
    for english, vietnamese in WORDS if name != "warning" else ():
        vi = re.sub(english, vietnamese, vi)
    return name, Why(vi=vi if name == "warning" else re.sub(r"(?<=\d),(?=\d{3})", ".", vi), en=text)
