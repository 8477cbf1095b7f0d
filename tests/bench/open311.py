"""Open311: twenty clients that read fifty reports each, one answer after the other without a pause, from the house as it runs."""

import http.client
import threading
import time
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

import msgspec
from sqlalchemy import Engine, text

from dashboard.events import Heard, ReportChanged, Said
from data.store.sources import Sources
from tests.bench.tally import Tally
from tests.rig import Rig, now_ms

CLIENTS, ASKED, WARM = 20, 25, 3
DAYS = 80
QUERIES = (
    {"page": "1", "page_size": "50"},
    {"page": "3", "page_size": "50", "status": "open"},
    {"page": "1", "page_size": "50", "service_code": "HT03", "extensions": "true"},
)
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})",
}
INSERT = """
{numbers} INSERT INTO report (key, report, service, ward, unit, submitted, due, closed, open, lon, lat, body, taken)
SELECT 'open311-0/' || i, i, CASE i % 3 WHEN 0 THEN 'MT01' WHEN 1 THEN 'HT03' ELSE 'DT01' END, '', 'HEPCO', {start} + i * {step}, {start} + i * {step} + 600000000,
       CASE WHEN i % 5 > 0 THEN {start} + i * {step} + 86400000 END, i % 5 = 0, 107.59, 16.467, {body}, {start} + i * {step} FROM n
"""


def fill(engine: Engine, count: int) -> None:
    """Write reports of eighty days straight into the table, with words beside the newest thousand: how they came there is no matter."""
    now = now_ms()
    event = ReportChanged(
        id="a@0", at=now, report="7KQ4-M9XD-2TRA", service="MT01", submitted=now, open=True, lon=107.59, lat=16.467
    )
    heard = Heard(
        key="open311-0:a", source="open311-0", received=now, counted=now, quarantined=False, camera="", ward="19777", event=event
    )
    said = msgspec.json.encode(
        Said(text="Rác dồn ở đầu kiệt từ chiều đến tối chưa thấy xe lấy. " * 6, address="12 Nguyễn Huệ")
    ).decode()
    step = DAYS * 86_400_000 // count
    told = {"start": now - count * step, "step": step, "body": f"x'{msgspec.msgpack.encode(heard).hex()}'"}
    with engine.begin() as sql:
        sql.exec_driver_sql(INSERT.format(numbers=NUMBERS["sqlite"].format(count=count), **told))
        sql.execute(
            text("INSERT INTO report_words (key, body) SELECT key, :body FROM report ORDER BY submitted DESC LIMIT 1000"),
            {"body": said},
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
        sql.exec_driver_sql("ANALYZE")


def ask(place: str, keys: list[str], query: dict[str, str], form: str) -> list[float]:
    """Return how long each answer took (ms), of all clients at once; the first few of each only warm up."""
    took: list[float] = []
    together = threading.Barrier(len(keys))

    def client(key: str) -> None:
        line = http.client.HTTPConnection(urlsplit(place).netloc, timeout=30)
        together.wait()
        for number in range(ASKED + WARM):
            began = time.perf_counter()
            line.request("GET", f"/open311/v2/requests.{form}?{urlencode(query)}", headers={"Authorization": f"Bearer {key}"})
            answer = line.getresponse()
            body = answer.read()
            if answer.status != 200 or len(body) < 10_000:
                raise AssertionError((answer.status, body[:200]))
            if number >= WARM:
                took.append((time.perf_counter() - began) * 1000)
        line.close()

    threads = [threading.Thread(target=client, args=(key,)) for key in keys]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if len(took) != ASKED * len(keys):
        raise AssertionError("a client fell over")
    return took


def run(tally: Tally, *, quick: bool) -> None:
    """Measure one house with many reports."""
    count = 20_000 if quick else 1_000_000
    rig = Rig()
    try:
        fill(rig.engine, count)
        register = Sources(rig.engine)
        keys = [register.add(f"open311-{n}", adapter="open311", now_ms=now_ms()) for n in range(CLIENTS)]
        rig.start()
        took: list[float] = []
        for query in QUERIES:
            for form in ("json", "xml"):
                took += ask(rig.base, keys, query, form)
        p95, median = quantiles(took, n=20)[-1], quantiles(took, n=2)[0]
        note = f"{len(took):,} answers of 50 rows, JSON and XML, three filters, without a pause; median {median:.0f} ms"
        tally.add(f"Open311 requests, 50 rows of {count:,}, p95 with {CLIENTS} clients", p95, "ms", must=150, goal=50, note=note)
    finally:
        rig.close()
