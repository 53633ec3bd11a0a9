"""``python -m deploy.observe`` writes the dashboards; ``--check`` exits 1 where one is stale."""

import json
import sys
from pathlib import Path

from deploy.observe.panels import as_json
from deploy.observe.pipeline import PIPELINE
from deploy.observe.promises import PROMISES
from deploy.observe.triage import TRIAGE

BOARDS = (PROMISES, PIPELINE, TRIAGE)
FOLDER = Path(__file__).parents[1] / "helm/otklik/files/dashboards"


def written() -> dict[Path, str]:
    """Every dashboard with its JSON."""
    return {
        FOLDER / f"{board.uid}.json": json.dumps(as_json(board), indent=2, ensure_ascii=False)
        + "\n"
        for board in BOARDS
    }


def main(arguments: list[str]) -> int:
    """Write them, or check that they are fresh."""
    wanted = written()
    if arguments == ["--check"]:
        stale = [p for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
        stale += [p for p in FOLDER.glob("*.json") if p not in wanted]
        for path in stale:
            print(f"stale: {path.name}; run `make docs`", file=sys.stderr)
        return int(bool(stale))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
