"""`mingzhang audit verifiers`: writes out the two verifiers of dossiers that are handed to an inspector."""

from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import click

from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.output import print_json, print_line, print_note
from cli.words import LANGUAGES, N_, _

NAMES = ("verify_dossier.py", "verifier.html")


@click.command(
    "verifiers",
    cls=Command,
    help=N_(
        "Write the two verifiers of dossiers into a folder, to be handed to an inspector.\n\n"
        "verify_dossier.py needs Python and the package cryptography; verifier.html needs only a browser. Neither uses"
        " this program or a network. An inspector compares the SHA-256 with one that he has from elsewhere."
    ),
    example="mingzhang audit verifiers for-the-inspector",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", cls=Option, is_flag=True, help=N_("Print one JSON document for machines."))
@click.option(
    "--lang",
    cls=Option,
    type=click.Choice(LANGUAGES),
    expose_value=False,  # chosen before the command line was read: see cli/words.py
    help=N_("The language of headings and messages; that of the locale unless given."),
)
def verifiers_command(folder: Path, as_json: bool) -> ExitCode:
    """Write both files as they were released and print the SHA-256 of each; other files there are left alone."""
    contents = {name: (files("audit") / "verifiers" / name).read_bytes() for name in NAMES}
    differing = [name for name, content in contents.items() if _differs(folder / name, content)]
    if differing:
        raise BadOption(
            _("There is another file of this name, which is never overwritten"),
            where=str(folder / differing[0]),
            mend=_("take it away, or choose another folder"),
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    digests = {name: sha256(content).hexdigest() for name, content in contents.items()}
    if as_json:
        print_json({"folder": str(folder), "files": [{"name": name, "sha256": digests[name]} for name in NAMES]})
        return ExitCode.SOUND
    for name, digest in digests.items():
        print_line(f"{digest}  {folder / name}")
    print_note(_("An inspector's policy must come from the inspector, never with the dossier."))
    return ExitCode.SOUND


# Private


def _differs(path: Path, content: bytes) -> bool:
    return path.exists() and (not path.is_file() or path.read_bytes() != content)
