"""Numbers -> what a drawing of them is made of, in an SVG's own units and as templates write them; a file for each kind of drawing.

columns     a number for each year
shares      parts of a whole, one beside the other
spread      values by year on a logarithmic scale: points with their ends, and the quartiles of all
scale       axes and the numbers beside them
"""

from __future__ import annotations

from kg.pages.charts.columns import Columns, columns
from kg.pages.charts.shares import Part, Shares, shares
from kg.pages.charts.spread import Band, Point, Spread, Value, spread

__all__ = ["Band", "Columns", "Part", "Point", "Shares", "Spread", "Value", "columns", "shares", "spread"]
