"""Names in a sentence: the catalogue's, lengthened by a version where one follows, and name-shaped chunks it does not know."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from kg.extract.rules.lexicon import Name
from kg.model import Thing

_WORD = r"(?:[A-ZÀ-ÖØ-Þ][\w’'+]*(?:[-./][\w+]+)*|[a-z]{1,4}[A-Z0-9][\w+]*(?:[-./][\w+]+)*)"
_CHUNK = re.compile(
    rf"(?<![\w@/#-]){_WORD}(?:(?:\s(?:of|de|do|da|del|der|für|di)(?:\s(?:the|la|las|los))?)?\s(?:{_WORD}|"
    rf"(?<![\dBM]\s)(?:v\d+(?:\.\d+)*|\d\.\d+|\d+(?:\.\d+)?[BM]|\d{{1,2}}(?=[,;:)]|\.(?!\d)|$))(?![\w%-])))*"
)
_VERSION = re.compile(r"\s(?:v\d+(?:\.\d+)*|\d{1,2}(?:\.\d{1,2})+|\d{1,2}(?=[,;)]|\.(?!\d)|\s(?:and|with)\b|$))(?![\w%])")
_ORGANIZATION = re.compile(
    r"\b(?:universi\w+|institut\w*|instituto|laborator\w*|labs?|foundation|research|technolog\w+|college|school|cent(?:er|"
    r"re|ro)|ministry|council|agency|agence|department|company|"
    r"inc|ltd|gmbh|academy|association|society|polytechni\w*|observator\w+|media|group|analytics|systems|networks|"
    r"intelligence|robotics|labor|bank|corporation|corp|consortium|"
    r"initiative|collective|cooperative|studio|studios|hospital|clinic|ai|tech|informatics|bureau|museum|service|services|"
    r"office|works)$|"
    r"^(?:universi\w+|institut\w*|laborato\w+|cent(?:er|re|ro)|agence|ministry|fraunhofer|max planck|observatoire|"
    r"instituto|college|school|pontificia|department|société|rijks\w+)\b",
    re.I,
)
_SHAPED = re.compile(r"[A-Za-z].*[A-Z0-9]|^[A-Z]{2,}|[a-z][A-Z]|\d")
_COMMON = frozenset(
    """the a an this that these those we our us it its they their in on at for from with by of to and or as if when while where
    which who whose all both each every no not none one two three four five six seven eight nine ten first second third some
    most many other another such after before during since until then thus hence however although because model models
    training data dataset datasets results table figure section appendix note notes please see here there what how why is
    are was were be been has have had do does did can could will would should may might must unlike like compared following
    optimization optimizer hyperparameters hyper-parameters hardware evaluation pre-training fine-tuning instruction-tuning
    released license licence gpu gpus tpu tpus cpu abstract introduction conclusion acknowledgements limitations citation
    references contact code weights language english french german spanish chinese january february march april june july
    august september october november december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday
    thursday friday saturday sunday q inference learning rate batch size epochs steps warmup precision software framework
    architecture parameters params stage phase type name total number task tasks input output metric score accuracy bleu wer
    f1 map fid api url http https llm llms lmm lmms vlm vlms nlp ocr asr tts ai ml rl rlhf sft dpo lora qlora moe flop flops
    bf16 fp16 fp32 fp8 tf32 card cards named called dubbed vqa nli qa ner captioning question answering retrieval yes eq usa
    uk eu sota bpe cc mit apache kwh mlp cnn rnn gan vae mha gqa rope kv lr wd adam""".split()
)


LAST_VERSION = 30  # a larger number behind the name of a dataset or model is a score


def lengthen(text: str, name: Name, known: Iterable[str] = ()) -> Name:
    """Return the name with the version that follows it (`Common Voice` + ` 17`)."""
    if not name.things or not name.kinds() & {"dataset", "software", "model"} or name.text[-1].isdigit():
        return name
    match = _VERSION.match(text, name.end)
    if not match:
        return name
    if not name.thing("software") and (number := re.search(r"\d+", match[0])) and int(number[0]) > LAST_VERSION:
        return name
    longer = text[name.start : match.end()]
    return Name(name.start, match.end(), longer, tuple(t for t in name.things if t.kind == "software"))


# file names, identifiers of code, bare versions, labels of appendices
_NO_NAME = re.compile(
    r"\d+|v?\d+(?:\.\d+)*|[A-Z]\.?\d(?:\.\d)?|\S*\.(?:md|py|json|ya?ml|txt|sh|csv|pdf|ipynb|html?|toml|cfg|jpe?g|png)|"
    r"[\w/.-]*_[\w/.-]*|\w+\(.*|.*=.*"
)


_OF = re.compile(r"\s(?:from|of)\s(?:the\s)?")


def join(text: str, names: list[Name], find: Callable[[str], tuple[Thing, ...]]) -> list[Name]:
    """Join `ViT-G/14 from EVA-CLIP` into the one thing the catalogue knows as `EVA-CLIP ViT-G/14`."""
    joined: list[Name] = []
    for name in names:
        last = joined[-1] if joined else None
        if last and last.thing("model") and name.thing("model") and _OF.fullmatch(text, last.end, name.start):
            things = find(f"{name.text} {last.text}")
            if things:
                joined[-1] = Name(last.start, name.end, text[last.start : name.end], things)
                continue
        joined.append(name)
    return joined


_CAPITAL = re.compile(r"(?<![\w-])[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{2,}(?![\w-])")
_SMALL = re.compile(r"(?<![\w-])[a-zß-öø-ÿ]{3,}")


def proper_words(text: str) -> frozenset[str]:
    """Return the words that a text writes with a capital more than once and never without: names, even at a sentence's start."""
    often = {word for word, count in Counter(_CAPITAL.findall(text)).items() if count > 1}
    return frozenset(often.difference(word.capitalize() for word in set(_SMALL.findall(text)))) if often else frozenset()


