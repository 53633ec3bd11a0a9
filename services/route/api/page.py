"""What does a phone show behind a link? One small page that needs no other and runs nothing."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape

from fastapi import Response

from services.route.domain.message import Words

_STYLE = """
:root{color-scheme:light dark}
body{margin:0;font:1.125rem/1.5 system-ui,sans-serif}
main{max-width:32rem;margin:0 auto;padding:1.25rem}
p{margin:0 0 1.25rem;overflow-wrap:anywhere}
label{display:block;margin:0 0 .25rem}
select,button{width:100%;min-height:3rem;margin:0 0 1rem;padding:0 .75rem;font:inherit;\
border:1px solid #767676;border-radius:.5rem;box-sizing:border-box}
button{border:0;background:#0b57d0;color:#fff;font-weight:600}
"""
_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    # `no-referrer` would hide a form's origin from us as well
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}


def page(lang: str, paragraphs: Iterable[str], form: str = "", *, status: int = 200) -> Response:
    """The page; its texts are escaped here, the form is what ``form_of`` made."""
    said = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    text = (
        f'<!doctype html><html lang="{escape(lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>Otklik</title><style>{_STYLE}</style></head>"
        f"<body><main>{said}{form}</main></body></html>"
    )
    return Response(text, status, headers=_HEADERS, media_type="text/html")


def form_of(words: Words, people: Sequence[str]) -> str:
    """Who takes it? Nobody is chosen beforehand."""
    names = "".join(f'<option value="{escape(one)}">{escape(one)}</option>' for one in people)
    return (
        f'<form method="post"><label for="who">{escape(words.who)}</label>'
        '<select id="who" name="who" required><option value="" selected disabled>…</option>'
        f"{names}</select><button>{escape(words.mine)}</button></form>"
    )
