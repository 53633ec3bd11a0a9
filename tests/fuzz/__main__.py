"""Does any input make a platform raise? ``python -m tests.fuzz --seconds 60``: each under atheris.

Every platform's payloads are where the fuzzer starts; an exception that escapes ends it with the
input that did it.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from services.ingest.platforms.table import PLATFORMS
from tests.unit.ingest.platforms.cases import FILES, case_in

_DONE = re.compile(r"Done (\d+) runs in (\d+) second")


def main(arguments: list[str]) -> int:
    """Print a line per platform; 1 where an exception escaped."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each platform")
    parser.add_argument("sources", nargs="*", default=sorted(PLATFORMS))
    chosen = parser.parse_args(arguments)
    failed = 0
    for source in chosen.sources:
        runs, escaped = fuzzed(source, chosen.seconds)
        failed += bool(escaped)
        end = escaped or "nothing escaped"
        print(f"{source:<10} {chosen.seconds:>4} s  {runs:>9,} executions  {end}", flush=True)
    return int(bool(failed))


def fuzzed(source: str, seconds: int) -> tuple[int, str]:
    """How often a platform was called, and what escaped with its traceback; empty for nothing."""
    with TemporaryDirectory(prefix="otklik-fuzz-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, file in enumerate(file for file in FILES if file.parent.name == source):
            (corpus / str(number)).write_bytes(case_in(file).delivery.body)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.fuzz.target", source, str(corpus)),
                *(f"-max_total_time={seconds}", "-max_len=20000", f"-artifact_prefix={folder}/"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    found = _DONE.search(done.stderr)
    runs = int(found[1]) if found else 0
    return runs, "" if done.returncode == 0 and found else done.stderr[-3000:]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
