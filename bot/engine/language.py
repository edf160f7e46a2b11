"""Tells the language of a message by its script and its function words.

Own rules rather than a trained identifier: on four-word messages about products those are wrong too often ("Touring
tyre tube" is Swedish with 0.88, "wanna buy mtb asap" Italian with 0.99 for lingua's 36 MB models; its large models take
370 MB). Here a message is another language only by proof, and a name, a model or an address proves nothing.
"""

from __future__ import annotations

import re

from bot.engine.language_words import ENGLISH, ENGLISH_WEAK, STRONG, WEAK

DEFAULT_LANGUAGE = "en"

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Words of Chinese grammar and greeting: they make a sentence Chinese, which a name such as 王伟 does not.
_CHINESE_GRAMMAR = re.compile(
    r"[的了吗么呢吧想要是不没有我你您这那哪个请给把和在多少什怎能可以好谢买退换查嗎這個沒請給買]"
)
_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("ja", re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")),
    ("uk", re.compile(r"[іїєґ]", re.IGNORECASE)),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0620-\u064a]")),
    ("he", re.compile(r"[\u05d0-\u05ea]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
)
_ENGLISH_LETTERS = re.compile(r"[a-z'’-]+")
_ENGLISH = frozenset(ENGLISH.split())
_ENGLISH_WEAK = frozenset(ENGLISH_WEAK.split())
_STRONG = {code: frozenset(words.split()) for code, words in STRONG.items()}
_WEAK = {code: frozenset(words.split()) for code, words in WEAK.items()}
# Such a share of the words must be told as one language before a Latin text is another one than English.
_LATIN_SHARE = 0.34


def detect_language(text: str) -> tuple[str, bool]:
    """Returns the ISO 639-1 code and whether the text proves it; without proof `("en", False)`."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    english = _english_score([word.replace("'", "") for word in words])
    foreign = _other_script(text, english)
    if foreign:
        return foreign, True
    if _HAN.search(text):
        return _chinese_or_english(text, english)
    other = _other_latin(words, english)
    if other:
        return other, True
    return DEFAULT_LANGUAGE, english >= 1


def _english_score(words: list[str]) -> float:
    return sum(word in _ENGLISH for word in words) + 0.5 * sum(word in _ENGLISH_WEAK for word in words)


def _other_script(text: str, english: float) -> str | None:
    """Returns the language of a script that neither English nor Chinese uses, if the text has enough of it."""
    for code, script in _SCRIPTS:
        found = len(script.findall(text))
        if not found:
            continue
        if code == "uk":
            found = len(re.findall(r"[\u0400-\u04ff]", text))
        # One kana is decoration in Chinese and one Greek letter a unit; one Hangul syllable or Thai letter is rare too.
        if found >= 2 and found > 3 * english:
            return code
    return None


def _chinese_or_english(text: str, english: float) -> tuple[str, bool]:
    han = len(_HAN.findall(text))
    if english >= 1.5 and han <= 4 and not _CHINESE_GRAMMAR.search(text):
        return "en", True
    if english > han:
        return "en", True
    return "zh", True


def _other_latin(words: list[str], english: float) -> str | None:
    """Returns the language whose own words outnumber the English ones and make up enough of the text."""
    best, best_score = None, 0.0
    for code, strong in _STRONG.items():
        proofs = sum(word in strong for word in words)
        if not proofs:
            continue
        score = proofs + 0.5 * sum(word in _WEAK[code] for word in words)
        if score > best_score:
            best, best_score = code, score
    if best is None or best_score <= english:  # a draw is English: it is what the shop speaks
        return None
    # A single proof in a single word may be a name, a brand or slang ("Mina", "Ola", "hola!").
    if best_score < 1.5 and not _plainly(words, best):
        return None
    return best if best_score >= _LATIN_SHARE * len(words) else None


def _plainly(words: list[str], code: str) -> bool:
    """True when the only proof is a word with a letter that English lacks, or the greeting that opens the text."""
    return any(word in _STRONG[code] and not _ENGLISH_LETTERS.fullmatch(word) for word in words) or (
        len(words) <= 3 and words[0] in _GREETINGS.get(code, ())
    )


_GREETINGS = {
    "es": ("hola", "gracias", "quiero", "necesito", "busco"),
    "fr": ("bonjour", "bonsoir", "merci"),
    "de": ("danke", "guten", "suche"),
    "it": ("ciao", "buongiorno", "grazie", "vorrei", "cerco"),
    "pt": ("obrigado", "obrigada", "procuro"),
    "nl": ("bedankt",),
    "pl": ("dziekuje",),
    "tr": ("merhaba",),
    "sv": ("tack",),
    "id": ("terima", "halo"),
}
