"""Linked entity retrieval: entities that relationships point to, within the answer (CIM 009, 4.5.23)."""

from context_broker.reading.plan import Join
from ngsi_ld.model.kinds import ENTITY_MEMBERS, EntityDocument, Instance
from ngsi_ld.model.projection import Projection
from ngsi_ld.query.q_evaluation import FindEntity, linked_ids


def with_linked(
    entity: EntityDocument, join: Join, find: FindEntity, projection: Projection, level: int = 1
) -> EntityDocument:
    """join=inline: Relationships gain `entity`, ListRelationships `entityList`; what can't be had stays a URI."""
    seen = join.contained_by | {entity["id"]}
    deeper = Join(join.mode, join.level, seen)

    def expanded(name: str, instance: Instance) -> Instance:
        ids = linked_ids(instance)
        targets = [find(id_) for id_ in ids if id_ not in seen]
        known = [target for target in targets if target is not None]
        if not ids or len(known) < len(ids):
            return instance
        inner = projection.inside(name)
        linked = [
            inner.apply(with_linked(target, deeper, find, inner, level + 1) if level < join.level else target)
            for target in known
        ]
        if instance["type"] == "ListRelationship":
            return {**instance, "entityList": linked}
        return {**instance, "entity": linked if isinstance(instance["object"], list) else linked[0]}

    return {
        name: value if name in ENTITY_MEMBERS else [expanded(name, instance) for instance in value]
        for name, value in entity.items()
    }


def linked_flat(entities: list[EntityDocument], join: Join, find: FindEntity) -> list[EntityDocument]:
    """join=flat: the linking entities first, then each linked one once, level by level."""
    result = list(entities)
    seen = join.contained_by | {entity["id"] for entity in entities}
    frontier = entities
    for _ in range(join.level):
        reached: list[EntityDocument] = []
        for id_ in dict.fromkeys(id_ for entity in frontier for id_ in _links_of(entity)):
            target = None if id_ in seen else find(id_)
            if target is not None:
                reached.append(target)
                seen = seen | {id_}
        result += reached
        frontier = reached
    return result


def _links_of(entity: EntityDocument) -> list[str]:
    return [
        id_
        for name, instances in entity.items()
        if name not in ENTITY_MEMBERS
        for instance in instances
        for id_ in linked_ids(instance)
    ]
