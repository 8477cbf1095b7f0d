"""Where a connection may lead: into the networks where cameras stand, and to what the city pack names, but never back to ourselves (S-15)."""

import re
import socket
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

Address = IPv4Address | IPv6Address
PORTS = {"http": 80, "https": 443, "rtsp": 554}
BROKERS = {"mqtt": 1883, "mqtts": 8883}
LONGEST = 2_000
# Cameras stand in private networks; everything else is a mistake or a trick until the pack names it.
PRIVATE = tuple(ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
# Where clouds hand their machines' keys to whoever asks. No camera has such an address, so no pack can name it.
METADATA = frozenset(
    ip_address(one) for one in ("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")
)
# Ports on which machines of a control room serve each other and a camera serves nothing.
SERVED = frozenset(
    {22, 23, 25, 53, 111, 389, 445, 1433, 1883, 2375, 2379, 3306, 3389, 5432, 6379, 6380, 8883, 9200, 11211, 16379, 26379, 27017}
)
_URL = re.compile(
    r"(?P<scheme>[a-z]{2,8})://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?(?P<path>/.*)?",
    re.IGNORECASE,
)
_PATH = re.compile(r"[!$-\[\]-~]*")  # what may stand in a path and a query: no space, no backslash, no quote, no fragment
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_DIGITS = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*\.?")  # what some read as an address, however odd
Resolve = Callable[[str, int], Iterable[str]]


class Refused(Exception):  # noqa: N818  a verdict on an address
    """An address that we do not connect to; the message says why, and what to do."""


class Checked(NamedTuple):
    """An address that was looked over. `ip` is where to connect to, whatever its name may mean by then; `path` holds the query too."""

    scheme: str
    host: str
    port: int
    ip: str
    path: str

    @property
    def url(self) -> str:
        """The address as it was given, written plainly."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host and port, as they stand in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (PORTS | BROKERS)[self.scheme] else f"{host}:{self.port}"

    def at(self, path: str) -> "Checked":
        """Return another path at the same place. Raises Refused."""
        if not path.startswith("/") or len(path) > LONGEST or not _PATH.fullmatch(path):
            raise Refused("its path has signs that do not stand in an address")
        return self._replace(path=path)


def resolved(host: str, port: int) -> list[str]:
    """Return every address of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def check(
    url: str,
    allowed: Collection[str],
    *,
    own: Collection[tuple[str, int]] = (),
    resolve: Resolve = resolved,
    ports: Mapping[str, int] = PORTS,
) -> Checked:
    """Return where `url` leads. Raises Refused.

    `allowed` is what the pack names (`[outward] allow`), `own` the hosts and ports of our own Redis, database and broker. A name is
    resolved here and never again; all that it stands for must be allowed. `ports` are the schemes that are spoken, and where: a camera's
    (PORTS) or a broker's (BROKERS).
    """
    scheme, host, port, path = _parts(url, ports)
    if port in SERVED and port not in ports.values():
        raise Refused(f"port {port} belongs to another kind of service; a camera does not speak there")
    if (host, port) in own:
        raise Refused(f"{host}:{port} is a service of Kỳ Đài itself")
    found = _addresses(host, port, resolve)
    services = {(one, service) for name, service in own if service == port for one in _quietly(name, service, resolve)}
    for one in found:
        if (one, port) in services:
            raise Refused(f"{host}:{port} is a service of Kỳ Đài itself")
        if no := _no(one, host, allowed):
            raise Refused(no)
    return Checked(scheme, host, port, str(found[0]), path)


def scheme_of(url: str) -> str:
    """Return the scheme of an address that is plainly written. Raises Refused."""
    return _parts(url, PORTS)[0]


def _parts(url: str, ports: Mapping[str, int]) -> tuple[str, str, int, str]:
    """Take an address apart, if it is written so plainly that no two programs could read it differently. Raises Refused."""
    if len(url) > LONGEST:
        raise Refused(f"is longer than {LONGEST} signs")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise Refused("holds a user name; give it to `python app.py login add` instead")
    found = _URL.fullmatch(url)
    path = (found["path"] if found else None) or "/"
    if found is None or not _PATH.fullmatch(path):
        raise Refused("is no address: scheme://host[:port][/path] is expected, plainly written")
    scheme, host = found["scheme"].lower(), found["host"].lower().strip("[]")
    if scheme not in ports:
        raise Refused(f"{scheme}: is not spoken; {', '.join(ports)} are")
    port = int(found["port"] or ports[scheme])
    if not 0 < port < 1 << 16:
        raise Refused(f"there is no port {port}")
    return scheme, host, port, path


def _addresses(host: str, port: int, resolve: Resolve) -> list[Address]:
    """Return what a host stands for. Raises Refused."""
    if ":" in host or _DIGITS.fullmatch(host):
        return [_literal(host)]
    if not _NAME.fullmatch(host):
        raise Refused(f"{host} is no name of a host")
    try:
        found = [_plain(one) for one in resolve(host, port)]
    except (OSError, ValueError, UnicodeError) as error:
        raise Refused(f"{host} has no address here: {error}") from error
    if not found:
        raise Refused(f"{host} has no address here")
    return found


def _literal(host: str) -> Address:
    """Return an address written in figures: four numbers with dots, or IPv6. Older ways of writing one hide where they lead."""
    try:
        return _plain(host)
    except ValueError:
        raise Refused(f"{host} is no address; write it as 10.1.2.3") from None


def _plain(told: str) -> Address:
    """Return an address, an IPv4 one also where it is wrapped in IPv6. Raises ValueError."""
    if "%" in told:
        raise ValueError("an address of one interface only")
    found = ip_address(told)
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _quietly(name: str, port: int, resolve: Resolve) -> list[Address]:
    """Return where a service of ours is; one that cannot be found now cannot be reached by anybody."""
    try:
        return _addresses(name, port, resolve)
    except Refused:
        return []


def _no(one: Address, host: str, allowed: Collection[str]) -> str:
    """Return why an address is not allowed, "" where it is."""
    what = _never(one)
    if what:
        return f"{host} leads to {one}, {what}: never allowed"
    named = any(one in network for network in _networks(allowed))
    ours = _is_ours(one)
    if named or (not ours and (host in _hosts(allowed) or any(one in network for network in PRIVATE)) and not one.is_link_local):
        return ""
    where = "this machine itself" if ours else "a link-local address" if one.is_link_local else "outside the private networks"
    return f"{host} leads to {one}, {where}; if a camera stands there, name it in [outward] allow of the pack's city.toml"


def _never(one: Address) -> str:
    if one in METADATA:
        return "where clouds keep their keys"
    if one.is_unspecified or one.is_multicast or one == ip_address("255.255.255.255"):
        return "no single machine"
    if isinstance(one, IPv6Address) and (one.sixtofour or one.teredo or one in ip_network("64:ff9b::/96")):
        return "an IPv4 address in disguise"
    return ""


def _is_ours(one: Address) -> bool:
    """Whether it is an address of this machine: then one can listen on it."""
    if one.is_loopback:
        return True
    with socket.socket(socket.AF_INET6 if one.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:  # noqa: PLR2004  IPv6
        try:
            probe.bind((str(one), 0))
        except OSError:
            return False
        return True


def _networks(allowed: Collection[str]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(one, strict=False) for one in allowed if not _is_name(one)]


def _hosts(allowed: Collection[str]) -> set[str]:
    return {one.lower() for one in allowed if _is_name(one)}


def _is_name(told: str) -> bool:
    return not (":" in told or "/" in told or _DIGITS.fullmatch(told))


def faults(allowed: Sequence[str]) -> list[tuple[str, str]]:
    """Return what a pack names wrongly, each with a reason: neither a host's name nor a network."""
    found = []
    for one in allowed:
        if _is_name(one):
            if not _NAME.fullmatch(one.lower()):
                found.append((one, "is neither a host's name nor a network"))
            continue
        try:
            ip_network(one)
        except ValueError as error:
            found.append((one, f"is no network: {error}"))
    return found
