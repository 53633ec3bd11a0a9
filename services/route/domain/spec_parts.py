"""What are the parts of a policy file made of? Strict structs, names, durations, shares."""

from typing import Annotated

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1)]
Duration = Annotated[str, msgspec.Meta(description="a duration: 30s, 15m, 2h, 7d")]
Share = Annotated[str, msgspec.Meta(description="a share of the promised time: 75%, 150%")]


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the file: every key is known."""
