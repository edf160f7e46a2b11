"""`evaluate recommend|spend|purchase|leads`: how good what was learned from sales is."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from bot.cli.places import store
from crm_store.database import connect, migrate, reading, sessions, writing
from crm_store.demo import load_demo, truth
from crm_store.demo.preferences import true_preferences
from crm_store.home import Home
from crm_store.lead_records import LeadRecord, lead_records
from models.evaluation.page import Page, shown
from models.evaluation.purchase import evaluate_groups, evaluate_purchase
from models.evaluation.recommendation import compare_with_truth, evaluate_recommendations
from models.evaluation.report import Report, cut_in_time, reliability_diagram
from models.evaluation.spend import evaluate_spend
from models.leads.evaluation import evaluate_leads, open_leads_against_truth
from models.leads.scorer import LeadScorer
from models.learning import learn_spend
from models.offers.next_best_offer import NextBestOffer
from models.preparation.frames import SalesFrames, sales_frames

SEED, CUSTOMERS = 7, 3000  # of the demo shop


@dataclass(frozen=True, slots=True)
class Sales:
    """What is measured on; the truth is known of the demo shop alone."""

    frames: SalesFrames
    leads: list[LeadRecord]
    is_demo: bool

    def preferences(self, as_of: datetime | None = None) -> list[dict[str, float]]:
        """What the demo's customers want, in the order of their ids."""
        return true_preferences(seed=SEED, now=self.frames.now, customers=CUSTOMERS, as_of=as_of)


def sales_of(home: Home, demo: bool) -> Sales:
    """The home's own sales, or those of a demo shop made for the occasion."""
    now = datetime.now(UTC)
    if not demo:
        with store(home) as factory, reading(factory) as session:
            return Sales(sales_frames(session, now), lead_records(session), False)
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'demo.db'}")
        try:
            migrate(engine)
            with writing(sessions(engine)) as session:
                load_demo(session, seed=SEED, now=now, customers=CUSTOMERS)
            with reading(sessions(engine)) as session:
                return Sales(sales_frames(session, now), lead_records(session), True)
        finally:
            engine.dispose()


def recommend_report(sales: Sales) -> Report:
    """Next best offers beside baselines, and beside the truth where there is one."""
    report = evaluate_recommendations(sales.frames)
    if sales.is_demo:
        offers = NextBestOffer().fit(sales.frames, learn_spend(sales.frames))
        beside = compare_with_truth(sales.frames, sales.preferences(), offers)
        report.figures["truth"] = beside
        report.compare("Offers beside what the simulated customers truly want", beside)
    return report


def spend_report(sales: Sales) -> Report:
    """What customers spend."""
    frames = sales.frames
    return evaluate_spend(
        frames.lines, frames.customers, frames.now, truth=truth.expected_spend if sales.is_demo else None
    )


def purchase_report(sales: Sales) -> Report:
    """What category comes next, and what groups there are."""
    frames, wanted = sales.frames, None
    if sales.is_demo:
        wanted = _by_category(sales, cut_in_time(frames.lines))
    report = evaluate_purchase(frames.lines, frames.customers, frames.now, wanted=wanted)
    groups = evaluate_groups(frames.lines, frames.customers, frames.now)
    report.figures["groups"] = groups.figures
    report.tables |= groups.tables
    report.pictures |= groups.pictures
    return report


def leads_report(sales: Sales) -> Report:
    """Which leads buy."""
    found = evaluate_leads(sales.leads, sales.frames.now, against_truth=sales.is_demo)
    report = Report({"learned_from": found.learned_from, "tested_on": found.tested_on, **found.scores})
    report.compare(f"{found.tested_on} later leads, learned from {found.learned_from} earlier ones", found.scores)
    report.pictures["chance and share that was won"] = reliability_diagram({"ours": (found.chances, found.outcomes)})
    if sales.is_demo:
        scorer = LeadScorer().fit(sales.leads, sales.frames.now)
        report.figures["open leads beside the truth"] = open_leads_against_truth(sales.leads, scorer, sales.frames.now)
    return report


REPORTS = {
    "recommend": ("Recommendations", recommend_report),
    "spend": ("Spend", spend_report),
    "purchase": ("Purchases", purchase_report),
    "leads": ("Leads", leads_report),
}


def page_of(title: str, report: Report) -> Page:
    """The report as a page."""
    page = Page(title)
    for name, (columns, rows) in report.tables.items():
        page.heading(name)
        page.table(columns, rows)
    for words, png in report.pictures.items():
        page.heading(words)
        page.picture(png, words)
    return page


def print_tables(report: Report) -> None:
    """The tables of models and figures as text; lists of errors are for the page."""
    for name, (columns, rows) in report.tables.items():
        if columns[0]:
            continue
        print(name)
        widths = [max(len(shown(cell)) for cell in column) for column in zip(columns, *rows, strict=True)]
        for row in (columns, *rows):
            print("  " + "  ".join(f"{shown(cell):>{width}}" for cell, width in zip(row, widths, strict=True)))


def _by_category(sales: Sales, as_of: datetime) -> pd.DataFrame:
    """Customers x categories: how many orders with each the simulation expects."""
    category = dict(zip(sales.frames.products["product"], sales.frames.products["category"], strict=True))
    rows = []
    for preferences in sales.preferences(as_of):
        wanted: dict[str, float] = defaultdict(float)
        for product, expected in preferences.items():
            wanted[category[product]] += expected
        rows.append(wanted)
    return pd.DataFrame(rows, index=sales.frames.customers.index).fillna(0.0)
