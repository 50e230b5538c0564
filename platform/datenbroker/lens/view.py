"""What both a request and a product show of an entity."""

from dataclasses import replace

from context_broker.http.request import GEO_JSON
from context_broker.reading.plan import View
from datenbroker.lens.lens import Lens
from ngsi_ld.model.kinds import ENTITY_MEMBERS


def narrowed_view(view: View, lens: Lens) -> View | None:
    """A view of the owner's entities that shows of one what `view` shows of its part in the product.

    Only of entities whose types are all shown. None where there is more to an answer than the entity's own members:
    linked entities, a geometry.
    """
    if view.join is not None or view.media_type == GEO_JSON:
        return None
    if view.projection.pick is not None:
        shown = {
            name: inner
            for name, inner in view.projection.pick.items()
            if (name in lens.members if name in ENTITY_MEMBERS else lens.shows(name))
        }
    elif lens.attributes is not None:
        shown = dict.fromkeys((*lens.members, *filter(lens.shows, lens.attributes)))
    else:
        return view
    return replace(view, projection=replace(view.projection, pick=shown))
