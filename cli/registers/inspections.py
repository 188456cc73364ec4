"""The register inspections (双随机抽查与整改)."""

import datetime
from typing import Final

from cli.columns import RECTIFIED, columns_named
from cli.register_table import Answer, Block, RegisterTable
from cli.words import N_
from domain.vocabulary import (
    AbandonGround,
    EvidenceKind,
    FindingKind,
    FindingSeverity,
    InspectionOutcome,
    PublicPlace,
    Weighting,
)
from ledger.ledger import Ledger
from projections.database import Database
from projections.inspections import inspections
from projections.scope import Scope


def _inspections(_ledger: Ledger, database: Database, scope: Scope) -> Answer:
    return inspections(database, scope, datetime.date.today())


REGISTER: Final = RegisterTable(
    N_("Inspections: drawn cases, findings, rectification"),
    _inspections,
    (
        *columns_named(
            "number",
            "case",
            "status",
            "days_late",
            "inspectors",
            "others_went",
            "inspected_on",
            "result",
            "finding_number",
            "problem",
            "severity",
            "due_on",
            "extended",
            "reported_on",
            "evidence",
            result=InspectionOutcome,
            problem=FindingKind,
            severity=FindingSeverity,
            evidence=EvidenceKind,
        ),
        RECTIFIED,
        *columns_named("position"),
    ),
    (
        Block(
            "draws",
            N_("Draws"),
            columns_named(
                "number",
                "plan",
                "attempt",
                "state",
                "announced_on",
                "weighting",
                "pool",
                "sample",
                "inspected",
                "findings",
                "overdue",
                "published_on",
                "place",
                "abandoned_on",
                "given_up_for",
                "checkpoint_size",
                "seed",
                "pool_fingerprint",
                weighting=Weighting,
                place=PublicPlace,
                given_up_for=AbandonGround,
            ),
        ),
        Block("totals", N_("Totals"), columns_named("status", "count"), "status"),
    ),
    source="国务院办公厅关于推广随机抽查规范事中事后监管的通知（国办发〔2015〕58号）",
)
