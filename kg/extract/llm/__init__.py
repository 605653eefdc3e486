"""The language-model extractor: documents -> claims that a model reads out of them, each with words of the document as evidence.

    document -> parts (chunks) -> questions (prompt, form) -> answers (cache, client, asking) -> claims (evidence) -> merge

What a model says is a hint where to look and no fact: `evidence` takes a claim only with a place in the document, and computes its
value from the words there.

With `rules+llm` both readings make one. Of what the rules assert and a large model that has read the whole document does not,
nearly nothing is right: on 32 documents with gold annotations every kind of rule (a quantity, a name, a model, a listed value)
lowers the precision when it stands beside the model's answers, and traps come back. So the silence of the model is a statement:
what the rules alone assert becomes a suggestion, with four exceptions.

- What the author marked up: a tag, the column of a known table, front matter. No reading is involved, and a line that is missing in
  an answer is the likelier mistake. Measured, tags add right facts and no wrong one.
- The name of a model that claims of the language model are about.
- Disagreement: both give the single value of one relation of one model and stage, and the values differ. The model was not silent,
  so the report may say both; both stand, each with its method, and a finding (KG440) shows the places.
- A document that the model has not read: the claims of the rules stand, and a finding (KG430) says that it was not read.

Agreement is one claim, with the method and the span of the rules. With `--llm-mode open` the model is asked only about relations of
which the rules claim nothing or suggest something; then silence means nothing, and the claims of both stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from kg.codes import UNASKED
from kg.config import Config
from kg.errors import ConfigError, RemoteError
from kg.extract.llm import merge
from kg.extract.llm.asking import Answers, Progress, Question, answers
from kg.extract.llm.chunks import chunks
from kg.extract.llm.evidence import Checked, Evidence, lines
from kg.extract.llm.form import Answer, answer_schema, asked
from kg.extract.llm.prompt import messages
from kg.model import Claim, Document, Extraction, Finding, Span
from kg.schema import Relation, Schema


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as the rules have read it, and what a model is asked about it."""

    document: Document
    rules: Extraction
    relations: tuple[Relation, ...]
    questions: tuple[Question, ...]


def extract(
    documents: Iterable[tuple[Document, Extraction]], schema: Schema, config: Config, say: Callable[[str], None], progress: Progress
) -> list[Extraction]:
    """Return what documents say, in their order, from what the rules and a language model read in each.

    Raises ConfigError when no service is set, Refused when it takes no request at all.
    """
    check(config)
    readings = [_reading(document, rules, schema, config) for document, rules in documents]
    found = answers([reading.questions for reading in readings], config, say, progress)
    return [_settled(reading, found, schema, config) for reading in readings]


def check(config: Config) -> None:
    """Raise ConfigError unless the settings say which model of which service is asked about what."""
    for setting, value in (("llm-url", config.llm_url), ("llm-model", config.llm_model)):
        if not value:
            variable = "KG_" + setting.upper().replace("-", "_")
            raise ConfigError(f"the extractor {config.extractor} needs {setting}", hint=f"set {variable}, or {setting} in kg.toml")
    if config.llm_mode == "open" and config.extractor == "llm":
        raise ConfigError("without the rules nothing is left open", hint="use --extractor rules+llm, or --llm-mode whole")


def _reading(document: Document, rules: Extraction, schema: Schema, config: Config) -> Reading:
    relations = asked(schema)
    suggestions: Sequence[Claim] = ()
    if config.llm_mode == "open":
        names = set(merge.open_relations(rules, [relation.name for relation in relations]))
        relations = tuple(relation for relation in relations if relation.name in names)
        suggestions = rules.suggestions
    if document.table or not relations:  # the columns of a known table say all that there is
        return Reading(document, rules, relations, ())
    format = {"type": "json_schema", "json_schema": {"name": "claims", "strict": True, "schema": answer_schema(schema, relations)}}
    questions = []
    for chunk in chunks(document, config.llm_chunk):
        doubts = [claim for claim in suggestions if chunk.start <= claim.start and claim.end <= chunk.end]
        text = messages(chunk, schema, relations, doubts)
        request = {"model": config.llm_model, "messages": text, "temperature": 0, "response_format": format}
        questions.append(Question.of(chunk, request))
    return Reading(document, rules, relations, tuple(questions))


def _settled(reading: Reading, found: Answers, schema: Schema, config: Config) -> Extraction:
    rules = reading.rules if config.extractor != "llm" or reading.document.table else Extraction()
    if not reading.questions:
        return rules
    parts: list[tuple[Answer, Span]] = []
    for question in reading.questions:
        answer = found[question.name]
        if isinstance(answer, RemoteError):
            return replace(rules, findings=(*rules.findings, _not_read(reading.document, answer)))
        parts.append((answer, Span(question.chunk.start, question.chunk.end)))
    evidence = Evidence.of(reading.document, schema, f"llm:{config.llm_model}")
    checked = evidence.check(parts, {relation.name for relation in reading.relations})
    claims = list(checked.claims.values())
    both = (
        merge.opened(schema, rules, claims) if config.llm_mode == "open" else merge.whole(reading.document, schema, rules, claims)
    )
    return replace(both, findings=(*both.findings, *_rejected(reading.document, checked)))


def _not_read(document: Document, error: RemoteError) -> Finding:
    notes = (error.hint,) if error.hint else ()
    return Finding(UNASKED, "warning", f"the language model has not read this: {error.what}", notes=notes, report=document.id)


def _rejected(document: Document, checked: Checked) -> tuple[Finding, ...]:
    count, total = sum(checked.rejected.values()), sum(checked.rejected.values()) + checked.accepted
    if not count:
        return ()
    message = f"{count} of {total} claims of the language model are rejected"
    return (Finding("KG431", "info", message, notes=tuple(lines(checked)), report=document.id),)
