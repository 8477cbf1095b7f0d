"""Why a layer was refused, for the page: in Vietnamese, sentence by sentence, and in English with the page's fields instead of the command's options."""

import re

from dashboard.layers.desk import Why

# A sentence of a refusal, and what it says in Vietnamese; its groups fill the holes.
SENTENCES: tuple[tuple[str, str], ...] = (
    (r"has ([\d.]+) GB; at most (\d+) GB", "Tệp có {0} GB; chỉ đọc tối đa {1} GB. Hãy tách thành nhiều lớp."),
    (r" is empty\.$", "Tệp rỗng. Hãy xuất lại."),
    (r"cannot be unpacked", "Không giải nén được tệp. Hãy nén lại, không đặt mật khẩu."),
    (r"holds ([\d,]+) files; at most", "Tệp nén chứa {0} tệp, quá nhiều. Hãy nén riêng một lớp."),
    (r"would unpack to ([\d.]+) GB", "Tệp nén bung ra tới {0} GB: không phải lớp bản đồ mà là bom nén. Chưa giải nén gì."),
    (r"larger than its zip says", "Tệp lớn hơn tệp nén khai báo: bom nén. Không nhận gì."),
    (
        r"holds no layer",
        "Tệp không chứa lớp nào. Đọc được: Shapefile hoặc MapInfo nén zip, GeoPackage, GeoJSON, KML, FlatGeobuf, CSV.",
    ),
    (r"but no \.shp", "Tệp nén không có tệp chính (.shp, .tab, .mif). Hãy nén chung mọi tệp của lớp."),
    (r"holds (\d+) layers: (.+?)\. Say which", "Tệp chứa {0} lớp: {1}. Hãy điền một tên vào ô Lớp con."),
    (r"comes without its (.+?)\. Zip", "Tệp thiếu {0}. Hãy nén chung tất cả các tệp rồi gửi lại."),
    (r"is no (.+?), whatever its name says", "Nội dung không phải {0} như tên tệp. Hãy xuất lại đúng định dạng."),
    (
        r"in a format that is not read",
        "Định dạng không đọc được. Dùng Shapefile hoặc MapInfo nén zip, GeoPackage, GeoJSON, KML, FlatGeobuf, CSV.",
    ),
    (r"defines entities", "Tệp KML tự định nghĩa thực thể, bản đồ không cần. Hãy xuất lại."),
    (r"Only ([\d.]+) GB are free", "Ổ đĩa chỉ còn {0} GB trống. Hãy dọn chỗ rồi thử lại."),
    (r"cannot be read as (.+?):", "Không đọc được tệp theo định dạng {0}: tệp hỏng hoặc dở dang. Hãy xuất lại."),
    (r"table without shapes", "Tệp là bảng không có hình. Chỉ đọc lớp có điểm, đường hoặc vùng."),
    (r"has ([\d,]+) features; at most ([\d,]+)", "Tệp có {0} đối tượng; đọc tối đa {1}. Hãy tách thành nhiều lớp."),
    (r"has (\d+) fields; at most (\d+)", "Tệp có {0} trường; giữ tối đa {1}. Hãy xuất ít trường hơn."),
    (r"more than ([\d,]+) vertices", "Tệp có hơn {0} đỉnh. Hãy đơn giản hoá (0,5 m là đủ) hoặc tách thành nhiều lớp."),
    (r"([\d,]+) of ([\d,]+) features lie outside", "{0} trong {1} đối tượng nằm ngoài thành phố và vành đai 2 km."),
    (
        r"(?i)axes are swapped|longitude and latitude (?:are )?swapped|latitude first",
        "Nhiều khả năng đảo trục. Hãy chọn Đảo trục rồi đọc lại.",
    ),
    (r"with swapped axes they would.*--epsg (\d+)", "Đảo trục và dùng EPSG {0} thì khớp. Hãy chọn Đảo trục, điền EPSG {0}."),
    (r"likely the wrong zone. Say --epsg (\d+)", "Nhiều khả năng sai múi chiếu. Hãy điền EPSG {0} nếu đúng vậy."),
    (
        r"No known system puts them there",
        "Không hệ toạ độ nào đưa chúng vào thành phố: tệp của nơi khác, hoặc một phần. Có thể chọn Bỏ phần nằm ngoài.",
    ),
    (r"does not say which coordinates", "Tệp không ghi hệ toạ độ (thiếu .prj?). Hãy điền mã EPSG: 9214 là VN-2000 ở Huế."),
    (r"coordinate system cannot be read|none that EPSG knows", "Không hiểu hệ toạ độ của tệp. Hãy điền mã EPSG."),
    (r"fall into the city as EPSG:(\d+)", "Số liệu rơi vào thành phố theo EPSG {0}: hãy điền mã này nếu đúng."),
    (r"EPSG:(\d+) is no coordinate system", "EPSG {0} không phải hệ toạ độ. VN-2000 ở Huế là 9214."),
    (r"the wrong datum", "Sai hệ quy chiếu: mọi thứ sẽ lệch khoảng 225 m. Nếu là VN-2000 hãy điền EPSG 4756 (độ) hoặc 9214 (mét)."),
    (r"--shifted", "Nếu dời chỗ là đúng, chọn Vị trí mới là đúng."),
    (r"No feature of the file has a shape", "Không đối tượng nào có hình. Hãy xuất lại cùng hình học."),
    (r"The file has no (point|line|area)", "Tệp không có loại hình đã chọn. Hãy chọn loại khác."),
    (r"The file mixes (.+?)\. A layer", "Tệp trộn {0}. Một lớp chỉ có một loại hình: hãy chọn ở ô Loại hình rồi đọc lại."),
    (r"The file has no field '(.+?)'", "Tệp không có trường {0}. Hãy chọn trường khác."),
    (r"'(.*?)' is the layer of what people draw", "Mã {0} dành cho những gì vẽ trên bản đồ. Hãy điền mã khác vào ô Mã lớp."),
    (
        r"'(.*?)' is a layer by address already",
        "Mã {0} đã là một lớp từ địa chỉ. Hãy gỡ lớp đó ở mục Lớp từ địa chỉ trước, hoặc điền mã khác vào ô Mã lớp.",
    ),
    (r"'(.*?)' is no key", "Mã {0} không hợp lệ: chữ thường không dấu, số và _, 2 đến 40 ký tự, bắt đầu bằng chữ (den_duong)."),
    (r"is no encoding", "Không biết bảng mã này. Dùng utf-8, tcvn3, vni hoặc cp1258."),
    (r"is no CSV", "Tệp không phải CSV. Hãy lưu lại dạng CSV UTF-8."),
    (r"header and no rows", "Bảng chỉ có tiêu đề, không có dòng nào."),
    (r"neither UTF-8 nor TCVN3", "Không nhận ra bảng mã. Hãy lưu lại dạng CSV UTF-8."),
    (r"has more than ([\d,]+) rows", "Bảng có hơn {0} dòng. Hãy tách thành nhiều lớp."),
    (r"Say which with --(?:lon|lat); there are: (.+?)\.$", "Không rõ cột toạ độ. Hãy điền tên cột kinh độ và vĩ độ; tệp có: {0}."),
    (
        r"([\d,]+) rows? ha(?:s|ve) no coordinates.*first in line (\d+)",
        "{0} dòng có toạ độ không phải số, đầu tiên là dòng {1}. Hãy sửa hoặc bỏ các dòng đó.",
    ),
    (r"took too long", "Đọc tệp quá lâu nên đã dừng. Hãy đơn giản hoá hoặc tách thành nhiều lớp."),
    (r"needed too much memory", "Tệp cần quá nhiều bộ nhớ nên đã dừng. Hãy đơn giản hoá hoặc tách thành nhiều lớp."),
    (r"broke its reader", "Tệp làm trình đọc bị lỗi nên đã dừng. Hãy xuất lại, hoặc báo quản trị xem nhật ký."),
    (r"record is away", "Cơ sở dữ liệu chưa trả lời. Hãy thử lại sau ít phút."),
    (r"layer of wards", "Lớp này là ranh giới phường, xã: hãy điền ngày hiệu lực và trường mã, hoặc dùng mã lớp khác."),
    (r"was interrupted", "Việc đọc tệp bị ngắt vì máy chủ khởi động lại. Hãy bấm Đọc lại: tệp đã gửi vẫn còn."),
    (r"is no day\.", "Ngày không hợp lệ."),
    (r"no field '(.*?)' for the official code", "Tệp không có trường mã {0}. Hãy chọn trường chứa mã phường, xã."),
    (
        r"(\d+) codes are of no ward of the city on (\S+): (.+?)\. Is",
        "{0} mã không phải phường, xã của thành phố ngày {1}: {2}. Kiểm tra trường mã và ngày.",
    ),
    (r"stand more than once in the file", "Có mã lặp lại trong tệp. Hãy gộp các phần của một phường, xã thành một đối tượng."),
    (r"Wards are areas", "Ranh giới phường, xã phải là vùng."),
    (r"^(\d+) and (\d+) lie over each other", "{0} và {1} chồng lên nhau. Có thể tệp trộn ranh giới của nhiều thời kỳ."),
)
# The command's options and what the page calls the same; the option's name is the field's.
FIELDS = {
    "--epsg": "“EPSG code”",
    "--swap": "“Swap the axes”",
    "--leave-out": "“Leave out what lies outside”",
    "--sublayer": "“Sublayer”",
    "--only": "“Shapes”",
    "--shifted": "“The new place is right”",
    "--encoding": "“Encoding”",
    "--lon": "“Longitude column”",
    "--lat": "“Latitude column”",
}
TICKED = {"--swap", "--leave-out", "--shifted"}
# Words of a refusal that stand in a hole of a Vietnamese sentence.
WORDS = ((r"\band\b", "và"), (r"\bpoints?\b", "điểm"), (r"\blines?\b", "đường"), (r"\bareas?\b", "vùng"))
NUMBER = re.compile(r"\d{1,3}(?:,\d{3})*(?:\.\d+)?")


