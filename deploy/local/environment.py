"""Which packages does this checkout run with? Exactly those of a requirement file, by hash.

Runs on the machine's own Python with nothing installed: ``python3 environment.py FILE``.
"""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".venv"
OLDEST = (3, 11)


def main(requirements: str) -> int:
    """Make the environment and install the file into it; 0, or 1 with one line on what failed."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        print(f"setup: expected Python 3.11 or newer, got {found}", file=sys.stderr)
        return 1
    if not (HOME / "bin" / "python").exists():
        print("setup: making .venv", file=sys.stderr)
        venv.create(HOME, with_pip=True, symlinks=True)
    print(f"setup: installing {requirements}", file=sys.stderr)
    pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    quiet = ["--disable-pip-version-check", "--no-warn-script-location"]
    done = subprocess.run([*pip, *quiet, "-r", str(ROOT / requirements)], check=False)
    if done.returncode:
        print(f"setup: could not install {requirements}; see pip's lines above", file=sys.stderr)
    return int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
