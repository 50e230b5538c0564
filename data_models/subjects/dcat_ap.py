"""DCAT-AP: Catalogue, DataService, Dataset, Distribution.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Any, Literal

from data_models.base import SmartDataModel
from data_models.commons import Located
from data_models.values import Count, DateTime, Geometry, Number, Relationship, Uri


class Catalogue(Located):
    """Catalogue of datasets compliant with DCAT-AP specification version 2.1.1."""

    type: Literal["Catalogue"] = "Catalogue"
    description: list[str]
    """This property contains a free-text account of the Catalogue."""
    publisher: str
    """This property refers to an entity (organisation) responsible for making the Catalogue available."""
    title: list[str]
    """This property contains a name given to the Catalogue."""
    dataset: list[Relationship] | None = None
    """This property links the Catalogue with a Dataset that is part of the Catalogue."""
    service: list[Relationship] | None = None
    """This property refers to a site or end-point (Data Service) that is listed in the Catalogue."""
    homepage: Uri | None = None
    """This property refers to a web page that acts as the main page for the Catalogue."""
    language: list[str] | None = None
    """This property refers to a language used in the textual metadata describing titles, descriptions, etc."""
    license: str | None = None
    """This property refers to the licence under which the Catalogue can be used or reused."""
    issued: DateTime | None = None
    """This property contains the date of formal issuance (e.g., publication) of the Catalogue."""
    spatial: list[Geometry] | None = None
    """This property refers to a geographical area covered by the Catalogue."""
    themeTaxonomy: list[str] | None = None
    """This property refers to a knowledge organization system used to classify the Catalogue's Datasets."""
    modified: DateTime | None = None
    """This property contains the most recent date on which the Catalogue was modified."""
    hasPart: list[Relationship] | None = None
    """This property refers to a related Catalogue that is part of the described Catalogue."""
    isPartOf: Relationship | None = None
    """This property refers to a related Catalogue in which the described Catalogue is physically or logically …."""
    record: list[Relationship] | None = None
    """This property refers to a Catalogue Record that is part of the Catalogue."""
    rights: str | None = None
    """This property refers to a statement that specifies rights associated with the Catalogue."""
    catalog: list[Relationship] | None = None
    """This property refers to a catalog whose contents are of interest in the context of this catalog."""
    creator: list[Relationship] | None = None
    """The entities primarily responsible for producing the catalogue."""


class DataService(Located):
    """Data Service adapted from DCAT-AP 2.1.1 specification, but extended with additional properties and …."""

    type: Literal["DataService"] = "DataService"
    endPointURL: list[Uri]
    """The root location or primary endpoint of the service (an IRI)."""
    title: list[str]
    """This property contains a name given to the Data Service."""
    endPointDescription: list[str] | None = None
    """This property contains a description of the services available via the end-points, including their …."""
    servesDataset: list[str] | None = None
    """This property refers to a collection of data that this data service can distribute."""
    accessRights: str | None = None
    """This property MAY include information regarding access or restrictions based on privacy, security, or …."""
    description: list[str] | None = None
    """This property contains a free-text account of the Data Service."""
    license: str | None = None
    """This property contains the licence under which the Data service is made available."""


class Dataset(SmartDataModel):
    """Dataset Schema meeting DCAT-AP 2.1.1 specification."""

    type: Literal["Dataset"] = "Dataset"
    description: list[str]
    """This property contains a free-text account of the Dataset."""
    title: list[str]
    """This property contains a name given to the Dataset."""
    contactPoint: list[str] | None = None
    """This property contains contact information that can be used for sending comments about the Dataset."""
    belongsToCatalogue: Relationship | None = None
    """It links the Dataset to its parent Catalogue."""
    distribution: list[Relationship] | None = None
    """This property links the Dataset to an available Distribution."""
    keyword: list[str] | None = None
    """This property contains a keyword or tag, describing the Dataset."""
    publisher: str | None = None
    """This property refers to an entity (organisation) responsible for making the Dataset available."""
    spatial: list[Geometry] | None = None
    """This property refers to a geographic region that is covered by the Dataset."""
    temporal: list[DateTime] | None = None
    """This property refers to a temporal period that the Dataset covers."""
    theme: list[str] | None = None
    """This property refers to a category of the Dataset."""
    accessRights: str | None = None
    """This property refers to information that indicates whether the Dataset is open data, has access …."""
    creator: list[str] | None = None
    """This property refers to the entity primarily responsible for producing the dataset."""
    conformsTo: list[str] | None = None
    """This property refers to an implementing rule or other specification."""
    page: list[Uri] | None = None
    """This property refers to a page or document about this Dataset."""
    accrualPeriodicity: str | None = None
    """This property refers to the frequency at which the Dataset is updated."""
    hasVersion: list[Uri] | None = None
    """This property refers to a related Dataset that is a version, edition, or adaptation of the described Dataset."""
    identifier: list[Uri] | None = None
    """This property contains the main identifier for the Dataset, e.g. the URI or other unique identifier in the …."""
    isReferencedBy: list[Relationship] | None = None
    """This property is about a related resource, such as a publication, that references, cites, or otherwise …."""
    isVersionOf: list[Uri] | None = None
    """This property refers to a related Dataset of which the described Dataset is a version, edition, or …."""
    landingPage: list[Uri] | None = None
    """This property refers to a web page that provides access to the Dataset, its Distributions and/or …."""
    language: list[str] | None = None
    """This property refers to a language of the Dataset."""
    otherIdentifier: list[Uri] | None = None
    """This property refers to a secondary identifier of the Dataset, such as MAST/ADS, DataCite, DOI, EZID or W3ID."""
    provenance: list[str] | None = None
    """This property contains a statement about the lineage of a Dataset."""
    qualifiedAttribution: list[str] | None = None
    """This property refers to a link to an Agent having some form of responsibility for the resource."""
    qualifiedRelation: list[Uri] | None = None
    """This property provides a link to a description of a relationship with another resource."""
    relation: list[Uri] | None = None
    """This property refers to a related resource."""
    issued: DateTime | None = None
    """This property contains the date of formal issuance (e.g., publication) of the Dataset."""
    sample: list[Uri] | None = None
    """This property refers to a sample distribution of the dataset."""
    source: list[Uri] | None = None
    """This property refers to a related Dataset from which the described Dataset is derived."""
    spatialResolutionInMeters: Number | None = None
    """This property refers to the minimum spatial separation resolvable in a dataset, measured in meters."""
    temporalResolution: list[str] | None = None
    """This property refers to the minimum time period resolvable in the dataset."""
    Type: str | None = None
    """This property refers to the type of the Dataset."""
    modified: DateTime | None = None
    """This property contains the most recent date on which the Dataset was changed or modified."""
    versionInfo: str | None = None
    """This property contains a version number or other version designation of the Dataset."""
    versionNotes: list[str] | None = None
    """This property contains a description of the differences between this version and a previous version of the …."""
    wasGeneratedBy: list[str] | None = None
    """This property refers to an activity that generated, or provides the business context for, the creation of …."""


