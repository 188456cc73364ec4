"""export ocel and export xes: sound by their standards, read by pm4py, and counting what the log counts."""

import json
import os
import sqlite3
import warnings
from collections import Counter
from xml.etree import ElementTree

import pytest

from cli import words
from cli.topic_labels import TOPIC_LABELS, topic_label
from ledger.ledger import Ledger

NAMESPACE = "{http://www.xes-standard.org/}"
ATTRIBUTE_TAGS = {"string", "date", "int", "float", "boolean", "id", "list"}
PYTHON_TYPES = {"integer": int, "boolean": bool, "string": str, "time": str}


@pytest.fixture(scope="module")
def pm4py():
    """The library that reads both standards; it is for the tests alone, and must be there in CI."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pm4py
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("pm4py is not here: `make test` installs it")
    return pm4py


@pytest.fixture
def topics(county):
    """How often each topic is in the log."""
    with Ledger.open(f"sqlite:///{county / 'mingzhang.db'}", None, read_only=True) as ledger:
        return Counter(record.type for record in ledger.store.records())


@pytest.fixture
def in_cases(county):
    """How many entries stand in streams of cases, by topic."""
    with Ledger.open(f"sqlite:///{county / 'mingzhang.db'}", None, read_only=True) as ledger:
        return Counter(one.type for one in ledger.store.records() if one.stream.startswith("case/"))


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_no_two_topics_are_called_the_same(language):
    words.choose(language)
    labels = Counter(topic_label(topic) for topic in TOPIC_LABELS)
    words.choose("en")
    assert [label for label, count in labels.items() if count > 1] == []


def test_ocel_json_holds_every_entry_and_only_what_it_declares(run, county, topics):
    assert run("export", "ocel", "-o", "log.json").exit_code == 0
    log = json.loads((county / "log.json").read_text(encoding="utf-8"))
    assert set(log) == {"events", "objects", "eventTypes", "objectTypes"}
    assert Counter(event["type"] for event in log["events"]) == {topic_label(t): n for t, n in topics.items()}
    assert len({event["id"] for event in log["events"]}) == len(log["events"])
    objects = {one["id"]: one["type"] for one in log["objects"]}
    assert len(objects) == len(log["objects"])
    for things, types in (("events", "eventTypes"), ("objects", "objectTypes")):
        declared = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in log[types]}
        for thing in log[things]:
            for said in thing["attributes"]:
                assert type(said["value"]) is PYTHON_TYPES[declared[thing["type"]][said["name"]]], said
            pairs = [(one["objectId"], one["qualifier"]) for one in thing["relationships"]]
            assert len(set(pairs)) == len(pairs)
            assert all(number in objects for number, _ in pairs)


def test_ocel_database_is_sound_and_equal_to_the_json(run, county, pm4py, topics):
    from pm4py.objects.ocel.validation import ocel20_rel_validation

    for name in ("log.sqlite", "log.json"):
        assert run("export", "ocel", "-o", name).exit_code == 0
    broken = ocel20_rel_validation.apply(str(county / "log.sqlite"))[1]
    assert broken == []
    with sqlite3.connect(county / "log.sqlite") as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    of_json = pm4py.read_ocel2_json(str(county / "log.json"))
    of_database = pm4py.read_ocel2_sqlite(str(county / "log.sqlite"))
    for read in (of_json, of_database):
        assert dict(read.events["ocel:activity"].value_counts()) == {topic_label(t): n for t, n in topics.items()}
    for frame in ("objects", "relations", "o2o"):
        assert len(getattr(of_json, frame)) == len(getattr(of_database, frame)) > 0
    paid = [read.events.groupby("ocel:activity")["amount_fen"].sum().to_dict() for read in (of_json, of_database)]
    assert paid[0] == paid[1]


def test_xes_is_built_as_the_standard_says(run, county, in_cases):
    assert run("export", "xes", "-o", "log.xes").exit_code == 0
    root = ElementTree.parse(county / "log.xes").getroot()
    assert (root.tag, root.get("xes.version")) == (f"{NAMESPACE}log", "1849.2016")
    order = ["extension", "global", "classifier", "attribute", "trace"]
    kinds = [_kind(child) for child in root]
    assert kinds == sorted(kinds, key=order.index)
    declared = {extension.get("prefix") for extension in root if _kind(extension) == "extension"}
    for trace in root.iter(f"{NAMESPACE}trace"):
        inside = [_kind(child) for child in trace]
        assert inside == sorted(inside, key=["attribute", "event"].index)
    for event in root.iter(f"{NAMESPACE}event"):
        keys = [attribute.get("key") for attribute in event]
        assert len(set(keys)) == len(keys)
        assert {"concept:name", "time:timestamp"} <= set(keys)
        assert {key.partition(":")[0] for key in keys if ":" in key} <= declared
    assert len(list(root.iter(f"{NAMESPACE}event"))) == in_cases.total()


def test_xes_is_read_by_pm4py_with_the_counts_of_the_log(run, county, pm4py, in_cases):
    assert run("export", "xes", "-o", "log.xes", "--lang", "zh").exit_code == 0
    read = pm4py.read_xes(str(county / "log.xes"), return_legacy_log_object=False)
    words.choose("zh")
    assert dict(read["concept:name"].value_counts()) == {topic_label(topic): n for topic, n in in_cases.items()}
    words.choose("en")
    days = read.groupby("case:concept:name")["time:timestamp"]
    assert days.apply(lambda times: times.is_monotonic_increasing).all()


def test_a_trace_says_which_steps_were_skipped_and_who_did_the_others(run, county):
    assert run("export", "xes", "-o", "log.xes").exit_code == 0
    root = ElementTree.parse(county / "log.xes").getroot()
    for trace in root.iter(f"{NAMESPACE}trace"):
        said = {one.get("key"): one.get("value") for one in trace if _kind(one) == "attribute"}
        topics = {_of(event)["topic"] for event in trace.iter(f"{NAMESPACE}event")}
        if said.get("outcome") == "confirmed" and not said["skipped"]:
            assert {"authorization.signed/1", "survey.completed/1", "publicity.opened/1"} <= topics
    surveys = [_of(event) for event in root.iter(f"{NAMESPACE}event") if _of(event)["topic"] == "survey.completed/1"]
    assert surveys
    assert all(survey["org:resource"].startswith("MZ") and survey["org:role"] == "survey" for survey in surveys)


def test_only_the_cases_of_a_programme_and_the_entries_before_a_position(run, county):
    cases = run("case", "list", "--programme", "农村低保", "--json").document["rows"]
    assert run("export", "xes", "-o", "rural.xes", "--programme", "rural").exit_code == 0
    traces = list(ElementTree.parse(county / "rural.xes").getroot().iter(f"{NAMESPACE}trace"))
    names = {one.get("value") for trace in traces for one in trace if one.get("key") == "concept:name"}
    assert {row["case"] for row in cases} <= names
    assert run("export", "ocel", "-o", "early.json", "--known-at", 100, "--json").document["events"] == 100


def test_a_folder_that_is_not_there_is_refused_and_an_old_file_stays(run, county):
    missing = run("export", "ocel", "-o", "no/log.json")
    assert missing.exit_code == 2
    (county / "log.json").write_text("old", encoding="utf-8")
    assert run("export", "ocel", "-o", "log.json", "--known-at", "999999999").exit_code == 2
    assert (county / "log.json").read_text(encoding="utf-8") == "old"


# Private


def _kind(element):
    name = element.tag.removeprefix(NAMESPACE)
    return "attribute" if name in ATTRIBUTE_TAGS else name


def _of(event):
    return {one.get("key"): one.get("value") for one in event}
