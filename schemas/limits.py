"""How many letters may a reply have? One table for who suggests replies and who checks them."""

from collections.abc import Mapping

REPLY_LIMITS: Mapping[str, int] = {
    "x": 280,
    "bluesky": 300,
    "gplay": 350,
    "mastodon": 500,
    "meta": 2200,
    "vk": 4096,
    "ok": 4096,
    "telegram": 4096,
    "appstore": 5970,
    "viber": 7000,
    "youtube": 10_000,
    "reddit": 10_000,
}
"""By platform (R55); of a platform with several sorts of place, the shortest."""
