"""Every address of the web server, and what it asks for: default deny (S-01). The guard holds requests to it."""

# Every rule of the web server and what it asks for. A rule that is not here is refused, and a test fails.
RULES: dict[str, str] = {
    "static": "denied",
    "/<path:path>": "page",
    "/": "page",
    "/_dash-layout": "page.draw",
    "/_dash-dependencies": "page.draw",
    "/_dash-update-component": "page.draw",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": "public",
    "/_favicon.ico": "public",
    "/_reload-hash": "denied",
    "/assets/<path:filename>": "public",
    "/sign-in": "public",
    "/sign-in/<secret>": "public",
    "/sign-out": "signed_in",
    "/kiosk/<secret>": "public",
    "/language/<tongue>": "public",
    "/theme/<theme>": "public",
    "/healthz": "public",
    "/readyz": "public",
    "/metrics": "metrics.read",
    "/city/<version>.json": "page.draw",
    "/map/<version>/<name>": "public",
    "/basemap/<version>.pmtiles": "page.draw",
    "/basemap/<version>/<int:z>/<int:x>/<int:y>": "page.draw",
    "/i18n/<tongue>.json": "public",
    "/leader/figures": "leader.view",
    "/leader/items": "leader.view",
    "/live/watching": "camera.view",
    "/live/<camera>/index.m3u8": "camera.view",
    "/live/<camera>/<int:run>/<any('init.mp4'):name>": "camera.view",
    "/live/<camera>/<int:run>/<int:seq>.m4s": "camera.view",
    "/live/<camera>/still": "camera.view",
    "/live/<camera>/page": "camera.view",
    "/alarms/act": "alarm.act",  # each act asks for a permission of its own beside
    "/alarms/act-together": "alarm.act",  # as above
    "/alarms/<alarm>": "alarm.read",
    "/incidents": "incident.view",
    "/incidents/list": "incident.view",
    "/incidents/of": "incident.view",
    "/incidents/<int:incident>": "incident.view",
    "/incidents/act": "incident.view",  # the act itself asks for a permission of its own beside
    "/reports/list": "case.read",
    "/reports/one": "case.read",
    "/reports/route": "case.read",
    "/reports/facts": "case.read",
    "/reports/act": "case.act",  # each act asks for a permission of its own beside
    "/reports/enter": "case.enter",
    "/reports/photos": "case.read",
    "/reports/photo/<picture>": "case.read",  # and an address that was made for this very person
    "/reports/attach": "case.act",  # a unit's own part, or the centre's; as above
    "/reports/identity": "case.identity",
    "/watch/entries": "watch.view",
    "/watch/entries/<int:entry>": "watch.view",
    "/watch/propose": "watch.propose",
    "/watch/import": "watch.propose",
    "/watch/act": "watch.view",  # each act asks for a permission of its own beside
    "/violations/list": "violation.view",
    "/violations/figures": "violation.view",
    "/violations/act": "violation.view",  # each act asks for a permission of its own beside
    "/pictures": "picture.view",
    "/pictures/last": "picture.view",
    "/pictures/<picture>/<rendition>": "picture.view",  # and an address that was made for this very person
    "/pictures/reveal": "picture.reveal",
    "/clips": "picture.view",  # that there are some
    "/clips/<clip>/film": "picture.reveal",  # and an address that was made for this very person
    "/clips/reveal": "picture.reveal",
    "/plates/search": "plate.search",  # further back it asks for more beside
    "/plates/searchers": "plate.report",
    "/cameras/unknown": "camera.adopt",
    "/cameras/adopt": "camera.adopt",
    "/cameras/change": "camera.adopt",
    "/cameras/remove": "camera.adopt",
    "/cameras/name": "camera.adopt",
    "/cameras/unname": "camera.adopt",
    "/cameras/adopted/<camera>": "camera.adopt",
    "/cameras/maintain": "camera.maintain",
    "/cameras/maintained": "camera.maintain",
    "/api/v1/openapi.json": "public",
    "/api/v1/events": "api.read",
    "/api/v1/around": "api.read",
    "/api/v1/alarm-report": "report.view",
    "/api/v1/figures": "leader.view",
    "/api/v1/cameras": "api.read",
    "/api/v1/cameras/<camera>": "api.read",
    "/api/v1/kpis": "api.read",
    "/api/v1/feeds": "api.read",
    "/api/v1/indicators": "public",  # POST alone: the source's key is asked for at the door itself
    "/api/v1/<any(indicators):what>": "api.read",
    "/api/v1/indicators/<key>": "api.read",
    "/api/v1/intake/<source>": "public",  # the source's key is asked for at the door itself
    "/NotificationInfo/<what>": "public",  # as there; cameras that cannot be told another address
    # Open311: what may be reported is for everybody; for the rest the client's key is asked for at the door itself.
    "/open311/discovery.<any(json, xml):form>": "public",
    "/open311/v2/discovery.<any(json, xml):form>": "public",
    "/open311/v2/services.<any(json, xml):form>": "public",
    "/open311/v2/services/<code>.<any(json, xml):form>": "public",
    "/open311/v2/requests.<any(json, xml):form>": "public",
    "/open311/v2/requests/<number>.<any(json, xml):form>": "public",
    "/open311/v2/media/<picture>.jpg": "public",  # masked, and its name is a secret of the client that brought it
    "/open311/v2/tokens/<token>.<any(json, xml):form>": "public",
    "/open311/v2/servicerequestupdates.<any(json, xml):form>": "public",
    "/layers/list": "layer.view",  # each layer may name roles of its own beside
    "/layers/<key>/<int:version>/<int:zoom>/<int:x>/<int:y>": "layer.view",
    "/api/v1/here": "layer.view",
    "/api/v1/layers": "layer.view",
    "/api/v1/layers/<key>/features": "layer.view",
    "/api/v1/layers/<key>/export.<form>": "layer.export",
    "/api/v1/ogc": "layer.view",
    "/api/v1/ogc/conformance": "layer.view",
    "/api/v1/ogc/collections": "layer.view",
    "/api/v1/ogc/collections/<key>": "layer.view",
    "/api/v1/ogc/collections/<key>/items": "layer.view",
    "/api/v1/ogc/collections/<key>/items/<int:number>": "layer.view",
}
