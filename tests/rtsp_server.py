"""A camera that speaks RTSP: a moving H.264 picture on loopback, from Debian's GStreamer.

Run by the system's own Python, which has the bindings: `/usr/bin/python3 tests/rtsp_server.py WIDTH HEIGHT RATE KBIT KEY_EVERY`.
It says its port on one line, then reads words: `freeze` shows one and the same picture from now on, `move` a moving one.
"""

import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402  gi wants its versions first

Gst.init(None)
PATH = "/cam"
MOVING, STILL = "ball", "smpte75"  # `snow` fills the bits that it is given


class Camera(GstRtspServer.RTSPMediaFactory):
    """One picture for everybody who asks."""

    def __init__(self, width: int, height: int, rate: int, kbit: int, key_every: int, *, moving: str, coder: str) -> None:
        super().__init__()
        self.sources: list[object] = []
        self.moving = self.pattern = moving
        self.set_shared(True)
        coders = {
            "h264": f"x264enc tune=zerolatency speed-preset=ultrafast bitrate={kbit} key-int-max={key_every} "
            "! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=1",
            "h265": f"x265enc tune=zerolatency speed-preset=ultrafast bitrate={kbit} key-int-max={key_every} "
            "! h265parse ! rtph265pay name=pay0 pt=96 config-interval=1",
            "jpeg": "jpegenc ! rtpjpegpay name=pay0 pt=26",
        }
        self.set_launch(
            f"( videotestsrc name=picture is-live=true pattern={moving} ! video/x-raw,format=I420,width={width},height={height},framerate={rate}/1 "
            f"! {coders[coder]} )"
        )

    def do_configure(self, media: object) -> None:
        GstRtspServer.RTSPMediaFactory.do_configure(self, media)
        self.sources.append(media.get_element().get_by_name("picture"))
        self.show(self.pattern)

    def show(self, pattern: str) -> None:
        self.pattern = pattern
        for one in self.sources:
            one.set_property("pattern", pattern)


def guarded(server: object, camera: object, user: str, password: str) -> None:
    """Ask for Digest."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    camera.add_role_from_structure(Gst.Structure.new_from_string("viewer,media.factory.access=true,media.factory.construct=true"))
    server.set_auth(auth)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument(
        "shape", nargs=5, type=int, metavar="N", help="width, height, frames a second, kbit/s, frames from key to key"
    )
    asked.add_argument("--login", nargs=2)
    asked.add_argument("--port", default="0")
    asked.add_argument("--moving", default=MOVING)
    asked.add_argument("--coder", default="h264")
    told = asked.parse_args()
    server, camera = GstRtspServer.RTSPServer(), Camera(*told.shape, moving=told.moving, coder=told.coder)
    server.set_address("127.0.0.1")
    server.set_service(told.port)
    server.get_mount_points().add_factory(PATH, camera)
    if told.login:
        guarded(server, camera, *told.login)
    if not server.attach(None):
        sys.exit("the port is taken")
    loop = GLib.MainLoop()

    def told(*_: object) -> bool:
        word = sys.stdin.readline().strip()
        if not word:
            loop.quit()
            return False
        camera.show(STILL if word == "freeze" else camera.moving)
        return True

    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, told)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    loop.run()


if __name__ == "__main__":
    main()
