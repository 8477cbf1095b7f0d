"""Every connection from here to a camera, a recorder or a Frigate: to a place that is allowed, and never for longer or more than is good (S-15).

`check` looks an address over once and says where it leads; `get`, `post` and `stream` connect to that very place and follow no redirect.
"""

from data.outward.asking import Answer, Flow, Line, get, post, stream
from data.outward.keys import Keys, Login
from data.outward.places import BROKERS, Checked, Refused, check, faults
from data.outward.wire import Unreached

__all__ = [
    "BROKERS",
    "Answer",
    "Checked",
    "Flow",
    "Keys",
    "Line",
    "Login",
    "Refused",
    "Unreached",
    "check",
    "faults",
    "get",
    "post",
    "stream",
]
