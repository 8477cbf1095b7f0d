"""The machine's clock."""

import time


class SystemClock:
    """Real time."""

    def now_ms(self) -> int:
        """Return UTC in epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()
