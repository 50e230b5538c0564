"""Quality as the W3C's Data Quality Vocabulary (DQV) has it."""

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import PROV, RDF, SKOS, XSD

from datenbroker.catalogue.entry import Publication
from datenbroker.catalogue.quality.measurement import Quality
from datenbroker.catalogue.vocabulary import DQV

METRICS = {
    "completeness": "Share of the promised attributes that the entities have",
    "timeliness": "Share of the dated entities whose newest value is not older than twice the update interval",
    "flagged": "Share of the values that the platform's quality rules doubt",
    "entities": "Number of entities",
}


def add_quality(graph: Graph, dataset: URIRef, publication: Publication, quality: Quality | None) -> None:
    """A measurement for each metric that could be measured."""
    if quality is None:
        return
    for name, definition in METRICS.items():
        value = getattr(quality, name)
        if value is None:
            continue
        metric = URIRef(f"{publication.catalogue}#quality-{name}")
        graph.add((metric, RDF.type, DQV.Metric))
        graph.add((metric, SKOS.definition, Literal(definition, lang="en")))
        expected = XSD.integer if isinstance(value, int) else XSD.double
        graph.add((metric, DQV.expectedDataType, expected))
        measured = URIRef(f"{dataset}#quality-{name}")
        graph.add((dataset, DQV.hasQualityMeasurement, measured))
        graph.add((measured, RDF.type, DQV.QualityMeasurement))
        graph.add((measured, DQV.computedOn, dataset))
        graph.add((measured, DQV.isMeasurementOf, metric))
        graph.add((measured, DQV.value, Literal(value, datatype=expected)))
        graph.add((measured, PROV.generatedAtTime, Literal(quality.at)))