def why(refusal: str) -> Why:
    """Return a refusal in both languages, and the fields of the page that it names."""
    found = [(made, text) for pattern, text in SENTENCES if (made := re.search(pattern, refusal))]
    told = " ".join(text.format(*map(_hole, made.groups())) for made, text in found)
    english = re.sub(
        r"say ((?:--only \w+(?: or )?)+)", lambda one: f"choose {one[1].replace('--only ', '')} at {FIELDS['--only']}", refusal
    )
    english = re.sub(r"\b([Ss])ay (?=(--[a-z-]+))", _verb, english)
    english = re.sub("|".join(FIELDS), lambda one: FIELDS[one.group()], english)
    fields = [option.strip("-").replace("-", "_") for option in FIELDS if option in refusal]
    if "is no key" in refusal or "another key" in refusal:
        fields.append("key")
    return Why(vi=told or f"Không nhận được tệp: {refusal}", en=english, fields=tuple(fields))


def _verb(one: re.Match[str]) -> str:
    """Return what is done with a field where a command is told an option: a box is ticked, the others are filled in."""
    verb = "tick " if one[2] in TICKED else "fill in "
    return verb.capitalize() if one[1] == "S" else verb


def _hole(told: str | None) -> str:
    """Return what fills a hole: a number as it is written in Vietnamese, the few words that stand in holes in Vietnamese."""
    text = told or ""
    if NUMBER.fullmatch(text) or re.fullmatch(r"(?:[\d,]+ (?:point|line|area)s?(?:, )?)+", text):
        text = re.sub(r"[.,](?=\d)", lambda one: "," if one.group() == "." else ".", text)
    elif not re.fullmatch(r"\.[a-z]+(?: and \.[a-z]+)*", text):
        return text
    for english, vietnamese in WORDS:
        text = re.sub(english, vietnamese, text)
    return text
