"""What does a reader see on the dashboards? Pictures of a healthy history and of one that burns.

``python -m docs.plots`` draws them into docs/dashboards of what a real Prometheus answers to the
panels' own queries; ``--png FOLDER`` draws them elsewhere, to be looked at. The numbers of a
picture have a digest, which stands in the picture: by it a test knows a stale one.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl

from deploy.local import prometheus
from deploy.observe.__main__ import BOARDS
from deploy.observe.panels import as_json
from docs.panel_data import Shown, digest, shown
from docs.panel_plots import drawn
from tests.history import END, HOURS, openmetrics

FOLDER = Path(__file__).parent / "dashboards"
HISTORIES = {"healthy": False, "broken": True}
_DIGEST = re.compile(r"numbers (\w{64})")


@contextmanager
def history(folder: Path, *, broken: bool) -> Iterator[str]:
    """The address of a Prometheus that has one of the two histories."""
    file = folder / "history.om"
    file.write_text("\n".join(openmetrics(broken=broken)) + "\n", encoding="utf-8")
    prometheus.import_history(file, folder / "data")
    server = prometheus.start(folder, folder / "data")
    try:
        yield server.url
    finally:
        server.stop()


def picture(uid: str, which: str) -> Path:
    """Where the picture of a dashboard lies."""
    return FOLDER / f"{uid}-{which}.svg"


def digest_in(file: Path) -> str:
    """By what numbers a picture was drawn; empty where there is no picture."""
    found = _DIGEST.search(file.read_text(encoding="utf-8")) if file.exists() else None
    return found[1] if found else ""


def draw(url: str, which: str, folder: Path, ending: str) -> None:
    """All dashboards as this Prometheus has them."""
    folder.mkdir(parents=True, exist_ok=True)
    for board in map(as_json, BOARDS):
        panels = shown(url, board)
        told = f"{which}, {HOURS // 24} days until {END:%Y-%m-%d %H:%M} UTC"
        figure = drawn(board, panels, told)
        # the same bytes for the same numbers, and letters that need no font where they are read
        with mpl.rc_context({"svg.hashsalt": "otklik", "svg.fonttype": "path"}):
            file = folder / f"{board['uid']}-{which}.{ending}"
            figure.savefig(file, metadata=_about(panels, ending))


def _about(panels: Sequence[Shown], ending: str) -> Mapping[str, str | None]:
    told = {"Description": f"numbers {digest(panels)}"}
    return {**told, "Date": None} if ending == "svg" else told


def main(arguments: list[str]) -> int:
    """Draw all of them; it takes some seconds."""
    parser = argparse.ArgumentParser(prog="python -m docs.plots")
    parser.add_argument("--png", metavar="FOLDER", help="PNG into this folder instead")
    chosen = parser.parse_args(arguments)
    folder, ending = (Path(chosen.png), "png") if chosen.png else (FOLDER, "svg")
    for which, broken in HISTORIES.items():
        with TemporaryDirectory() as data, history(Path(data), broken=broken) as url:
            draw(url, which, folder, ending)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
