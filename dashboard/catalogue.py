"""The figures about reports, F1 to F14 (screens.md §5): each formula once, with its words, for wall, leader's page, API and export.

Late (trễ hạn) is what was closed after its deadline, overdue (quá hạn) what is past it and still open: the two never mix.
"""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from dashboard import formulas
from dashboard.city import Words
from dashboard.formulas import Known


class Figure(Struct, frozen=True, kw_only=True):
    """One figure. `needs` names a state that no report carries yet: until then there is no value, and that is said. `read` None: a rule."""

    code: str
    key: str
    title: Words
    formula: Words
    read: Callable[[Known], float | None] | None = None
    unit: Literal["count", "percent", "hours"] = "count"
    better: Literal["up", "down", "none"] = "none"
    needs: str = ""
    items: str = ""  # the list behind it (dashboard.items)


FIGURES: tuple[Figure, ...] = (
    Figure(
        code="F1",
        key="reports_received",
        title={"vi": "Phản ánh gửi đến", "en": "Submitted"},
        formula={"vi": "Số phản ánh có ngày gửi trong kỳ.", "en": "Reports submitted in the period."},
        read=formulas.counted("received"),
        items="received",
    ),
    Figure(
        code="F2",
        key="reports_eligible",
        title={"vi": "Đủ điều kiện xử lý", "en": "Accepted"},
        formula={
            "vi": "Phản ánh đã xác minh là đủ điều kiện xử lý, trên số gửi đến trong kỳ.",
            "en": "Reports verified as eligible, of those submitted in the period.",
        },
        needs="eligible",
    ),
    Figure(
        code="F3",
        key="reports_in_time",
        title={"vi": "Đang xử lý, trong hạn", "en": "In progress, within deadline"},
        formula={"vi": "Phản ánh còn mở, chưa qua hạn xử lý.", "en": "Open reports whose deadline has not passed."},
        read=formulas.in_time,
        items="in_time",
    ),
    Figure(
        code="F4",
        key="reports_overdue",
        title={"vi": "Đang xử lý, quá hạn", "en": "Open, overdue"},
        formula={
            "vi": "Phản ánh còn mở và đã qua hạn xử lý. Không kể phản ánh đã xử lý trễ hạn.",
            "en": "Open reports past their deadline. Those closed late are not counted.",
        },
        read=formulas.stands("open_late"),
        better="down",
        items="overdue",
    ),
    Figure(
        code="F5",
        key="reports_due_24h",
        title={"vi": "Sắp đến hạn (24 giờ)", "en": "Due within 24 hours"},
        formula={
            "vi": "Phản ánh còn mở có hạn xử lý trong 24 giờ tới.",
            "en": "Open reports whose deadline lies within the next 24 hours.",
        },
        read=formulas.stands("due_24h"),
        items="due_24h",
    ),
    Figure(
        code="F6",
        key="closed_on_time",
        title={"vi": "Đã xử lý đúng hạn", "en": "Closed on time"},
        formula={
            "vi": "Xử lý xong trong kỳ, ngày xử lý không sau hạn gốc.",
            "en": "Closed in the period, not after the original deadline.",
        },
        read=formulas.counted("on_time"),
        items="on_time",
    ),
    Figure(
        code="F6",
        key="closed_late",
        title={"vi": "Đã xử lý trễ hạn", "en": "Closed late"},
        formula={
            "vi": "Xử lý xong trong kỳ, ngày xử lý sau hạn gốc. Không kể việc còn mở.",
            "en": "Closed in the period, after the original deadline. Open ones are not counted.",
        },
        read=formulas.counted("late"),
        better="down",
        items="late",
    ),
    Figure(
        code="F6",
        key="closed_extended",
        title={"vi": "Đúng hạn sau gia hạn", "en": "On time after extension"},
        formula={
            "vi": "Xử lý xong trong kỳ, sau hạn gốc nhưng không sau hạn đã được gia hạn.",
            "en": "Closed in the period, after the original deadline and not after the extended one.",
        },
        needs="extended",
    ),
    Figure(
        code="F7",
        key="handled_share",
        title={"vi": "Tỷ lệ xử lý", "en": "Handled"},
        formula={"vi": "Đã xử lý trên số đủ điều kiện xử lý (F2).", "en": "Closed, of those accepted (F2)."},
        unit="percent",
        better="up",
        needs="eligible",
    ),
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
            "vi": "Số phản ánh được gia hạn trong kỳ, và phần của chúng trong số đang xử lý.",
            "en": "Reports whose deadline was extended in the period, and their share of those in progress.",
        },
        better="down",
        needs="extended",
    ),
    Figure(
        code="F12",
        key="reports_recurring",
        title={"vi": "Tái diễn", "en": "Recurring"},
        formula={
            "vi": "Phản ánh cùng chỗ, cùng lĩnh vực, trong 90 ngày sau khi việc trước đã xử lý xong.",
            "en": "Reports of the same place and field within 90 days after the earlier one was closed.",
        },
        better="down",
        needs="recurring",
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
