"""A pipeline on Spark writes the bundle of one machine, whatever dies on the way."""

import filecmp
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import COMMAND, Shop
from pyspark.sql import SparkSession

from tailrec_spark import Sources, TailrecError, TailrecPipeline
from tailrec_spark.factors import fit_by_sweeps, settled
from tailrec_spark.workers import TEXT, map_by_worker, schema_of


def test_has_the_figures_of_one_machine_though_spark_has_ranked_the_users(answers: tuple[Any, Any], shop: Shop) -> None:
    mine, theirs = answers
    assert mine["reports"] == theirs["reports"]
    assert len(mine["reports"][0]["results"]) > 0
    rankings = list((shop.folder / "out" / "stages" / "rankings").glob("*/answers/_SUCCESS"))
    assert len(rankings) >= len(mine["reports"]) - 1


def test_reports_the_rejects_of_one_machine(answers: tuple[Any, Any]) -> None:
    mine, theirs = (answer["ingestReport"] for answer in answers)
    for name in ("rows", "rejected", "users", "pairs", "merged", "withoutTime", "ignoredEvents", "belowMinimum"):
        assert mine["interactions"][name] == theirs["interactions"][name], name
    assert mine["interactions"]["weightUnit"] == theirs["interactions"]["weightUnit"]
    assert mine["interactions"]["decay"] == pytest.approx(theirs["interactions"]["decay"])
    reasons = [{reason["reason"]: reason["count"] for reason in report["summary"]} for report in (mine, theirs)]
    assert reasons[0] == reasons[1]
    assert {"unknown item": 1, "missing user id": 1, "unknown event": 1, "unparsable time": 1}.items() <= reasons[0].items()


def test_hands_on_what_could_not_be_encoded(answers: tuple[Any, Any]) -> None:
    mine, theirs = (answer["featureReport"]["unusable"] for answer in answers)
    assert mine == theirs
    assert [unusable["code"] for unusable in mine] == ["FILE_NOT_FOUND"]


def test_takes_tables_from_elsewhere_in_any_format_of_spark(spark: SparkSession, shop: Shop, tmp_path: Path) -> None:
    tables = {
        "events": spark.read.option("header", True).csv(str(shop.folder / "tiny" / "events.csv")),
        "items": spark.read.json(str(shop.folder / "tiny" / "items.jsonl")),
    }
    for name, table in tables.items():
        table.coalesce(1).write.orc(str(tmp_path / name))
    sources = Sources(str(tmp_path / "events"), str(tmp_path / "items"), "orc")
    pipeline = TailrecPipeline(spark, str(shop.pipeline), sources=sources, command=COMMAND, output=str(tmp_path / "out"))
    answer = pipeline.run(evaluate=False)
    assert answer["ingestReport"]["interactions"]["rejected"] == shop.single["ingestReport"]["interactions"]["rejected"]
    mine, theirs = (Path(run["bundleFolder"]) for run in (answer, shop.single))
    # The manifest has the figures of an evaluation, which this run leaves out.
    names = sorted(path.name for path in theirs.iterdir() if path.name != "manifest.json")
    assert filecmp.cmpfiles(mine, theirs, names, shallow=False) == (names, [], [])


@pytest.mark.parametrize("encoding", ["windows-1252", "latin1", "utf-16"])
def test_reads_tables_in_the_encoding_that_the_pipeline_names(spark: SparkSession, tmp_path: Path, encoding: str) -> None:
    titles = {"a": "Amélie", "b": "Les Misérables – €"}
    table = "".join(f"{item},{title}\n" for item, title in {"item_id": "title", **titles}.items())
    (tmp_path / "items.csv").write_bytes(table.encode("utf-16le" if encoding == "utf-16" else "windows-1252"))
    (tmp_path / "events.csv").write_text("user_id,item_id\nu,a\nv,b\n")
    data = f"interactions: {{ path: events.csv }}, items: {{ path: items.csv, encoding: {encoding}, columns: {{ title: title }} }}"
    (tmp_path / "films.yaml").write_text(f"name: films\ndata: {{ {data} }}\nfeatures: {{}}\noutput: out\n")
    pipeline = TailrecPipeline(spark, str(tmp_path / "films.yaml"), command=COMMAND, output=str(tmp_path / "out"))
    option = "spark.sql.legacy.javaCharsets"
    if encoding != "utf-16" and spark.version >= "4":
        with pytest.raises(TailrecError, match=f"items.csv in windows-1252: set {option} to true"):
            pipeline.items()
    spark.conf.set(option, "true")
    try:
        assert {row["item_id"]: row["title"] for row in pipeline.items().collect()} == titles
    finally:
        spark.conf.unset(option)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "::"])
