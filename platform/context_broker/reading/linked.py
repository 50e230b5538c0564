"""Linked entity retrieval: entities that relationships point to, within the answer (CIM 009, 4.5.23)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from context_broker.reading.plan import Join, View
from ngsi_ld.bounds import current, exceeded
from ngsi_ld.errors import TooManyResults
from ngsi_ld.model.kinds import ENTITY_MEMBERS, EntityDocument, Instance
from ngsi_ld.model.projection import Projection
from ngsi_ld.query.q_evaluation import FindEntity, linked_ids

Documents = list[tuple[EntityDocument, Projection]]
"""Entities with what is shown of each."""


def with_linked(view: View, documents: list[EntityDocument], find: FindEntity) -> Documents:
    """The documents with their linked entities, within them or behind them."""
    if view.join is None:
        return [(document, view.projection) for document in documents]
    linking = Linking(view.join, find)
    if view.join.mode == "flat":
        return linking.flat(documents, view.projection)
    return [(linking.inline(document, view.projection), view.projection) for document in documents]


@dataclass(slots=True)
class Linking:
    """One answer's linked entities; `left` is how many it may still hold, since links multiply."""

    join: Join
    find: FindEntity
    left: int = field(default_factory=lambda: current().linked_entities)

    def inline(self, entity: EntityDocument, projection: Projection) -> EntityDocument:
        """join=inline: Relationships gain `entity`, ListRelationships `entityList`; what can't be had stays a URI."""
        return self._expanded(entity, projection, self.join.contained_by, 1)

    def flat(self, entities: list[EntityDocument], projection: Projection) -> Documents:
        """join=flat: the linking entities first, then each linked one once, by level, with what is shown of it."""
        frontier = [(entity, projection) for entity in entities]
        result = list(frontier)
        seen = {*self.join.contained_by, *(entity["id"] for entity in entities)}
        for _ in range(self.join.level):
            reached = []
            for id_, inner in _links(frontier):
                target = None if id_ in seen else self._found(id_)
                if target is not None:
                    seen.add(id_)
                    reached.append((target, inner))
            if not reached:
                break
            result += reached
            frontier = reached
        return result

    def _expanded(
        self, entity: EntityDocument, projection: Projection, above: frozenset[str], level: int
    ) -> EntityDocument:
        seen = above | {entity["id"]}
        return {
            name: value
            if name in ENTITY_MEMBERS
            else [self._instance(item, projection.inside(name), seen, level) for item in value]
            for name, value in entity.items()
        }

    def _instance(self, instance: Instance, inner: Projection, seen: frozenset[str], level: int) -> Instance:
        ids = linked_ids(instance)
        known = [target for id_ in ids if id_ not in seen and (target := self._found(id_)) is not None]
        if not known:
            return instance
        if level < self.join.level:
            known = [self._expanded(target, inner, seen, level + 1) for target in known]
        linked = [inner.apply(target) for target in known]
        if instance["type"] == "ListRelationship":
            return {**instance, "entityList": linked}
        return {**instance, "entity": linked if isinstance(instance["object"], list) else linked[0]}

    def _found(self, id_: str) -> EntityDocument | None:
        target = self.find(id_)
        if target is not None:
            self.left -= 1
            if self.left < 0:
                what = "the answer would hold more linked entities: ask for a smaller joinLevel"
                raise exceeded("linked_entities", what, TooManyResults)
        return target


def _links(entities: Documents) -> Iterator[tuple[str, Projection]]:
    for entity, projection in entities:
        for name, instances in entity.items():
            if name not in ENTITY_MEMBERS:
                for instance in instances:
                    yield from ((id_, projection.inside(name)) for id_ in linked_ids(instance))
