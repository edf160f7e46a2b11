"""`evaluate`: how well the assistant understands, in figures, pictures and a list of its errors."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.places import of_caller, prepare
from bot.cli.progress import Tell, doing
from bot.cli.refusals import Refused
from bot.understanding_evaluation import (
    crossvalidated,
    judged_intents,
    read_needs,
    read_test_set,
    trained_home,
)
from crm_store.database import connect, migrate, reading, sessions, writing
from crm_store.demo import load_demo_catalogue
from crm_store.errors import SalesError
from crm_store.home import Home
from crm_store.importing import import_file
from crm_store.vocabulary import vocabulary
from models.evaluation import pictures
from models.evaluation.intents import Judged, intent_scores
from models.evaluation.needs import ReadNeeds, needs_scores
from models.evaluation.page import Page, shown

TEST_SETS = Path("tests/nlu")
FOLDS = 5
MOST_ERRORS = 300


class Subject(StrEnum):
    NLU = "nlu"
    NEEDS = "needs"
    RECOMMEND = "recommend"
    SPEND = "spend"
    PURCHASE = "purchase"
    LEADS = "leads"


def evaluate(
    subject: Annotated[Subject, typer.Argument(help="What to evaluate.")],
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
    test: Annotated[list[Path] | None, typer.Option("--test", help="JSON lines to use instead of tests/nlu.")] = None,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="A CSV file of products instead of the demo shop's.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Measure on a fresh demo shop, whose truth is known.")] = False,
) -> None:
    """Measure how well it understands and foresees.

    nlu, needs: a model is trained for the catalogue and measured on messages it has not seen: intents by
    cross-validation over the training data and on the test sets in tests/nlu, needs on the test sets.
    recommend, spend, purchase, leads: models learn from the shop's earlier sales and are measured on the latest, beside
    baselines; on the demo shop also beside the simulation's truth.
    A page with pictures and the errors goes into the home's folder reports/.

    \b
    Example: ./salesclerk evaluate nlu
    Example: ./salesclerk evaluate needs --catalogue products.csv --test messages.jsonl --json
    Example: ./salesclerk evaluate recommend --demo
    """
    home = Home.from_environment()
    prepare(home)
    if subject not in _STEM:
        _evaluate_sales(subject, home, demo, as_json)
        return
    try:
        with doing("Training a model to measure") as tell:
            measured = _measured_home(home, catalogue, tell)
        files = [of_caller(path) for path in test or ()] or sorted(TEST_SETS.glob(f"{_STEM[subject]}_??.jsonl"))
        scores, page = (_nlu if subject is Subject.NLU else _needs)(measured, files)
    except SalesError as error:
        raise Refused(str(error)) from error
    report = _write(home, subject, page)
    if as_json:
        print(json.dumps({**scores, "report": str(report)}, ensure_ascii=False))
    else:
        _show(scores)
        print(f"Report: {report}")


def _evaluate_sales(subject: Subject, home: Home, demo: bool, as_json: bool) -> None:
    from bot.cli.evaluating_sales import REPORTS, page_of, print_tables, sales_of  # scikit-learn takes seconds to load

    title, make = REPORTS[subject.value]
    try:
        with doing("Reading the sales"):
            sales = sales_of(home, demo)
        with doing("Learning and measuring"):
            report = make(sales)
    except SalesError as error:
        raise Refused(str(error)) from error
    file = _write(home, subject, page_of(title, report))
    if as_json:
        print(json.dumps({**report.figures, "report": str(file)}, ensure_ascii=False))
        return
    print_tables(report)
    print(f"Report: {file}")


def _write(home: Home, subject: Subject, page: Page) -> Path:
    report = home.path / "reports" / f"{subject.value}.html"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(page.html(), encoding="utf-8")
    return report


_STEM = {Subject.NLU: "intents", Subject.NEEDS: "needs"}


def demo_vocabulary() -> dict[str, Any]:
    """The words of the demo shop."""
    return _vocabulary_of(None)


def _measured_home(home: Home, catalogue: Path | None, tell: Tell) -> Home:
    """A home of its own with a model for the demo shop's catalogue or for the file's."""
    name = "demo" if catalogue is None else catalogue.name.partition(".")[0]
    return trained_home(home.path / "evaluation" / name, _vocabulary_of(catalogue), tell)


def _vocabulary_of(catalogue: Path | None) -> dict[str, Any]:
    """The words of a file of products, or of the demo shop; nothing of it is kept."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'measured.db'}")
        try:
            migrate(engine)
            with writing(sessions(engine)) as session:
                if catalogue is None:
                    load_demo_catalogue(session)
                else:
                    import_file(session, "products", of_caller(catalogue), now=datetime.now(UTC))
            with reading(sessions(engine)) as session:
                return vocabulary(session)
        finally:
            engine.dispose()


