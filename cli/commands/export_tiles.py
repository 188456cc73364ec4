"""`mingzhang export tiles`: the log as files in the layout of c2sp.org/tlog-tiles, up to the latest checkpoint."""

from pathlib import Path

import click

from audit.finding import base64
from audit.signed_checkpoint import latest_checkpoint
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_note, progress
from cli.trust import log_keys
from cli.words import N_, _
from ledger.tile_export import export_tiles


@click.command(
    "tiles",
    cls=Command,
    help=N_(
        "Write the log into the folder DIR as tiles that anyone can serve and verify.\n\n"
        "The layout is that of c2sp.org/tlog-tiles: tiles, bundles of entries, and the latest signed checkpoint, "
        "which is how far the folder reaches. Run again, it goes on where it stopped. Entries hold no personal data "
        "in the open; the sealed parts are left out unless --with-blobs.\n\n"
        "Exit codes: 0 written, 1 the folder or the checkpoint is not one of this log as it stands, 3 could not "
        "write or nothing is signed."
    ),
    example="""
        mingzhang audit checkpoint
        mingzhang export tiles public
        mingzhang audit verify --tiles public --vkey county.vkey
    """,
)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-blobs", cls=Option, is_flag=True, help=N_("Also write the sealed parts, still sealed."))
@common_options
def export_tiles_command(context: Context, folder: Path, with_blobs: bool) -> ExitCode:
    """Write what is missing, the checkpoint last."""
    with context.open_store() as store, store.snapshot() as reader:
        note, checkpoint = latest_checkpoint(reader, log_keys(context, store, reader))
        if with_blobs and reader.withholds_sealed:
            raise BadOption(
                _("This login may not read the sealed parts"), where="--with-blobs", found=str(context.address)
            )
        newer = reader.head().size - checkpoint.size
        with progress(_("Entries written"), checkpoint.size) as advance:
            done = export_tiles(reader, checkpoint, note, folder, with_blobs=with_blobs, on_progress=advance)
    root = base64(checkpoint.root)
    if context.as_json:
        facts = {"folder": str(folder), "from": done.start, "files": done.files, "blobs": done.blobs}
        print_json({"log": checkpoint.origin, "size": checkpoint.size, "root": root, **facts, "newer_entries": newer})
        return ExitCode.SOUND
    print_fields(
        {
            _("log"): checkpoint.origin,
            _("entries"): f"{checkpoint.size:,}",
            _("root"): root,
            _("files written"): f"{done.files:,}",
            _("written to"): str(folder),
        }
    )
    if newer:
        text = _("{count:,} newer entries are not in it: sign them with `mingzhang audit checkpoint` first.")
        print_note(text.format(count=newer))
    return ExitCode.SOUND