@pytest.mark.parametrize("has_header", [True, False])
def test_finds_what_separates_fields(spark: SparkSession, tmp_path: Path, delimiter: str, has_header: bool) -> None:
    other = ";" if delimiter == "," else ","
    titles = {"a": f"Mug{other} blue{other} large{other} round", "b": f'"Bowl{delimiter} {other} deep"'}
    header = [] if has_header else ["item_id", "brand", "title"]
    lines = ([["item_id", "brand", "title"]] if has_header else []) + [[item, "x", title] for item, title in titles.items()]
    (tmp_path / "items.csv").write_text("".join(delimiter.join(line) + "\n" for line in lines))
    (tmp_path / "events.csv").write_text("user_id;item_id\nu;a\nv;b\n")
    items = f"{{ path: items.csv, columns: {{ title: title }}{', header: [' + ', '.join(header) + ']' if header else ''} }}"
    (tmp_path / "mugs.yaml").write_text(f"name: mugs\ndata: {{ interactions: {{ path: events.csv }}, items: {items} }}\nfeatures: {{}}\noutput: out\n")
    pipeline = TailrecPipeline(spark, str(tmp_path / "mugs.yaml"), command=COMMAND, output=str(tmp_path / "out"))
    assert {row["item_id"]: row["title"] for row in pipeline.items().collect()} == {item: title.strip('"') for item, title in titles.items()}
    pipeline.merge()
    assert json.loads((Path(pipeline.stages) / "pairs.json").read_text())["rows"] == 2


@pytest.mark.parametrize("named", ["", ", delimiter: ';'"])
def test_refuses_a_line_that_declares_the_delimiter(spark: SparkSession, tmp_path: Path, named: str) -> None:
    (tmp_path / "items.csv").write_text("sep=;\nitem_id;title\na;Mug\n")
    (tmp_path / "events.csv").write_text("user_id,item_id\nu,a\n")
    data = f"interactions: {{ path: events.csv }}, items: {{ path: items.csv{named}, columns: {{ title: title }} }}"
    (tmp_path / "mugs.yaml").write_text(f"name: mugs\ndata: {{ {data} }}\nfeatures: {{}}\noutput: out\n")
    pipeline = TailrecPipeline(spark, str(tmp_path / "mugs.yaml"), command=COMMAND, output=str(tmp_path / "out"))
    with pytest.raises(TailrecError, match="items.csv begins with a line that declares its delimiter: remove it"):
        pipeline.items()


def test_names_the_columns_of_tables_without_a_header_line(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "items.dat").write_text("a::Harbour mug\nb::Meadow mug\n")
    (tmp_path / "events.csv").write_text("u,a\nv,b\n")

    def pipeline_with(names: str) -> TailrecPipeline:
        items = f"{{ path: items.dat, format: csv, delimiter: '::', header: [{names}], columns: {{ title: title }} }}"
        data = f"interactions: {{ path: events.csv, header: [user_id, item_id] }}, items: {items}"
        (tmp_path / "mugs.yaml").write_text(f"name: mugs\ndata: {{ {data} }}\nfeatures: {{}}\noutput: out\n")
        return TailrecPipeline(spark, str(tmp_path / "mugs.yaml"), command=COMMAND, output=str(tmp_path / "out"))

    pipeline = pipeline_with("item_id, title")
    assert {row["item_id"]: row["title"] for row in pipeline.items().collect()} == {"a": "Harbour mug", "b": "Meadow mug"}
    pipeline.merge()
    pairs = spark.read.parquet(str(Path(pipeline.stages) / "pairs")).collect()
    assert {(row["user"], row["item"]) for row in pairs} == {("u", "a"), ("v", "b")}
    with pytest.raises(TailrecError, match="items.dat has 2 columns, and the pipeline's header names 3"):
        pipeline_with("item_id, title, brand").items()


