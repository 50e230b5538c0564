"""The city's @context and the official ones, for whoever reads or writes NGSI-LD here; no key is needed."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from data_models.contexts import CURRENT, PATH, Published, published
from datenbroker.gateway.problems import NotFound

LD_JSON = "application/ld+json"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"


class ContextListed(BaseModel):
    """One @context that can be had here."""

    path: str
    title: str
    sha256: str
    immutable: bool = Field(description="Whether what is there never changes.")


def router() -> APIRouter:
    """The routes under /contexts."""
    contexts = APIRouter(tags=["Contexts"])

    @contexts.get(PATH.rstrip("/"))
    async def listing() -> list[ContextListed]:
        """All @contexts that are served: the city's in each version, and the official ones it is composed of."""
        return [_listed(each) for each in published().values()]

    @contexts.head(PATH + "{name:path}", include_in_schema=False)
    @contexts.get(
        PATH + "{name:path}",
        response_class=Response,
        responses={200: {"content": {LD_JSON: {}}}, 304: {"description": "As you have it."}},
    )
    async def one(name: str, request: Request) -> Response:
        """A JSON-LD @context, e.g. `herne.jsonld` (the newest version) or `herne/v1.jsonld` (for ever the same)."""
        found = published().get(PATH + name)
        if found is None:
            raise NotFound(f"There is no context {name:.100}: the city's is {CURRENT}, all are listed at /contexts")
        etag = f'"{found.digest}"'
        headers = {
            "ETag": etag,
            "Cache-Control": FOR_EVER if found.immutable else FOR_AN_HOUR,
            "Access-Control-Allow-Origin": "*",
        }
        if _has(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        return Response(found.body, headers=headers, media_type=LD_JSON)

    return contexts


def _listed(context: Published) -> ContextListed:
    return ContextListed(path=context.path, title=context.title, sha256=context.digest, immutable=context.immutable)


def _has(asked: str, etag: str) -> bool:
    """Whether If-None-Match names the document (RFC 9110, 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
    return etag in tags or "*" in tags