def _nlu(home: Home, files: Sequence[Path]) -> tuple[dict[str, Any], Page]:
    with doing("Cross-validating"):
        parts = {"cross-validation": crossvalidated(home, FOLDS)}
    for file in files:
        with doing(f"Reading {file.name}"):
            parts[file.stem] = judged_intents(home, read_test_set(file, "intent"))
    page = Page("What the assistant understands: intents")
    scores = {}
    for name, judged in parts.items():
        scores[name] = intent_scores(judged)
        _add_intents(page, name, judged, scores[name])
    return scores, page


def _add_intents(page: Page, name: str, judged: Sequence[Judged], scores: dict[str, Any]) -> None:
    page.heading(name)
    page.figures({k: v for k, v in scores.items() if isinstance(v, (int, float)) or v is None})
    page.table(["language", "messages", "accuracy"], [(k, *v.values()) for k, v in scores["languages"].items()])
    page.picture(pictures.confusion_matrix(judged), "confusion matrix")
    page.picture(pictures.confidence_histogram(judged), "confidence of right and wrong predictions")
    page.table(
        ["intent", "messages", "precision", "recall", "F1"], [(k, *v.values()) for k, v in scores["intents"].items()]
    )
    wrong = sorted((one for one in judged if not one.is_right), key=lambda one: -one.confidence)
    page.paragraph(f"{len(wrong)} wrong, the surest first:")
    rows = [(one.text, one.intent, one.predicted, one.confidence) for one in wrong[:MOST_ERRORS]]
    page.table(["message", "intent", "predicted", "confidence"], rows)


def _needs(home: Home, files: Sequence[Path]) -> tuple[dict[str, Any], Page]:
    page = Page("What the assistant understands: needs")
    scores = {}
    for file in files:
        with doing(f"Reading {file.name}"):
            messages = read_needs(home, read_test_set(file, "now", "needs"))
        scores[file.stem] = needs_scores(messages)
        _add_needs(page, file.stem, messages, scores[file.stem])
    return scores, page


def _add_needs(page: Page, name: str, messages: Sequence[ReadNeeds], scores: dict[str, Any]) -> None:
    page.heading(name)
    page.figures({k: v for k, v in scores.items() if isinstance(v, (int, float)) or v is None})
    page.picture(pictures.bars({k: v["f1"] or 0.0 for k, v in scores["fields"].items()}, "F1"), "F1 by field")
    page.table(
        ["field", "values", "precision", "recall", "F1"], [(k, *v.values()) for k, v in scores["fields"].items()]
    )
    wrong = [one for one in messages if one.missed or one.invented]
    page.paragraph(f"{len(wrong)} messages with an error:")
    rows = [(one.text, _listed(one.missed), _listed(one.invented)) for one in wrong[:MOST_ERRORS]]
    page.table(["message", "missed", "read without being said"], rows)


def _listed(slots: Sequence[tuple[str, Any]]) -> str:
    return "; ".join(f"{name} {value}" for name, value in slots)


def _show(scores: dict[str, Any]) -> None:
    for name, part in scores.items():
        print(name)
        for figure, value in part.items():
            if isinstance(value, (int, float)) or value is None:
                print(f"  {figure:22}{shown(value)}")
        for language, entry in part.get("languages", {}).items():
            print(f"  accuracy, {language:12}{shown(entry['accuracy'])}")
