"""The figures about reports, F1 to F14 (screens.md §5): each formula once, with its words, for wall, leader's page, API and export.

Late (trễ hạn) is what was closed after its deadline, overdue (quá hạn) what is past it and still open: the two never mix.
"""

from dashboard import formulas
from dashboard.catalogue_counted import COUNTED
from dashboard.figure import Figure

FIGURES: tuple[Figure, ...] = (
    *COUNTED,
    Figure(
        code="F8 C",
        key="reports_on_time",
        title={"vi": "Tỷ lệ đúng hạn", "en": "On time"},
        formula={
            "vi": "Xử lý xong trong hạn gốc / tất cả phản ánh có hạn trong kỳ, tính các ngày đã hết. Việc chưa xong khi hết hạn tính là không đúng hạn.",
            "en": "Closed within the original deadline / all reports due in the period, days that are over. What was not closed in time counts against it.",
        },
        read=lambda known: formulas.on_time(known.ended),
        unit="percent",
        better="up",
        items="due",
    ),
    Figure(
        code="F8 A",
        key="on_time_closed",
        title={"vi": "Đúng hạn trên số đã xử lý", "en": "On time of closed"},
        formula={
            "vi": "Xử lý xong đúng hạn / xử lý xong trong kỳ. Không thấy việc quá hạn còn mở.",
            "en": "Closed on time / closed in the period. Blind to what is overdue and open.",
        },
        read=lambda known: formulas.on_time_closed(known.counts),
        unit="percent",
        better="up",
        items="closed",
    ),
    Figure(
        code="F8 A",
        key="on_time_granted",
        title={"vi": "Đúng hạn sau gia hạn trên số đã xử lý", "en": "On time after extension, of closed"},
        formula={
            "vi": "(Xử lý xong đúng hạn gốc + đúng hạn sau gia hạn) / xử lý xong trong kỳ.",
            "en": "(Closed on the original deadline + on time after extension) / closed in the period.",
        },
        read=formulas.on_time_granted,
        unit="percent",
        better="up",
        items="closed",
    ),
    Figure(
        code="F8 B",
        key="on_time_borne",
        title={"vi": "Đúng hạn trên số phải xử lý", "en": "On time of all to handle"},
        formula={
            "vi": "1 − (xử lý trễ hạn + còn mở quá hạn) / (gửi đến trong kỳ + kỳ trước chuyển sang).",
            "en": "1 − (closed late + open and overdue) / (received in the period + carried over).",
        },
        read=formulas.on_time_borne,
        unit="percent",
        better="up",
    ),
    Figure(
        code="F9",
        key="median_hours",
        title={"vi": "Thời gian xử lý trung vị", "en": "Median handling time"},
        formula={
            "vi": "Trung vị số giờ từ ngày gửi đến ngày xử lý, của việc xử lý xong trong kỳ; đọc từ phân bố, sai số dưới 9 %.",
            "en": "Median hours from submitting to closing, of those closed in the period; read off a histogram, within 9 %.",
        },
        read=formulas.median,
        unit="hours",
        better="down",
        items="closed",
    ),
    Figure(
        code="F9",
        key="mean_hours",
        title={"vi": "Thời gian xử lý trung bình", "en": "Mean handling time"},
        formula={
            "vi": "Số giờ trung bình từ ngày gửi đến ngày xử lý, của việc xử lý xong trong kỳ.",
            "en": "Mean hours from submitting to closing, of those closed in the period.",
        },
        read=formulas.mean,
        unit="hours",
        better="down",
        items="closed",
    ),
    Figure(
        code="F10",
        key="satisfaction",
        title={"vi": "Mức độ hài lòng", "en": "Satisfaction"},
        formula={
            "vi": "(Hài lòng + chấp nhận) / lượt đánh giá, của việc xử lý xong trong kỳ. Dưới 30 lượt thì không hiện.",
            "en": "(Satisfied + acceptable) / ratings, of those closed in the period. Not shown below 30 ratings.",
        },
        read=formulas.rated(lambda counts: counts.content),
        unit="percent",
        better="up",
        items="rated",
    ),
    Figure(
        code="F10",
        key="rated_satisfied",
        title={"vi": "Hài lòng", "en": "Satisfied"},
        formula={"vi": "Lượt hài lòng / lượt đánh giá, từ 30 lượt.", "en": "Satisfied / ratings, from 30 ratings on."},
        read=formulas.rated(lambda counts: counts.satisfied),
        unit="percent",
        better="up",
        items="satisfied",
    ),
    Figure(
        code="F10",
        key="rated_acceptable",
        title={"vi": "Chấp nhận", "en": "Acceptable"},
        formula={"vi": "Lượt chấp nhận / lượt đánh giá, từ 30 lượt.", "en": "Acceptable / ratings, from 30 ratings on."},
        read=formulas.rated(lambda counts: counts.content - counts.satisfied),
        unit="percent",
        items="acceptable",
    ),
    Figure(
        code="F10",
        key="rated_dissatisfied",
        title={"vi": "Không hài lòng", "en": "Dissatisfied"},
        formula={"vi": "Lượt không hài lòng / lượt đánh giá, từ 30 lượt.", "en": "Dissatisfied / ratings, from 30 ratings on."},
        read=formulas.rated(lambda counts: counts.rated - counts.content),
        unit="percent",
        better="down",
        items="dissatisfied",
    ),
    Figure(
        code="F11",
        key="reports_extended",
        title={"vi": "Gia hạn", "en": "Extended"},
        formula={
            "vi": "Số phản ánh được gia hạn lần đầu trong kỳ. Mỗi phản ánh tính một lần, dù gia hạn mấy lần.",
            "en": "Reports whose deadline was first extended in the period. Each counts once, however often it was extended.",
        },
        read=formulas.counted("extended"),
        better="down",
        items="extended",
    ),
    Figure(
        code="F11",
        key="extended_share",
        title={"vi": "Gia hạn trên số phải xử lý", "en": "Extended, of all to handle"},
        formula={
            "vi": "Được gia hạn lần đầu trong kỳ / (gửi đến trong kỳ + kỳ trước chuyển sang).",
            "en": "First extended in the period / (received in the period + carried over).",
        },
        read=formulas.extended_share,
        unit="percent",
        better="down",
        items="extended",
    ),
    Figure(
        code="F12",
        key="reports_recurring",
        title={"vi": "Tái diễn", "en": "Recurring"},
        formula={
            "vi": "Phản ánh gửi đến trong kỳ mà trung tâm xác định là tái diễn việc đã xử lý. Hệ thống gợi ý việc cùng loại, cùng chỗ trong 90 ngày.",
            "en": "Reports submitted in the period that the centre has found to be a handled matter come again; the same service and place within 90 days is suggested.",
        },
        read=formulas.counted("recurring"),
        better="down",
        items="recurring",
    ),
    Figure(
        code="F13",
        key="ranking",
        title={"vi": "Xếp hạng đơn vị, phường, xã", "en": "Ranking of units and wards"},
        formula={
            "vi": "Theo tỷ lệ đúng hạn (F8 C), từ 10 việc có hạn trong kỳ. Bằng nhau thì đồng hạng, ít quá hạn (F4) đứng trước.",
            "en": "By on-time share (F8 C), from 10 reports due in the period. Equals share a rank; fewer overdue (F4) stand first.",
        },
    ),
    Figure(
        code="F14",
        key="comparison",
        title={"vi": "So với kỳ trước, cùng kỳ năm trước", "en": "Against the period and the year before"},
        formula={
            "vi": "So với phần đã qua tương ứng của kỳ trước và của cùng kỳ năm trước.",
            "en": "Against the same elapsed part of the period before, and of the same period a year ago.",
        },
    ),
)
_BY_KEY = {figure.key: figure for figure in FIGURES}


def figure(key: str) -> Figure:
    """Return a figure by its key. Raises KeyError."""
    return _BY_KEY[key]
