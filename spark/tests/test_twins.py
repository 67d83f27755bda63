"""Speculative twins: Spark starts a slow task a second time, elsewhere, and takes who ends first. The bundle is that of a run without them.

A twin never runs on the host of the first, and `local-cluster` has one host alone. So this cluster has two addresses of the loopback.
"""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyspark
import pytest
from conftest import COMMAND, Shop, driver_environment, driver_words, is_long, same_files

HOSTS = ("127.0.0.2", "127.0.0.3")

#: The first worker of a job gives its answer's beginning and no more, until Spark ends its task.
STRAGGLER = """#!/bin/sh
for word; do case "$last" in --job) job=$word;; esac; last=$word; done
if [ -n "$job" ] && rmdir {marks}/$job 2>/dev/null; then
  {command} "$@" | {{
    head -c 300
    touch {marks}/$job.stalled
    while kill -0 $PPID 2>/dev/null; do sleep 0.2; done
  }}
  exit 1
fi
exec {command} "$@"
"""

#: A task of more than two seconds has a twin as soon as half of its stage is done, or alone in its stage.
SPECULATION = {
    "spark.speculation": "true",
    "spark.speculation.quantile": "0.5",
    "spark.speculation.multiplier": "1.1",
    "spark.speculation.minTaskRuntime": "2s",
    "spark.speculation.task.duration.threshold": "2s",
    "spark.cores.max": "2",
    "spark.executor.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
}


@contextmanager
def running(environment: dict[str, str], kind: str, *words: str) -> Iterator[None]:
    """A daemon of Spark's own cluster."""
    program = str(Path(pyspark.__file__).parent / "bin" / "spark-class")
    silent: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([program, f"org.apache.spark.deploy.{kind}", "--webui-port", "0", *words], env=environment, **silent) as daemon:
        try:
            yield
        finally:
            daemon.terminate()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """Of a cluster of two executors on two hosts."""
    try:
        for host in HOSTS:
            with socket.socket() as one:
                one.bind((host, 0))
    except OSError:
        pytest.skip(f"the loopback has no address {host}")
    port = free_port()
    environment = {**os.environ, "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC", "SPARK_DAEMON_MEMORY": "256m"}
    address = f"spark://127.0.0.1:{port}"
    with ExitStack() as daemons:
        daemons.enter_context(running(environment, "master.Master", "--host", "127.0.0.1", "--port", str(port)))
        for host in HOSTS:
            words = ("--host", host, "--cores", "1", "--memory", "1g", "--work-dir", str(tmp_path / host), address)
            daemons.enter_context(running(environment, "worker.Worker", *words))
        yield address


def twins_in(log: Path) -> int:
    """How many tasks were started a second time although the first attempt still ran."""
    events = [json.loads(line) for path in log.rglob("events_*") for line in path.read_text().splitlines()]
    return sum(event["Event"] == "SparkListenerTaskStart" and event["Task Info"]["Speculative"] for event in events)


@is_long
def test_a_slow_tasks_twin_changes_no_byte(master: str, shop: Shop, distributed: Any, tmp_path: Path) -> None:
    jobs = ("inputs", "encode", "solve", "moments")
    marks, log, script = tmp_path / "marks", tmp_path / "log", tmp_path / "tailrec.sh"
    for folder in (log, *(marks / job for job in jobs)):
        folder.mkdir(parents=True)
    # No worker merges events: what is merged is that of the run without twins.
    stages = Path(distributed["bundleFolder"]).parent / "stages"
    shutil.copytree(stages, tmp_path / "out" / "stages", ignore=shutil.ignore_patterns("encoded", "factors", "moments"))
    script.write_text(STRAGGLER.format(marks=marks, command=" ".join(COMMAND)))
    script.chmod(0o755)
    options = {**SPECULATION, "spark.eventLog.dir": log.as_uri()}
    submitted = " ".join([f"--master {master}", *(f"--conf {name}={value}" for name, value in options.items())])
    words = driver_words(shop.summed, tmp_path / "out", [str(script)], "--collaborative", "distributed", "--no-evaluate")
    done = subprocess.run(words, env=driver_environment(submitted), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]

    # Every job had a worker that never ended: who wrote its rows is the other attempt of that task.
    assert {path.name for path in marks.iterdir()} == {f"{job}.stalled" for job in jobs}
    assert twins_in(log) >= len(jobs)
    assert list((tmp_path / "out" / "stages").rglob("_temporary")) == []
    assert same_files(tmp_path / "out" / "bundle", Path(distributed["bundleFolder"]))
