"""WaterConsumption: WaterConsumptionObserved.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Literal

from data_models.commons import Commons, Located
from data_models.values import Integer, Number

# fmt: off
AlarmFlowPersistence = Literal[
    "Nothing to report", "No persistence", "In progress impacting persistence", "In progress persistence",
    "Past Persistence during the period",
]
PersistenceFlowDuration = Literal[
    "15m < 60m", "60m < 3h", "3h < 6h", "6h < 12h", "12h < 24h", "24h < 2d", "2d < 4d", "4d < 8d", "8d < 15d",
    "15d < 30d", "30d < 90d", "90d < 180d", "> 180d",
]
# fmt: on


class WaterConsumptionObserved(Commons, Located):
    """The Smart Water Meter model captures water consumption, customer side leak alarms and associated flow rate …."""

    type: Literal["WaterConsumptionObserved"] = "WaterConsumptionObserved"
    acquisitionStageFailure: Integer | None = None
    """No inductive response of metering device."""
    alarmFlowPersistence: AlarmFlowPersistence | None = None
    """Alarm signifying continuous water use."""
    alarmInProgress: Literal[0, 1] | None = None
    """Indicates that one or more alarms are in progress."""
    alarmStopsLeaks: Literal[0, 1] | None = None
    """Alarm signifying the potential for an intermittent leak."""
    alarmTamper: Literal[0, 1] | None = None
    """Alarm signifying the potential of mechanical tampering with the device."""
    alarmWaterQuality: Literal[0, 1] | None = None
    """Alarm signifying the potential of backflows occurring."""
    maxFlow: Integer | None = None
    """Maximum flow rate observed during the last week."""
    minFlow: Integer | None = None
    """Minimum flow rate observed during the last week."""
    moduleTampered: Integer | None = None
    """Removal of module from metering device."""
    persistenceFlowDuration: PersistenceFlowDuration | None = None
    """The duration that persistence flow (continuous flow) is recorded by the meter."""
    waterConsumption: Number | None = None
    """The water meter reading."""
    waterType: Literal["hotWater", "serviceWater"] | None = None
    """The type of water by water temperature."""
