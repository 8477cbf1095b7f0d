"""What is written down of ourselves: one line a record, no plate and no telephone number in the clear, no control signs (S-17)."""

import logging
import sys
import threading
from types import TracebackType
from typing import TextIO

from dashboard.masking import hidden

FORM = "%(asctime)s %(levelname)s %(name)s %(message)s"
# At DEBUG these write down what they carry: rows, parameters, bodies.
OURS = ("kydai", "callbacks", "dashboard", "data", "layouts", "app")
log = logging.getLogger("kydai")


class Masked(logging.Formatter):
    """Masks the whole record, the trace included: exceptions quote what they fell over."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as it may be written down."""
        told = hidden(super().format(record))
        return "".join(sign if sign.isprintable() or sign in "\n\t" else repr(sign)[1:-1] for sign in told)


def keep(level: str, stream: TextIO | None = None) -> None:
    """Begin to write down: ours at `level`, others only when something is wrong. What rises to the top is written the same way."""
    line = logging.StreamHandler(stream or sys.stderr)
    line.setFormatter(Masked(FORM))
    logging.basicConfig(level=logging.WARNING, handlers=[line], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    sys.excepthook = _risen
    threading.excepthook = lambda told: _risen(told.exc_type, told.exc_value, told.exc_traceback)


def _risen(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Write down what nobody caught."""
    if issubclass(kind, KeyboardInterrupt) or error is None:
        sys.__excepthook__(kind, error or kind(), trace)
        return
    log.critical("ends", exc_info=(kind, error, trace))
