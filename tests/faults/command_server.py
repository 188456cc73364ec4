"""Runs commands in processes of their own without loading the program each time: for tests that kill many of them.

A line of JSON on stdin, {"arguments": […], "folder": …, "file_bytes_max": … or null, "killed_after": seconds or null},
forks a process that runs the command. When it has ended, a line of JSON answers on stdout: {"code": …, "output": …}, a
negative code for a signal, and what it printed on stdout and stderr.
"""

import json
import os
import resource
import signal
import sys
import time
import traceback


def run(arguments: list[str], folder: str, file_bytes_max: int | None) -> int:
    """Run one command in this process and return its exit code."""
    from cli.main import main

    os.chdir(folder)
    if file_bytes_max is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write fails, as it does on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))
    sys.argv = ["mingzhang", *arguments]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def serve() -> None:
    """Answer requests until stdin ends."""
    import audit.verification
    import cli.commands.backup
    import cli.commands.restore
    import ledger.postgres_new_log

    assert audit and cli and ledger
    for line in sys.stdin:
        request = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            for stream in (1, 2):
                os.dup2(writing, stream)
            sys.stdout, sys.stderr = (os.fdopen(stream, "w", encoding="utf-8") for stream in (1, 2))
            code = 70
            try:
                code = run(request["arguments"], request["folder"], request["file_bytes_max"])
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        os.close(writing)
        if request["killed_after"] is not None:
            time.sleep(request["killed_after"])
            os.kill(child, signal.SIGKILL)  # one that has ended stands until it is waited for
        with os.fdopen(reading, encoding="utf-8") as printed:
            output = printed.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps({"code": code, "output": output}), flush=True)


if __name__ == "__main__":
    serve()
