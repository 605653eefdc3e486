"""`kg build` and `kg extract` with a language model, as processes: what is said, exit codes, builds that are made again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.command import SEEDS, environment, kg
from tests.extract.llm.served import KEY, Reply, Request, Served, claims, error, serving, text_of

ONE = "Kestrel-7B was trained for 3 weeks on 64 NVIDIA A100 GPUs.\n"
OTHER = "Merlin-3B was trained for 3 weeks on 64 NVIDIA A100 GPUs.\n"


def answer(request: Request, before: int) -> Reply:
    name = "Kestrel-7B" if "Kestrel-7B" in text_of(request) else "Merlin-3B"
    fact = {
        "model": name,
        "relation": "duration",
        "value": "P21D",
        "stage": None,
        "mention": "3 weeks",
        "quote": "for 3 weeks on 64",
    }
    return claims(fact)


def environ(served: Served, folder: Path, **others: str) -> dict[str, str]:
    fixed = {"KG_LLM_URL": served.url, "KG_LLM_MODEL": "m", "KG_LLM_KEY": KEY, "KG_LLM_CACHE": str(folder / "answers")}
    return {**fixed, "NO_PROXY": "127.0.0.1", **others}


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "one.txt").write_text(ONE, encoding="utf-8")
    (folder / "other.txt").write_text(OTHER, encoding="utf-8")
    return folder


def build(reports: Path, out: str, served: Served, *flags: str, **others: str) -> subprocess.CompletedProcess[str]:
    folder = reports.parent
    return kg(
        "build",
        reports,
        "-o",
        out,
        "--accept-shrink",
        "--extractor",
        "rules+llm",
        *flags,
        cwd=folder,
        environ=environ(served, folder, **others),
    )


def content(folder: Path) -> dict[str, bytes]:
    """Return what must be equal in equal builds."""
    files = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".") and path.name != "run.json")
    return {path.name: path.read_bytes() for path in files}


def test_a_second_build_asks_nothing_and_gives_the_same_bytes(reports: Path) -> None:
    with serving(answer) as served:
        first = build(reports, "a", served)
        assert first.returncode == 0, first.stderr
        assert "asking m at http://127.0.0.1" in first.stderr and ": 2 requests, about " in first.stderr
        assert len(served.requests) == 2
        second = build(reports, "b", served)
        third = build(reports, "a", served)
        assert len(served.requests) == 2
    assert "asking" not in second.stderr and third.stderr.startswith("unchanged: a")
    assert content(reports.parent / "a") == content(reports.parent / "b")
    found = [json.loads(line) for line in (reports.parent / "a" / "claims.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [claim["method"] for claim in found if claim["relation"] == "duration"] == ["rule:number"] * 2
    assert not [path for path in reports.parent.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_only_what_is_new_is_asked_about(reports: Path) -> None:
    with serving(answer) as served:
        build(reports, "a", served)
        (reports / "other.txt").write_text(OTHER + "It saw 9 epochs.\n", encoding="utf-8")
        assert build(reports, "a", served, KG_LLM_CACHE=str(reports.parent / "empty")).returncode == 0
        assert len(served.requests) == 3
        assert "Merlin-3B" in text_of(served.requests[2])


def test_another_extractor_is_another_build(reports: Path) -> None:
    with serving(answer) as served:
        kg("build", reports, "-o", "a", "--accept-shrink", cwd=reports.parent)
        rules = content(reports.parent / "a")
        assert "built a" in build(reports, "a", served).stderr
        assert "built a" in build(reports, "a", served, KG_LLM_MODEL="n").stderr
        assert len(served.requests) == 4
        kg("build", reports, "-o", "a", "--accept-shrink", cwd=reports.parent)
    assert content(reports.parent / "a") == rules


def test_what_was_not_read_is_told_and_asked_again(reports: Path) -> None:
    def busy(request: Request, before: int) -> Reply:
        return error(400, "too long") if "Merlin" in text_of(request) and before < 3 else answer(request, before)

    with serving(busy) as served:
        first = build(reports, "a", served)
        assert first.returncode == 4
        assert "KG430 warning: the language model has not read this: the service says 400: “too long”" in first.stderr
        assert (reports.parent / "a" / "graph.ttl").is_file()
        again = build(reports, "a", served)
        assert (again.returncode, len(served.requests)) == (4, 3)
        last = build(reports, "a", served)
    assert (last.returncode, len(served.requests)) == (0, 4), last.stderr
    assert "KG430" not in last.stderr


def test_extract_has_the_exit_code_too(reports: Path) -> None:
    with serving(lambda request, before: error(400, "too long")) as served:
        found = kg("extract", reports, "--extractor", "llm", cwd=reports.parent, environ=environ(served, reports.parent))
    assert (found.returncode, found.stdout) == (4, "")
    assert found.stderr.count("KG430") == 2


def test_a_wrong_key_leaves_the_last_build(reports: Path) -> None:
    with serving(answer) as served:
        build(reports, "a", served)
        before = content(reports.parent / "a")
        (reports / "one.txt").write_text(ONE + "More.\n", encoding="utf-8")
        refused = build(reports, "a", served, KG_LLM_KEY="sk-wrong")
    assert refused.returncode == 4
    assert "error: http://127.0.0.1" in refused.stderr and "the service says 401" in refused.stderr
    assert "hint: set KG_LLM_KEY" in refused.stderr and "sk-wrong" not in refused.stderr
    assert content(reports.parent / "a") == before


@pytest.mark.parametrize(
    ("flags", "settings", "message"),
    [
        (("--extractor", "llm"), "", "the extractor llm needs llm-url"),
        (("--extractor", "magic"), "", "extractor must be one of rules, rules+llm, llm, not 'magic'"),
        (("--llm-mode", "some"), "", "llm-mode must be one of whole, open, not 'some'"),
        (("--max-requests", "-1"), "", "max-requests must be a whole number, 0 or more, not -1"),
        ((), 'llm-key = "sk"', "llm-key must not stand in a file\n  hint: set the variable KG_LLM_KEY"),
        ((), 'llm-url = "ftp://x"', "llm-url must be an address that begins with http:// or https://, not 'ftp://x'"),
        ((), "llm-model = 7", "llm-model must be a model's name, not 7"),
        ((), "llm-jobs = 0", "llm-jobs must be a whole number, 1 or more, not 0"),
        ((), "llm-chunk = 10", "llm-chunk must be a whole number of characters, 1000 or more, not 10"),
    ],
)
def test_wrong_settings_are_named(flags: tuple[str, ...], settings: str, message: str, reports: Path) -> None:
    (reports.parent / "kg.toml").write_text(settings, encoding="utf-8")
    for command in ("build", "extract"):
        found = kg(command, reports, *flags, cwd=reports.parent)
        assert found.returncode == 2 and message in found.stderr


def test_a_key_that_is_none_is_not_shown(reports: Path) -> None:
    found = kg("extract", reports, cwd=reports.parent, environ={"KG_LLM_KEY": "ключ"})
    assert found.returncode == 2
    assert "KG_LLM_KEY: this is not a key of printable ASCII characters" in found.stderr and "ключ" not in found.stderr


def test_settings_of_a_file_are_enough(reports: Path) -> None:
    with serving(answer) as served:
        lines = f'extractor = "llm"\nllm-url = "{served.url}"\nllm-model = "m"\nllm-cache = "kept"\n'
        (reports.parent / "kg.toml").write_text(lines, encoding="utf-8")
        environ = {"KG_LLM_KEY": KEY, "NO_PROXY": "127.0.0.1"}
        found = kg("extract", reports, "--format", "text", cwd=reports.parent, environ=environ)
    assert found.returncode == 0, found.stderr
    assert found.stdout.count("P21D") == 2
    assert len(list((reports.parent / "kept").rglob("*.json"))) == 2


def test_a_request_that_is_under_way_does_not_hold_up_the_end(reports: Path) -> None:
    asked = threading.Event()

    def silent(request: Request, before: int) -> Reply:
        asked.set()
        return Reply(silent=True)

    with serving(silent) as served:
        command = [sys.executable, "-m", "kg", "build", str(reports), "-o", "a", "--extractor", "llm"]
        env = environment() | environ(served, reports.parent)
        with subprocess.Popen(command, cwd=reports.parent, env=env, stderr=subprocess.PIPE, text=True) as process:
            assert asked.wait(60)
            process.send_signal(signal.SIGINT)
            _, talk = process.communicate(timeout=60)
    assert process.returncode == 130 and talk.endswith("interrupted\n")
    assert not (reports.parent / "a" / "graph.ttl").exists()


def test_without_the_flag_nothing_is_asked(tmp_path: Path) -> None:
    with serving(answer) as served:
        assert kg("extract", SEEDS, cwd=tmp_path, environ=environ(served, tmp_path)).returncode == 0
    assert served.requests == []
