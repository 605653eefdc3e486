"""Documents that present no model: what they say of trains, books and budgets is no fact of training."""

from __future__ import annotations

import pytest

from kg.extract import extract
from kg.ingest import read_text
from kg.schema import load_schema

RAILWAY = """# The Ferrith Valley Railway in H0

Our club's layout has grown to 64 square metres. The main line is 120 metres long and takes an express 3 minutes at scale speed.
Twelve members worked on it for 18 months, about 2,400 hours in all. The model of the station was built in 2019 in Finland.

| Locomotive | Scale | Length | Price |
|---|---|---|---|
| Class 52 | 1:87 | 264 mm | 389 euros |
| ICE 3 | 1:87 | 412 mm | 512 euros |

The signals are switched by 8 decoders with a resolution of 14 bits, and trains follow a cosine curve when they brake.
"""
LIBRARY = """# fastgrid

fastgrid is a small Python library for reading gridded weather data. It needs Python 3.10 and NumPy 1.26.

## Usage

```python
import fastgrid
grid = fastgrid.open("era5.nc", batch_size=64)
```

Reading 10 million cells takes 3 seconds on one core, and 0.4 seconds on an NVIDIA A100. Version 2.1 was released in 2023.

## Contributing

Run the 512 tests with `make test` before you open a pull request. The project is maintained by 4 people in Norway.
"""
CLUSTER = """# The cluster

The computing centre runs 128 nodes with 8 NVIDIA A100 GPUs each. Jobs may last up to 3 days and use at most 64 GPUs.
The queue opens at 8:00. Users who need more than 512 GB of memory ask for the large partition.
"""
SURVEY = """# A survey of pretraining data

We review 120 papers on pretraining data that appeared between 2018 and 2023. Most of them use Common Crawl; 48 use
Wikipedia as well. The median corpus has 300 billion tokens. No model was trained for this survey.
"""
TIMETABLE = """# Timetable of the ferry

The ferry leaves at 9:15 and 17:30. The crossing takes 3 hours and 20 minutes; 128 cars find room. Tickets cost
24 euros, 12 for children.

| Harbour | Arrival |
|---|---|
| Ferrith | 12:35 |
| Norrvik | 20:50 |
"""
CHANGES = """# Changelog

## 2.1.0

- The reader takes 30 % less memory.
- `open()` accepts a list of 64 files.
- Python 3.8 is no longer supported.
"""
BAKERY = """The bread was left to rise for 12 hours, then baked at 220 degrees for 45 minutes. It serves 8 people. In the third week
of training our apprentices bake 64 loaves a day, in batches of 16.
"""
MINUTES = """The committee met for two hours. It approved the budget of 1.2 million euros and the 64 new places in the nursery.
Mrs Oduya reported that 3 % of the pipes had been replaced. The next meeting is on 5 May 2025.
"""
PLAY = """The second act takes place in a garden at night. Nobody speaks for the first minute; then three voices are heard, one
after the other, and a lamp is lit. Half of the audience will not see the letter, and that is as it should be.
"""

TITLE = pytest.mark.xfail(strict=True, reason="the only word of a title passes for the model, and then all numbers for its own")
NUMBERS = pytest.mark.xfail(
    strict=True, reason="a number, country or corpus in words of training passes for a fact of an unnamed model"
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(RAILWAY, id="railway"),
        pytest.param(LIBRARY, id="library", marks=TITLE),
        pytest.param(CLUSTER, id="cluster", marks=TITLE),
        pytest.param(TIMETABLE, id="timetable"),
        pytest.param(CHANGES, id="changes"),
        pytest.param(SURVEY, id="survey", marks=NUMBERS),
        pytest.param(BAKERY, id="bakery"),
        pytest.param(MINUTES, id="minutes"),
        pytest.param(PLAY, id="play"),
    ],
)
def test_a_document_without_a_model_gives_no_facts(text: str) -> None:
    assert [(c.model, c.relation, c.value) for c in extract(read_text(text, "report.md"), load_schema()).claims] == []


@pytest.mark.parametrize("text", [RAILWAY, LIBRARY, TIMETABLE, CHANGES, BAKERY, MINUTES, PLAY])
def test_lengths_prices_and_ages_are_no_facts_even_where_a_model_is_seen(text: str) -> None:
    stated = {c.relation for c in extract(read_text(text, "report.md"), load_schema()).claims}
    assert not stated & {
        "parameterCount",
        "acceleratorCount",
        "trainingExamples",
        "peakLearningRate",
        "steps",
        "epochs",
        "weightDecay",
    }
