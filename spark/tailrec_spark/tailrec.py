"""The program `tailrec` as this package calls it: by a command line, with answers as JSON."""

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class TailrecError(RuntimeError):
    """What the program said, with its exit status: 2 bad input, 3 something is missing, 1 a fault of ours."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def command_of(command: str | Sequence[str] | None) -> list[str]:
    """The words that start tailrec: as given, else TAILREC_COMMAND, else `tailrec` from the path."""
    given = command if command is not None else os.environ.get("TAILREC_COMMAND", "tailrec")
    return shlex.split(given) if isinstance(given, str) else list(given)


def run_tailrec(command: Sequence[str], arguments: Sequence[str]) -> Any:
    """Runs a verb with --json and gives its answer. TailrecError with its message where it fails."""
    done = subprocess.run([*command, *arguments, "--json"], capture_output=True, text=True, check=False)
    return answer_of(done.returncode, done.stdout, done.stderr)


def run_asking(command: Sequence[str], arguments: Sequence[str], answers: Mapping[str, Callable[[str], None]]) -> Any:
    """The same with a program that asks on its way: what and a folder as a line of JSON, and a line back when `answers[what]` has ended."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        with subprocess.Popen(
            [*command, *arguments, "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            try:
                answer: list[str] = []
                for line in process.stdout:
                    asked = question_in(line)
                    if asked is None or asked[0] not in answers:
                        answer.append(line)
                    else:
                        answers[asked[0]](asked[1])
                        process.stdin.write("done\n")
                        process.stdin.flush()
            except BaseException:
                process.kill()
                raise
        said.seek(0)
        return answer_of(process.returncode, "".join(answer), said.read())


def question_in(line: str) -> tuple[str, str] | None:
    """What is asked, and its folder; None for a line of the answer, which is one document over many lines."""
    if not (line.startswith('{"') and line.rstrip().endswith("}")):
        return None
    document = json.loads(line)
    what, folder = next(iter(document.items()))
    return (str(what), str(folder)) if len(document) == 1 else None


def answer_of(status: int, answer: str, said: str) -> Any:
    if status != 0:
        raise TailrecError(status, "\n".join([said.strip(), *failed_checks(answer)]).strip())
    return json.loads(answer)


def failed_checks(answer: str) -> list[str]:
    """What the checks of `validate` found, where that is what failed."""
    try:
        checks = json.loads(answer)["checks"]
    except (ValueError, KeyError, TypeError):
        return []
    return [str(check["detail"]) for check in checks if check["state"] == "failed"]


@dataclass(frozen=True)
class Pipeline:
    """A pipeline file that tailrec has checked, with every default filled."""

    path: str
    #: Where relative paths of the file start.
    folder: str
    config: Mapping[str, Any]
    #: The folder, in a stage folder, of what today's encoders make.
    encoded: str
    #: Names of the encoded blocks.
    blocks: tuple[str, ...]

    def located(self, path: str) -> str:
        """A path of the file as Spark opens it; addresses such as s3a://... stay."""
        return path if "://" in path else os.path.join(self.folder, path)


def load_pipeline(path: str, command: Sequence[str]) -> Pipeline:
    """Reads the file by `tailrec validate --file-only`. TailrecError names every wrong key and its line."""
    answer = run_tailrec(command, ["validate", path, "--file-only"])
    encoded = answer["encoded"]
    blocks = tuple(str(block["name"]) for block in encoded["blocks"])
    return Pipeline(os.path.abspath(path), answer["folder"], answer["config"], encoded["folder"], blocks)