_PLACES = frozenset({"country", "organization"})
_ALONE = frozenset(word for common in _COMMON for word in (common, common.capitalize(), common.upper()))  # chunks that are no name


def chunks(
    text: str, start: int, end: int, taken: Iterable[Name], *, in_prose: bool = True, proper: frozenset[str] = frozenset()
) -> list[Name]:
    """Return the name-shaped stretches of [start, end) that overlap none of the names already found.

    `in_prose` a capital letter at the start says nothing, but for `proper` words.
    """
    found: list[Name] = []
    matches = list(_CHUNK.finditer(text, start, end))
    if not matches:
        return found
    spans = [(n.start, n.end) for n in taken if not n.kinds() <= _PLACES]
    for match in matches:
        if not spans and match[0] in _ALONE:
            continue
        for low, high in _free(match.start(), match.end(), spans):
            name = _trim(text, low, high, at_start=in_prose and low == start, proper=proper)
            if name and (is_organization(name.text) or not any(n.start < name.end and name.start < n.end for n in taken)):
                found.append(name)
    return found


_ID = re.compile(
    r"(?<![\w/.@:-])(?:[A-Za-z][\w.-]*/)?(?=[A-Za-z0-9_.-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*(?![\w/@(=-])"
)
_SIZED = re.compile(r"[-_](?:xs|s|m|l|xl|xxl|nano|mini|tiny|small|base|medium|large|huge|chat|instruct|lm|llm|vlm|vl|asr|tts|mt)$")
_FILE = re.compile(r".*\.(?:md|py|json|ya?ml|txt|sh|csv|pdf|ipynb|html?|toml|cfg|jpe?g|png|org|com|io|gz|zip|tar|ai|net)$", re.I)


def ids(
    text: str, start: int, end: int, taken: Iterable[Name], find: Callable[[str], tuple[Thing, ...]], *, in_prose: bool
) -> list[Name]:
    """Return the identifiers of [start, end) as hubs and configurations write names (`grit-id/nergrit`, `arc_easy`).

    Words of one part count only when the catalogue knows them, `in_prose` only several parts with a digit or a size.
    """
    if in_prose and text.find("-", start, end) < 0 and text.find("_", start, end) < 0:
        return []
    spans = [(n.start, n.end) for n in taken]
    found = []
    for match in _ID.finditer(text, start, end):
        low, high = match.span()
        words = match[0]
        if len(words) < 3 or words[0].isdigit() or _FILE.match(words) or any(low < e and s < high for s, e in spans):
            continue
        several = "-" in words or "_" in words
        if in_prose and not (several and words.islower() and (any(c.isdigit() for c in words) or _SIZED.search(words))):
            continue
        things = find(words.rpartition("/")[2])
        if things or "/" in words or several:
            found.append(Name(low, high, words, things))
    return found