def test_goes_on_from_what_is_written(spark: SparkSession, shop: Shop, answers: tuple[Any, Any]) -> None:
    again = TailrecPipeline(spark, str(shop.pipeline), command=COMMAND)
    before = os.stat(Path(again.stages) / "pairs.json").st_mtime_ns
    assert again.encode() == 0
    again.merge()
    assert os.stat(Path(again.stages) / "pairs.json").st_mtime_ns == before


def test_encodes_again_what_was_lost_and_what_has_changed(spark: SparkSession, shop: Shop, answers: tuple[Any, Any]) -> None:
    pipeline = TailrecPipeline(spark, str(shop.pipeline), command=COMMAND, output=str(shop.folder / "changed"))
    assert pipeline.encode() == 12
    items = shop.folder / "tiny" / "items.jsonl"
    text = items.read_text()
    try:
        items.write_text(text.replace("A porcelain mug", "One porcelain mug"))
        changed = text.count("A porcelain mug")
        assert pipeline.encode() == changed > 0
    finally:
        items.write_text(text)
    folder = Path(pipeline.stages) / pipeline.pipeline.encoded
    rows = [pq.ParquetFile(part).metadata.num_rows for part in folder.glob("*.parquet")]
    lost = max(folder.glob("*.parquet"), key=lambda part: pq.ParquetFile(part).metadata.num_rows)
    lost.unlink()
    assert sum(rows) == 12 + changed
    assert pipeline.encode() > 0
    assert pipeline.encode() == 0


def test_lists_and_vectors_are_those_of_the_bundle(spark: SparkSession, shop: Shop, answers: tuple[Any, Any]) -> None:
    pipeline = TailrecPipeline(spark, str(shop.pipeline), command=COMMAND)
    users = spark.createDataFrame([("u1",), ("u2",), ("nobody",)], "user string").repartition(2)
    lists = {row["user"]: row for row in pipeline.lists(users, "user", count=3).collect()}
    assert [len(lists[user]["items"]) for user in ("u1", "u2")] == [3, 3]
    assert lists["nobody"]["quarantine"] == "unknown user"
    vectors = pipeline.vectors(pipeline.items().limit(3)).collect()
    assert [len(row["vector"]) for row in vectors] == [len(vectors[0]["vector"])] * 3


@pytest.mark.parametrize("collaborative", ["distributed", "mllib"])
def test_fits_factors_on_spark(request: pytest.FixtureRequest, collaborative: str) -> None:
    answer = request.getfixturevalue(collaborative)
    assert answer["factors"]["rank"] == 8
    assert answer["factors"]["items"]["unknown"] == 0
    assert answer["factors"]["users"]["used"] == 8
    assert answer["factors"]["items"]["used"] == 10


def test_half_sweeps_on_spark_score_as_the_fit_of_one_machine(spark: SparkSession, shop: Shop, tmp_path: Path) -> None:
    pairs = spark.createDataFrame(
        [(f"u{user}", f"i{item}", 1.0) for user in range(12) for item in range(9) if user % 3 == item % 3], "user string, item string, weight double"
    )
    options = {"rank": 8, "iterations": 4, "seed": 1, "unobservedWeight": 0.1}
    items, users = fit_by_sweeps(pairs, options, COMMAND, 2, str(tmp_path))
    by_id = {row["id"]: np.array(row["vector"]) for table in (items, users) for row in table.collect()}
    met = [float(by_id[f"u{user}"] @ by_id[f"i{item}"]) for user in range(12) for item in range(9) if user % 3 == item % 3]
    others = [float(by_id[f"u{user}"] @ by_id[f"i{item}"]) for user in range(12) for item in range(9) if user % 3 != item % 3]
    assert min(met) > 0.8
    assert max(abs(score) for score in others) < 0.1


