"""The reports that builds are measured with, and the measures: they run, and find what is wrong on purpose and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bench.build import corpus
from bench.build.__main__ import main
from bench.build.measures import RESULTS, Bench, exponent
from bench.build.reports import FURTHER, WRONG, about, facts_of, report, sentences, wrong_of
from bench.build.running import Failed, run
from tests.command import ROOT

COUNT = 2000


def test_a_report_does_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    corpus.write(tmp_path / "few", 3)
    corpus.write(tmp_path / "more", 5)
    few, more = ((tmp_path / name / corpus.REPORTS).read_text("utf-8").splitlines() for name in ("few", "more"))
    assert few == more[:3]
    assert report(4, seed=2) != report(4)


def test_reports_vary_have_the_promised_length_and_leave_no_slot_open() -> None:
    made = [report(number) for number in range(COUNT)]
    texts = {one.text for one in made}
    assert len(texts) == COUNT and not any("{" in text for text in texts)
    assert 1100 < sum(len(text.encode()) for text in texts) / COUNT < 1300
    assert len({one.model for one in made}) > COUNT * 0.8


def test_the_share_of_wrong_reports_is_as_promised_and_all_kinds_occur() -> None:
    kinds = Counter(wrong["kind"] for number in range(10 * COUNT) if (wrong := wrong_of(number)))
    assert kinds.total() / (10 * COUNT) == pytest.approx(WRONG, rel=0.1)
    assert set(kinds) == {wrong["kind"] for wrong in sentences()["wrong"]}


def test_a_further_report_is_about_an_earlier_model_and_agrees_with_it() -> None:
    for number in range(FURTHER - 1, 400, FURTHER):
        model = about(number)
        assert model < number and not wrong_of(model) and not wrong_of(number)
        assert report(number).model == report(model).model == facts_of(model)["slots"]["model"]


def test_a_changed_report_says_one_thing_more(tmp_path: Path) -> None:
    corpus.write(tmp_path / "before", 4)
    made = corpus.write(tmp_path / "after", 4, changed={2})
    before, after = ((tmp_path / name / corpus.REPORTS).read_text("utf-8").splitlines() for name in ("before", "after"))
    assert [number for number in range(4) if before[number] != after[number]] == [2]
    assert json.loads(after[2])["text"].startswith(json.loads(before[2])["text"])
    assert made.reports == 4


def test_growth_is_told_as_a_power() -> None:
    assert exponent((1, 10, 100), (5, 50, 500)) == pytest.approx(1)
    assert exponent((1, 2, 4), (3, 12, 48)) == pytest.approx(2)


def test_memory_and_time_of_all_processes_count(tmp_path: Path) -> None:
    hold = "import subprocess, sys, time; held = bytearray(60_000_000); time.sleep(0.8)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}]); print('done')"
    ran = run([sys.executable, "-c", program])
    assert ran.output == "done\n"
    assert ran.processes == 2 and ran.peak > 60_000_000 and ran.roles["others"] > 60_000_000 > ran.roles["first"]
    assert ran.seconds >= 0.8 and ran.cpu > 0


def test_a_command_runs_on_as_many_processors_as_it_is_given() -> None:
    program = "import os; print(len(os.sched_getaffinity(0)))"
    ours = os.sched_getaffinity(0)
    assert run([sys.executable, "-c", program], processors=1).output == "1\n"
    assert run([sys.executable, "-c", program]).output == f"{len(ours)}\n"
    assert os.sched_getaffinity(0) == ours


def test_time_of_a_process_that_nobody_waits_for_counts() -> None:
    work = "import time\nwhile time.process_time() < 0.8: pass\ntime.sleep(0.6)"
    program = f"import os, subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {work!r}]); time.sleep(2); os._exit(0)"
    assert run([sys.executable, "-c", program]).cpu > 0.7


def test_a_process_that_has_a_store_open_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    hold = f"import time; file = open({str(tmp_path / 'store' / '1.sst')!r}, 'w'); held = bytearray(40_000_000); time.sleep(0.8)"
    ran = run([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"])
    assert ran.roles["store"] > 40_000_000 > ran.own


def test_a_command_that_fails_says_what_it_printed() -> None:
    with pytest.raises(Failed, match=r"(?s)ended with 3:.*no luck"):
        run([sys.executable, "-c", "print('no luck'); raise SystemExit(3)"])


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    told: list[str] = []
    assert Bench(tmp_path, 1, told.append).measured("one", lambda: 1) == 1
    assert Bench(tmp_path, 1, told.append).measured("one", lambda: 2) == 1
    assert told == ["one"]


def test_what_a_build_finds_is_compared_with_what_is_wrong(tmp_path: Path) -> None:
    made = corpus.write(tmp_path, 200)
    wrong = [json.loads(line) for line in (tmp_path / corpus.WRONG).read_text("utf-8").splitlines()]
    listed = [{"code": row["code"], "severity": "violation", "report": f"reports.jsonl/{row['report']}"} for row in wrong[1:]]
    listed += [{"code": "KG103", "severity": "warning", "report": "x"}, {"code": "KG201", "severity": "info", "report": "y"}]
    (tmp_path / "findings.json").write_text(json.dumps(listed, indent=2))
    found = corpus.found(made, tmp_path)
    assert len(wrong) == made.wrong > 2
    assert found == corpus.Found(made.wrong - 1, (f"{wrong[0]['report']} {wrong[0]['code']}",), ("x KG103",))


def test_a_quick_run_finds_what_is_wrong_and_removes_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--parts", "growth,validation", "--work", str(tmp_path)])
    told = capsys.readouterr().out
    assert "| 48 | " in told and "1 of 1, 0 else" in told and "NOT AS MEANT" not in told
    assert [path.name for path in tmp_path.iterdir()] == [RESULTS]


def test_a_part_that_is_none_is_named() -> None:
    command = [sys.executable, "-m", "bench.build", "--parts", "growth,grwth"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2 and "no part is named grwth; choose of growth, " in ran.stderr
