"""Does what the Dockerfile copies run with no other file and no other package at hand?

The inputs that break the easy version: a folder that is imported late, a migration that is no
module, a package that only developers have.
"""

from pathlib import Path

from deploy.ladder import image

ROOT = Path(__file__).parents[3]


def test_the_image_holds_all_that_its_processes_need(tmp_path: Path) -> None:
    made = image.lay_out(ROOT, tmp_path)

    image.run_all(made, ROOT / "requirements/run.txt")

    assert {path.name for path in (made / "app").iterdir()} == {
        "schemas",
        "services",
        "stream",
        "worktime",
    }
