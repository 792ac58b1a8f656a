"""Synthetic estates with known truth, read into a store."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from analytics.ingest import IngestOptions, IngestSummary, ingest
from analytics.planning import open_session
from analytics.sql import Session
from analytics.store import Store
from analytics.synth import Knobs, write_estate
from tests.model.walk import Walk, walk_all


@dataclass
class Estate:
    """An estate after ingest: its truth and a session over its store."""

    folder: Path
    summary: IngestSummary
    session: Session
    jobs: pd.DataFrame
    boundaries: pd.DataFrame


def read_truth(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Jobs and boundaries that the simulation wrote beside an estate."""
    truth = folder.with_name(folder.name + ".truth")
    jobs = pd.read_csv(truth / "jobs.csv", encoding="utf-8-sig", keep_default_na=False)
    boundaries = pd.read_csv(truth / "boundaries.csv", encoding="utf-8-sig")
    boundaries["at"] = pd.to_datetime(boundaries["at"], format="ISO8601", utc=True)
    return jobs, boundaries


@pytest.fixture
def estate(tmp_path: Path):
    """A maker of estates; sessions are closed at the end."""
    sessions = []

    def make(options: IngestOptions | None = None, **knobs: object) -> Estate:
        folder = tmp_path / f"estate{len(sessions)}"
        write_estate(folder, Knobs(**knobs))
        store = Store.create_or_open(tmp_path / f"store{len(sessions)}")
        summary = ingest(store, [folder], options)
        session = open_session(store, keep=False)
        sessions.append(session)
        return Estate(folder, summary, session, *read_truth(folder))

    yield make
    for session in sessions:
        session.close()


@pytest.fixture(scope="session")
def walk(tmp_path_factory) -> Walk:
    """What each sample store, and each store of written logs, yields; worked out once for all test processes."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # what the processes of one run share
    shared /= "walk"
    shared.mkdir(exist_ok=True)
    return walk_all(shared, tmp_path_factory.mktemp("walked"))
