"""R-13: whose clock decides, at each edge."""

import pytest

from dashboard.skew import counted, flagged

NOW = 1_800_000_000_000
S, H, D = 1000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("skew", "at", "quarantined"),
    [
        (0, NOW, False),
        (30 * S, NOW, False),
        (-30 * S, NOW - 30 * S, False),
        (30 * S + 1, NOW, False),
        (-30 * S - 1, NOW, False),
        (H, NOW, False),
        (H + 1, NOW, True),
        (-7 * D, NOW, False),
        (-7 * D - 1, NOW, True),
    ],
)
def test_a_device_is_believed_within_half_a_minute(skew: int, at: int, quarantined: bool) -> None:
    assert counted(NOW + skew, NOW) == (at, quarantined)


def test_a_camera_two_minutes_off_is_flagged() -> None:
    assert not flagged(NOW + 120 * S, NOW)
    assert flagged(NOW + 120 * S + 1, NOW)
    assert flagged(NOW - 120 * S - 1, NOW)
