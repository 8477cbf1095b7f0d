"""What the devices that we know say most, each numbered so that no two payloads are alike."""

import base64
import json
from collections.abc import Callable, Mapping

from data.source import DEVICE

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 120 + b"\xff\xd9"  # 30 kB
HIK_BOUND = b"boundary"


def native(n: int) -> bytes:
    return json.dumps(
        {
            "type": "sighted",
            "id": f"n-{n}",
            "at": 1_795_410_000_000 + n,
            "kind": "red_light",
            "camera": "H-001",
            "plate": "75A-123.45",
        }
    ).encode()


def frigate(n: int) -> bytes:
    review = {
        "id": f"17954100{n % 100:02d}.{n:06d}-abcdef",
        "camera": "h_001",
        "start_time": 1_795_410_000 + n / 100,
        "end_time": None,
        "severity": "alert",
        "thumb_path": "/media/frigate/clips/review/thumb.webp",
        "data": {
            "detections": [f"{n}.1-a", f"{n}.2-b"],
            "objects": ["person", "car"],
            "sub_labels": [],
            "zones": ["gate"],
            "audio": [],
        },
    }
    return json.dumps({"type": "update", "before": review | {"severity": "detection"}, "after": review}).encode()


def alert(n: int, kind: str = "fielddetection", more: str = "") -> bytes:
    return (
        "<?xml version='1.0' encoding='UTF-8'?><EventNotificationAlert version='2.0' xmlns='http://www.hikvision.com/ver20/XMLSchema'>"
        "<ipAddress>10.17.1.105</ipAddress><portNo>80</portNo><protocol>HTTP</protocol><macAddress>80:be:af:89:d9:ee</macAddress>"
        f"<channelID>1</channelID><dateTime>2026-11-23T12:{n // 60 % 60:02d}:{n % 60:02d}+07:00</dateTime><activePostCount>1</activePostCount>"
        f"<eventType>{kind}</eventType><eventState>active</eventState><eventDescription>{kind}</eventDescription>{more}</EventNotificationAlert>"
    ).encode()


def hikvision_alert(n: int) -> bytes:
    region = "<RegionCoordinatesList><RegionCoordinates><positionX>120</positionX><positionY>300</positionY></RegionCoordinates></RegionCoordinatesList>"
    return alert(
        n,
        more=f"<DetectionRegionList><DetectionRegionEntry><regionID>{n % 4}</regionID>{region}</DetectionRegionEntry></DetectionRegionList>",
    )


def hikvision_plate(n: int) -> bytes:
    inner = f"<licensePlate>75A{n % 100_000:05d}</licensePlate><line>2</line><direction>forward</direction><confidenceLevel>97</confidenceLevel>"
    return multipart(alert(n, "ANPR", f"<ANPR>{inner}<vehicleInfo><color>white</color></vehicleInfo></ANPR><UUID>u-{n}</UUID>"))


def multipart(body: bytes) -> bytes:
    """An alert with its picture, as a device posts them."""
    parts = ((b"application/xml", b"anpr.xml", body), (b"image/jpeg", b"licensePlatePicture.jpg", JPEG))
    heads = (
        b'--%b\r\nContent-Disposition: form-data; name="%b"; filename="%b"\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b\r\n'
    )
    return b"".join(heads % (HIK_BOUND, name, name, kind, len(raw), raw) for kind, name, raw in parts) + b"--%b--\r\n" % HIK_BOUND


def dahua(n: int) -> bytes:
    told = {
        "EventID": 10_000 + n,
        "Name": "IVS-1",
        "Object": {"ObjectID": n, "ObjectType": "Human", "Confidence": 51, "BoundingBox": [819, 1638, 2457, 4095]},
    }
    return f"Code=CrossRegionDetection;action=Start;index=0;data={json.dumps(told, indent=3)}".encode()


