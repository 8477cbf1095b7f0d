"""The first figures of the catalogue, F1 to F7: how many reports came, how they stand, and what became of them (dashboard.catalogue)."""

from dashboard import formulas
from dashboard.figure import Figure

COUNTED: tuple[Figure, ...] = (
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
            "vi": "Số phản ánh gửi đến trong kỳ đã xác minh là đủ điều kiện xử lý.",
            "en": "Reports submitted in the period that were verified as eligible.",
        },
        read=formulas.verified(lambda counts: counts.eligible),
        needs="eligible",
        items="eligible",
    ),
    Figure(
        code="F2",
        key="eligible_share",
        title={"vi": "Đủ điều kiện trên số gửi đến", "en": "Accepted of submitted"},
        formula={
            "vi": "Đã xác minh là đủ điều kiện xử lý / gửi đến trong kỳ (F2 / F1). Chưa xác minh thì chưa tính là đủ điều kiện.",
            "en": "Verified as eligible / submitted in the period (F2 / F1). What nobody has verified yet is not counted as eligible.",
        },
        read=formulas.eligible_share,
        unit="percent",
        needs="eligible",
        items="eligible",
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
        read=formulas.counted("granted"),
        items="granted",
    ),
    Figure(
        code="F7",
        key="handled_share",
        title={"vi": "Tỷ lệ xử lý", "en": "Handled"},
        formula={
            "vi": "Đã xử lý xong / đủ điều kiện xử lý (F2), của phản ánh gửi đến trong kỳ.",
            "en": "Closed by now / accepted (F2), of reports submitted in the period.",
        },
        read=formulas.handled,
        unit="percent",
        better="up",
        needs="eligible",
        items="handled",
    ),
)
