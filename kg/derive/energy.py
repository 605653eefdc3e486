"""Energy of a run in kilowatt-hours = accelerator-hours × thermal design power × overhead.

The overhead (setting `energy_overhead`) is what the data centre draws for each watt of an accelerator's design power: accelerators
draw less than that on average, hosts, network and cooling add to it. 1.4, between 0.8 and 2.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.derive._devices import device_hours, figure
from kg.derive._known import Gap, Known, Quantity
from kg.interval import Interval, shown
from kg.model import Derived

GIVES = ("trainingEnergy",)
USES = ("impliedAcceleratorHours",)
SCOPE = "run"
ASKS = ("accelerator", "acceleratorHours", "duration", "acceleratorCount")


def compute(known: Known) -> Iterator[Derived]:
    """Yield the energy that the hardware can have drawn in its time."""
    hours, power = device_hours(known), figure(known, "tdp", "W")
    if isinstance(hours, Gap) or isinstance(power, Gap):
        return
    low, middle, high = known.given.config.energy_overhead
    said = f"the data centre draws {shown(middle)} times the design power ({shown(low)} to {shown(high)})"
    overhead = Quantity(Interval(low, middle, high), shown(middle), assumptions=(said,))
    result = hours.interval * power.interval * overhead.interval / 1000
    formula = f"{hours.words} × {power.words} × {shown(middle)} ÷ 1,000"
    yield known.fact("energy", GIVES[0], "kWh", result, formula, [hours, power, overhead])
