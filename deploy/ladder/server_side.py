"""Ask."""


def main() -> int:
    """Ask."""
    return 0