def itsapi(n: int) -> bytes:
    plate = {
        "PlateNumber": f"75A{n % 100_000:05d}",
        "PlateColor": "White",
        "BoundingBox": [100, 200, 300, 260],
        "IsExist": True,
        "Confidence": 95,
    }
    snap = {
        "AccurateTime": f"2026-11-23 12:{n // 60 % 60:02d}:{n % 60:02d}.000",
        "DeviceID": "gate-7",
        "SnapAddress": "Cầu",
        "Direction": "Approach",
        "LanNo": 1,
        "TimeZone": 7,
    }
    picture = {"Plate": plate, "SnapInfo": snap, "Vehicle": {"VehicleColor": "White", "VehicleType": "PassengerCar"}}
    return json.dumps({"Picture": picture | {"NormalPic": {"Content": PICTURE, "PicName": "a.jpg"}}}).encode()


def axis(n: int) -> bytes:
    told = {
        "carID": str(n), "packetCounter": str(n), "carState": "new", "plateUTF8": f"75A{n % 100_000:05d}", "plateConfidence": "0.96", "sensorProviderID": "ACCC8EBFB452",
        "capture_timestamp": str(1_795_410_000_000 + n), "capture_ts": str((1_795_410_000_000 + n) * 1_000_000), "camera_info": {"SerialNumber": "ACCC8EBFB452"},
    }  # fmt: skip
    return json.dumps(told).encode()


def onvif_json(n: int) -> bytes:
    told = {
        "UtcTime": f"2026-11-23T05:{n // 60 % 60:02d}:{n % 60:02d}.000Z",
        "Source": {"VideoSource": "1", "Rule": f"R{n % 4}"},
        "Data": {"IsInside": "true", "ObjectId": str(n)},
    }
    return json.dumps(told).encode()


def onvif_xml(n: int) -> bytes:
    source = '<tt:SimpleItem Name="VideoSourceToken" Value="v1"/><tt:SimpleItem Name="Rule" Value="R1"/>'
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"><s:Body>'
        "<wsnt:Notify><wsnt:NotificationMessage><wsnt:Topic>tns1:RuleEngine/FieldDetector/ObjectsInside</wsnt:Topic><wsnt:Message>"
        f'<tt:Message UtcTime="2026-11-23T05:{n // 60 % 60:02d}:{n % 60:02d}Z" PropertyOperation="Changed"><tt:Source>{source}</tt:Source>'
        f'<tt:Data><tt:SimpleItem Name="IsInside" Value="true"/><tt:SimpleItem Name="ObjectId" Value="{n}"/></tt:Data></tt:Message>'
        "</wsnt:Message></wsnt:NotificationMessage></wsnt:Notify></s:Body></s:Envelope>"
    ).encode()


PICTURE = base64.b64encode(JPEG).decode()
TYPED = {
    "json": "application/json",
    "xml": "application/xml",
    "text": "text/plain",
    "parts": "multipart/form-data; boundary=boundary",
}


def _of(
    adapter: str, what: str, body: Callable[[int], bytes], kind: str, **more: str
) -> tuple[str, str, Callable[[int], bytes], Mapping[str, str]]:
    return adapter, what, body, {"content-type": TYPED[kind], **{key.replace("_", "-"): value for key, value in more.items()}}


PAYLOADS = (
    _of("native", "native JSON", native, "json"),
    _of("frigate", "Frigate review", frigate, "json", mqtt_topic="frigate/reviews"),
    _of("hikvision", "Hikvision alert", hikvision_alert, "xml"),
    _of("hikvision", "Hikvision ANPR with a picture of 30 kB", hikvision_plate, "parts"),
    _of("dahua", "Dahua event", dahua, "text", **{DEVICE: "gate-7"}),
    _of("dahua", "Dahua ITSAPI with a picture of 30 kB", itsapi, "json", itsapi="TollgateInfo"),
    _of("axis", "AXIS plate", axis, "json"),
    _of(
        "onvif",
        "ONVIF by MQTT",
        onvif_json,
        "json",
        mqtt_topic="hue/cam-1/onvif-ej/RuleEngine/FieldDetector/ObjectsInside",
        mqtt_retain="0",
    ),
    _of("onvif", "ONVIF notification", onvif_xml, "xml", **{DEVICE: "gate"}),
)
