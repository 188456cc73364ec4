"""The frame: help, languages, errors, exit codes, encodings."""

import importlib
import importlib.metadata
import os
import pkgutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest

import audit
import ledger
import projections
from cli.command import LazyGroup
from cli.failures import TITLES
from cli.main import PLACES, mingzhang


def commands(group: LazyGroup = mingzhang, path: tuple[str, ...] = ()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            if isinstance(command, LazyGroup):
                yield from commands(command, (*path, name))
            else:
                for inner in command.commands.values():
                    yield (*path, name, inner.name or ""), inner
        else:
            yield (*path, name), command


COMMANDS = dict(commands())


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(path, run):
    outcome = run(*path, "--help")
    assert outcome.exit_code == 0
    assert f"mingzhang {' '.join(path)}" in outcome.out.partition("\n")[2]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_takes_the_language_and_json_after_its_name(path):
    options = {option for parameter in COMMANDS[path].params for option in parameter.opts}
    assert {"--lang", "--json"} <= options


def test_the_list_of_commands_imports_none_of_them():
    program = (
        "import sys; from cli.main import mingzhang; mingzhang.main(['--help'], standalone_mode=False);"
        "print([name for name in sys.modules if name.startswith('cli.commands') or name.startswith('pydantic')])"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert outcome.stdout.splitlines()[-1] == "[]"
    assert all(name in outcome.stdout for name in PLACES)


def test_help_follows_the_language_wherever_it_is_asked(run):
    assert "新建空账本" in run("init", "--help", "--lang", "zh").out
    assert "新建空账本" in run("--lang", "zh", "--help").out
    assert "新建空账本" in run("init", "--help", LANG="zh_CN.UTF-8").out
    assert "Make an empty ledger" in run("init", "--help").out


def test_help_in_chinese_has_no_english_word_of_its_own(run):
    for path in COMMANDS:
        out = run(*path, "--help", "--lang", "zh").out
        assert out.startswith("用法：")
        assert "选项:" in out
        assert "显示此帮助后退出" in out


def test_wrong_usage_is_said_in_chinese(run):
    assert "错误：没有选项 --nope" in run("status", "--nope", "--lang", "zh").err
    assert "缺少 'NAME'" in run("register", "--lang", "zh").err


def test_the_version_is_that_of_the_distribution(run):
    assert run("--version").out == f"mingzhang {importlib.metadata.version('mingzhang')}\n"


@pytest.mark.parametrize("arguments", [("nope",), ("status", "--nope"), ("register", "nope"), ("register",)])
def test_wrong_usage_ends_with_2(run, arguments):
    outcome = run(*arguments)
    assert (outcome.exit_code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: mingzhang")
    assert "Error: " in outcome.err


def test_no_ledger_is_said_with_what_to_do(run):
    outcome = run("status", "--db", "none.db")
    assert (outcome.exit_code, outcome.out) == (2, "")
    assert outcome.err.splitlines() == [
        "Error: There is no ledger here",
        "  where  none.db",
        "  mend   run `mingzhang init`, or say with --db where the ledger is",
    ]
    assert "错误：此处没有账本" in run("status", "--db", "none.db", "--lang", "zh").err


def test_an_address_that_is_none_is_refused(run):
    outcome = run("status", "--db", "mysql://user:secret@host/db")
    assert outcome.exit_code == 2
    assert "secret" not in outcome.err


def test_a_file_of_something_else_is_no_ledger(run, tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE t (x)")
    assert run("status", "--db", "other.db").exit_code in (2, 3)
    (tmp_path / "text.db").write_text("not a database at all")
    outcome = run("status", "--db", "text.db")
    assert outcome.exit_code in (2, 3)
    assert "Traceback" not in outcome.err


def test_a_traceback_is_shown_only_when_asked_for(run):
    assert "Traceback" in run("status", "--db", "none.db", MINGZHANG_DEBUG="1").err
    assert "Traceback" not in run("status", "--db", "none.db", MINGZHANG_DEBUG="0").err


def test_the_ledger_is_chosen_by_option_then_environment(run, tmp_path):
    assert run("init", "--db", tmp_path / "absolute.db").exit_code == 0
    assert run("init", "--db", "sqlite:///relative.db").exit_code == 0
    assert (tmp_path / "relative.db.keys").is_dir()
    assert run("status", "--db", f"sqlite:///{tmp_path}/absolute.db").exit_code == 0
    assert run("status", MINGZHANG_DB="sqlite:///relative.db").exit_code == 0
    assert run("status").exit_code == 2


def program(*arguments: str, folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return subprocess.Popen(
        [sys.executable, "-c", "from cli.main import main; main()", *arguments],
        cwd=folder,
        env={**variables, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_locale_without_chinese_still_gets_utf_8(tmp_path):
    posix = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    out, _ = program("init", "--lang", "zh", folder=tmp_path, **posix).communicate()
    assert "已新建账本" in out.decode("utf-8")
    out, _ = program("status", "--json", folder=tmp_path, PYTHONIOENCODING="ascii").communicate()
    assert out.decode("utf-8").startswith('{"log": "mingzhang.local/ledger"')


def test_a_closed_pipe_is_no_traceback_and_no_finding(county):
    process = program("register", "verifications", folder=county)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait() == 141
    assert b"Traceback" not in process.stderr.read()


def test_an_interrupt_is_no_traceback(tmp_path):
    (tmp_path / "wait.fifo").touch()
    waiting = (
        "import signal, os, click; from cli import main;"
        "main.mingzhang.add_command(click.Command('wait', callback=lambda: os.kill(os.getpid(), signal.SIGINT)));"
        "main.main()"
    )
    outcome = subprocess.run([sys.executable, "-c", waiting, "wait"], capture_output=True, check=False)
    assert outcome.returncode == 128 + signal.SIGINT
    assert b"Traceback" not in outcome.stderr
    assert b"Interrupted" in outcome.stderr


def test_every_error_that_a_library_raises_has_words_for_people():
    packages = (audit, ledger, projections)
    modules = [
        importlib.import_module(one.name)
        for package in packages
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not one.name.startswith("audit.verifiers.")  # stand alone, with words of their own
    ]
    inner = {
        "AttemptFailed",
        "NotPossibleHere",
        "SealError",
        "Untestable",
        "NotApplicable",
    }  # caught where they are expected
    roots = {"AuditError", "KeyFileError", "LedgerError", "ProjectionError", "StoreError", "CaseUnknown"}
    roots |= {"ContradictionRefused", "ExplainedError", "WitnessError"}
    errors = {
        name
        for module in modules
        for name, found in vars(module).items()
        if isinstance(found, type) and issubclass(found, Exception) and found.__module__ == module.__name__
    }
    assert {name for name in errors if not name.startswith("_")} - set(TITLES) - roots - inner == set()
