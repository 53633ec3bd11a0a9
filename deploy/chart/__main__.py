"""``python -m deploy.chart`` writes what the chart has from our tables, and its README; ``--check``
exits 1 where one is stale.
"""

import sys
from pathlib import Path

from deploy.chart.reference import table
from deploy.chart.tables import rights_file, topics_file

CHART = Path(__file__).parents[1] / "helm/otklik"
_HEAD = Path(__file__).parent / "head.md"


def written() -> dict[Path, str]:
    """Every file with its text."""
    values = (CHART / "values.yaml").read_text(encoding="utf-8")
    readme = [_HEAD.read_text(encoding="utf-8"), *table(values)]
    return {
        CHART / "files/topics.yaml": topics_file(),
        CHART / "files/rights.yaml": rights_file(),
        CHART / "README.md": "\n".join(readme) + "\n",
    }


def main(arguments: list[str]) -> int:
    """Write them, or check that they are fresh."""
    wanted = written()
    if arguments == ["--check"]:
        stale = [p for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
        for path in stale:
            name = path.relative_to(CHART)
            print(f"stale: {name} of the chart; run `python -m deploy.chart`", file=sys.stderr)
        return int(bool(stale))
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
