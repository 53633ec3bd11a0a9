"""What can be asked of classify over HTTP? Its probes and its metrics."""

from fastapi import APIRouter, FastAPI


def api(probes: APIRouter) -> FastAPI:
    """The HTTP face of classify."""
    app = FastAPI(title="Otklik classify", version="1", docs_url=None, redoc_url=None)
    app.include_router(probes)
    return app
