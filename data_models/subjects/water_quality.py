"""WaterQuality: WaterQualityObserved.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located
from data_models.values import GeoProperty, NonEmpty, NonNegative, Number, Relationship


class WaterQualityObserved(Commons, Located):
    """Water Quality data model is intended to represent water quality parameters at a certain water mass (river, …."""

    type: Literal["WaterQualityObserved"] = "WaterQualityObserved"
    location: GeoProperty
    dateObserved: str
    """The date and time of this observation in ISO8601 UTCformat."""
    measurand: NonEmpty[str] | None = None
    """An array of strings containing details (see format below) about extra measurands provided by this …."""
    temperature: Number | None = None
    """Temperature."""
    bod: NonNegative | None = None
    """Biochemical oxygen demand (BOD) is the amount of dissolved oxygen (DO) needed (i.e. demanded) by aerobic …."""
    cod: NonNegative | None = None
    """Chemical oxygen demand (COD) is an indicative measure of the amount of oxygen that can be consumed by …."""
    conductivity: NonNegative | None = None
    """Electrical Conductivity."""
    conductance: NonNegative | None = None
    """Specific Conductance."""
    tss: NonNegative | None = None
    """Total suspended solids."""
    tds: NonNegative | None = None
    """Total dissolved solids."""
    turbidity: NonNegative | None = None
    """Amount of light scattered by particles in the water column."""
    salinity: NonNegative | None = None
    """Amount of salts dissolved in water."""
    pH: Annotated[Number, Field(ge=0, le=14)] | None = None
    """Acidity or basicity of an aqueous solution."""
    orp: NonNegative | None = None
    """Oxidation-Reduction potential."""
    O2: NonNegative | None = None
    """Level of free, non-compound oxygen present."""
    Chla: NonNegative | None = None
    """Concentration of chlorophyll A."""
    PE: NonNegative | None = None
    """Concentration of pigment phycoerythrin which can be measured to estimate cyanobacteria concentrations …."""
    PC: NonNegative | None = None
    """Concentration of pigment phycocyanin which can be measured to estimate cyanobacteria concentrations …."""
    NH4: NonNegative | None = None
    """Concentration of ammonium."""
    NH3: NonNegative | None = None
    """Concentration of ammonia."""
    Cl: NonNegative | None = Field(default=None, alias="Cl-")
    """Concentration of chlorides."""
    NO3: NonNegative | None = None
    """Concentration of nitrates."""
    PO4: NonNegative | None = None
    """Concentration of phosphates."""
    escherichiaColi: NonNegative | None = None
    """Concentration of Escherichia coli."""
    enterococci: NonNegative | None = None
    """Concentration of Enterococci."""
    refPointOfInterest: Relationship | None = None
    """A reference to a point of interest associated to this observation."""
    flow: Number | None = None
    """Water Flow observed."""
    alkalinity: NonNegative | None = None
    """The alkalinity of water is its acid-neutralizing capacity comprised of the total of all titratable bases."""
    TKN: NonNegative | None = None
    """Total Kjeldahl Nitrogen."""
    NO2: NonNegative | None = None
    """Nitrite nitrogen."""
    N_TOT: NonNegative | None = Field(default=None, alias="N-TOT")
    """Total Nitrogen."""
    P_TOT: NonNegative | None = Field(default=None, alias="P-TOT")
    """Total Phosphorus."""
    P_PO4: NonNegative | None = Field(default=None, alias="P-PO4")
    """Phosphate-phosphorus."""
    Al: NonNegative | None = None
    """Aluminium."""
    As: NonNegative | None = None
    """Arsenic."""
    B: NonNegative | None = None
    """Boron."""
    Ba: NonNegative | None = None
    """Barium."""
    Cd: NonNegative | None = None
    """Cadmium."""
    Cr: NonNegative | None = None
    """Chromium."""
    Cr_III: NonNegative | None = Field(default=None, alias="Cr-III")
    """Chromium III. Concentration of chromium at the oxidation state +3."""
    Cr_VI: NonNegative | None = Field(default=None, alias="Cr-VI")
    """Chromium VI. Concentration of chromium at the oxidation state +6."""
    Cu: NonNegative | None = None
    """Copper."""
    Fe: NonNegative | None = None
    """Iron."""
    fluoride: NonNegative | None = None
    """Concentration of fluoride."""
    Hg: NonNegative | None = None
    """Mercury."""
    THC: NonNegative | None = None
    """Total hydrocarbon."""
    Ni: NonNegative | None = None
    """Nickel."""
    TO: NonNegative | None = None
    """Total oil content."""
    Pb: NonNegative | None = None
    """Lead."""
    Se: NonNegative | None = None
    """Selenium."""
    Sn: NonNegative | None = None
    """Tin."""
    sulphate: NonNegative | None = None
    """Concentration of sulfate."""
    sulphite: NonNegative | None = None
    """Concentration of sulfite."""
    anionic_surfactants: NonNegative | None = Field(default=None, alias="anionic-surfactants")
    """Concentration of anionic surfactants."""
    cationic_surfactants: NonNegative | None = Field(default=None, alias="cationic-surfactants")
    """Concentrtation of cationic surfactants."""
    non_ionic_surfactants: NonNegative | None = Field(default=None, alias="non-ionic-surfactants")
    """Concentration of non-ionic surfactants."""
    total_surfactants: NonNegative | None = Field(default=None, alias="total-surfactants")
    """Concentration of total surfactants."""
    Zn: NonNegative | None = None
    """Zinc."""
    componentAnalyzed: str | None = None
    """The component symbol analyzed in the sample."""
    componentName: str | None = None
    """The component full name analyzed in the sample."""
    concentration: Number | None = None
    """The concentration of the component analyzed in the sample."""
