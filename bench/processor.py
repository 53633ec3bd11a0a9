"""How much processor has a process used? As Linux counts it, user and system time together."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU of a running process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
