"""Who vouches for certificates in tests? An authority of the test's own."""

from pathlib import Path

from deploy.local.certificates import authority
from tests.builders import MONDAY


def a_ca(folder: Path) -> Path:
    """The certificate of an authority as PEM; nobody keeps its key."""
    file = folder / "ca.pem"
    file.write_text(authority("a test's authority", MONDAY).pem, encoding="ascii")
    return file