def test_an_open_weight_of_unobserved_pairs_is_that_of_the_pairs(spark: SparkSession) -> None:
    pairs = spark.createDataFrame([("u1", "a", 2.0), ("u1", "b", 2.0), ("u2", "a", 9.0)], "user string, item string, weight double")
    options = {"rank": 8, "unobservedWeight": "auto", "confidenceScale": 0.5}
    # Three pairs at the median weight 2, of two users and two items.
    assert settled(options, pairs)["unobservedWeight"] == pytest.approx(0.5 * 3 * 3 * 2 / 4)
    assert settled({**options, "unobservedWeight": 0.2}, pairs)["unobservedWeight"] == 0.2
    with pytest.raises(ValueError, match="rank: expected a number"):
        settled({**options, "rank": "auto"}, pairs)


def test_a_worker_that_is_killed_costs_a_retry_and_no_row(spark: SparkSession, shop: Shop, tmp_path: Path) -> None:
    marker = tmp_path / "killed"
    killer = tmp_path / "worker.sh"
    # The first worker takes its input and dies by SIGKILL with half of an answer out.
    dies = f'if mkdir {marker} 2>/dev/null; then head -c 300 >/dev/null; printf "half"; kill -9 $$; fi'
    killer.write_text(f'#!/bin/sh\n{dies}\nexec {" ".join(COMMAND)} "$@"\n')
    killer.chmod(0o755)
    rows = spark.createDataFrame([(f"item {i}", f"mug {i}") for i in range(200)], "item_id string, title string").repartition(4)
    words = ["--job", "inputs", "--pipeline", str(shop.pipeline)]
    done = map_by_worker(rows, [str(killer)], words, schema_of(id=TEXT, input=TEXT)).collect()
    assert marker.exists()
    assert sorted(row["id"] for row in done) == sorted(f"item {i}" for i in range(200))


def test_a_poisoned_row_is_set_aside_with_the_reason(spark: SparkSession, shop: Shop) -> None:
    rows = spark.createDataFrame([("a", "mug"), (None, "nobody's"), ("b", "shoe")], "item_id string, title string").coalesce(1)
    words = ["--job", "inputs", "--pipeline", str(shop.pipeline)]
    done = map_by_worker(rows, COMMAND, words, schema_of(id=TEXT, input=TEXT)).collect()
    assert [(row["id"], row["quarantine"]) for row in done] == [("a", None), (None, "missing item_id"), ("b", None)]


def test_executors_may_have_tailrec_from_an_archive(spark: SparkSession, shop: Shop, tmp_path: Path) -> None:
    script = tmp_path / "tailrec.sh"
    script.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
    script.chmod(0o755)
    with tarfile.open(tmp_path / "shipped.tar.gz", "w:gz") as archive:
        archive.add(script, "bin/tailrec")
    spark.sparkContext.addArchive(f"{tmp_path / 'shipped.tar.gz'}#shipped")
    script.unlink()
    pipeline = TailrecPipeline(spark, str(shop.pipeline), command=COMMAND, worker_command="./shipped/bin/tailrec", output=str(tmp_path / "out"))
    items = spark.createDataFrame([("a", "mug"), ("b", "shoe")], "item_id string, title string").repartition(2)
    assert [(row["id"], row["quarantine"]) for row in sorted(pipeline.encoded(items).collect())] == [("a", None), ("b", None)]


def test_a_pipeline_with_a_wrong_key_is_refused_by_its_line(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("name: a\ndata: { interactions: { path: a.csv }, items: { path: b.csv } }\nouput: b\n")
    with pytest.raises(TailrecError, match=r"wrong.yaml:3: .*ouput.*output"):
        TailrecPipeline(spark, str(path), command=COMMAND)