class Distribution(Located):
    """This is a distribution belonging ot a dataset according to the DCAT-AP standard 2.1.1."""

    type: Literal["Distribution"] = "Distribution"
    accessURL: list[str]
    """This property contains a URL that gives access to a Distribution of the Dataset."""
    availability: str | None = None
    """This property indicates how long it is planned to keep the Distributio of the Dataset available."""
    description: list[str] | None = None
    """This property contains a free-text account of the Distribution."""
    format: str | None = None
    """This property refers to the file format of the Distribution."""
    license: str | None = None
    """This property refers to a data service that gives access to the distribution of the dataset."""
    accessService: list[str] | None = None
    """This property refers to a data service that gives access to the distribution of the dataset."""
    byteSize: Number | None = None
    """This property contains the size of a Distribution in bytes."""
    checksum: str | None = None
    """This property provides a mechanism that can be used to verify that the contents of a distribution have not …."""
    compressFormat: str | None = None
    """This property refers to the format of the file in which the data is contained in a compressed form, e.g. …."""
    belongsToDataset: Relationship | None = None
    """It links the Distribution to its parent Dataset."""
    page: list[str] | None = None
    """This property refers to a page or document about this Distribution."""
    downloadURL: list[Uri] | None = None
    """This property contains a URL that is a direct link to a downloadable file in a given format."""
    hasPolicy: str | None = None
    """This property refers to the policy expressing the rights associated with the distribution if using the …."""
    language: list[str] | None = None
    """This property refers to a language used in the Distribution."""
    conformsTo: list[str] | None = None
    """This property refers to an established schema to which the described Distribution conforms."""
    mediaType: str | None = None
    """This property refers to the media type of the Distribution as defined in the official register of media …."""
    packageFormat: str | None = None
    """This property refers to the format of the file in which one or more data files are grouped together, e.g. …."""
    issued: DateTime | None = None
    """This property contains the date of formal issuance (e.g., publication) of the Distribution."""
    rights: str | None = None
    """This property refers to a statement that specifies rights associated with the Distribution."""
    spatialResolutionInMeters: list[Any] | None = None
    """This property refers to the minimum spatial separation resolvable in a distribution, measured in meters."""
    status: Literal["Completed", "Deprecated", "Under Development", "Withdrawn"] | None = None
    """This property refers to the maturity of the Distribution."""
    temporalResolution: str | None = None
    """This property refers to the minimum time period resolvable in the dataset."""
    title: list[str] | None = None
    """This property contains a name given to the Distribution."""
    modified: DateTime | None = None
    """This property contains the most recent date on which the Distribution was changed or modified."""

    # Added by this project: the official type has no such attribute.
    dateLastAttempt: DateTime | None = None
    """When the source was last asked (data source)."""
    dateLastSuccess: DateTime | None = None
    """When the source last answered with something readable (data source)."""
    dateLastChange: DateTime | None = None
    """When the source last said something new (data source)."""
    sourceState: Literal["ok", "failing", "stale", "paused", "neverRun"] | None = None
    """How the source is doing (data source)."""
    lastError: str | None = None
    """Why the last attempt failed (data source)."""
    failureCount: Count | None = None
    """Failed attempts in a row (data source)."""
    recordCount: Count | None = None
    """Records of the last payload (data source)."""
    rejectCount: Count | None = None
    """Records of the last payload that were rejected (data source)."""
    rejectReasons: list[str] | None = None
    """Why records were rejected, the most frequent reasons (data source)."""
    attribution: str | None = None
    """Whom to name when the data are used (data source)."""