def _free(start: int, end: int, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    pieces = [(start, end)]
    for low, high in spans:
        pieces = [
            piece
            for s, e in pieces
            for piece in ([(s, e)] if high <= s or e <= low else [(s, low), (high, e)])
            if piece[1] > piece[0]
        ]
    return pieces


_IS = re.compile(
    r"\s(?:is|was|has|are|:)\s(?:a|an|our|the|trained|pre|fine|been|\d)\b|:\s[A-Z]|,\s(?:which|the|our|an?|as)\s"
    r"|\s(?:uses|took|takes|reads|learns|learned|combines|consists|builds|starts|saw|sees|weighs|extends|adapts|adopts|contains|comprises)\s"
)


def _trim(text: str, start: int, end: int, at_start: bool, proper: frozenset[str]) -> Name | None:
    if text[start:end].split() == [text[start:end]]:  # nearly always, and faster
        if text[start:end].casefold().strip(".,-/") in _COMMON or not text[start].isalnum():
            return None
        words = [(start, end)]
    else:
        words = [(m.start() + start, m.end() + start) for m in re.finditer(r"\S+", text[start:end])]
    while words and text[slice(*words[0])].casefold().strip(".,-/") in _COMMON:
        words.pop(0)
        at_start = False
    while words and (text[slice(*words[-1])].casefold().strip(".,-/") in _COMMON or not text[slice(*words[-1])][:1].isalnum()):
        if len(words) > 1 and text[slice(*words[-1])].strip(".,") == "AI":  # Highveld AI
            break
        words.pop()
    if not words:
        return None
    low, high = words[0][0], words[-1][1]
    while high > low and text[high - 1] in ".,-/'’":
        high -= 1
    chunk = text[low:high].removesuffix("'s").removesuffix("’s")
    high = low + len(chunk)
    if len(chunk) < 2 or _NO_NAME.fullmatch(chunk):
        return None
    if at_start and len(words) == 1 and chunk not in proper and not _SHAPED.search(chunk) and not _IS.match(text, high):
        return None
    return Name(low, high, chunk)


def is_organization(name: str) -> bool:
    """Return whether a chunk has the shape of an organization's name (`Institut Verdane`, `University of Zimbabwe`)."""
    return " " in name and bool(_ORGANIZATION.search(name))


_EVALUATION = re.compile(
    r"(?:bench|eval|mmlu|qa|nli|vqa|glue|benchmark|challenge|arena|blimp|test|superb|leaderboard)(?:[-\s]?(?:v?\d[\w.]*|"
    r"[a-z]{2}|pro|plus|hard|lite))?$",
    re.I,
)
_TRAINING = re.compile(
    r"(?:instruct|corpus|web|pile|crawl|database|archive|dataset|captions|pairs|collection|text|dialogues|"
    r"-\d+(?:\.\d+)?[km])(?:[-\s]?v?\d[\w.]*)?$|\bcorpus\b",
    re.I,
)
_STRONG = re.compile(r"[a-z][A-Z]|[A-Za-z]-?\d|\d[A-Za-z]|^[A-Z]{3,}")


def shape_of(name: str) -> str:
    """Return what an unknown name looks like: `shaped-evaluation`, `shaped-training` (`NaijaWeb`), `shaped` or `plain`."""
    if _EVALUATION.search(name):
        return "shaped-evaluation"
    if _TRAINING.search(name):
        return "shaped-training"
    return "shaped" if _STRONG.search(name) else "plain"


def is_shaped(name: str) -> bool:
    """Return whether a chunk has more of a name than one capital letter (`BhashaSetu`, `xP3x`, `Common Voice`)."""
    return bool(_SHAPED.search(name)) or " " in name
