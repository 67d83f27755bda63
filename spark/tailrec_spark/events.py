"""Events to user-item pairs by Spark SQL, by the rules of a single machine (src/data/ingest):

    value = weight x event weight / unit x 0.5 ^ (age / half-life),

repeated pairs merged. The first reason that applies names a reject. The unit is the median row's weight. Age is counted back from the
latest time that is no outlier.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

LARGEST_WEIGHT = 1e30
SMALLEST = 1e-300
IGNORED = -1.0
#: The share of the rows that may be outliers in time, and the half-lives of a gap that makes one.
MOST_OUTLIERS = 1 / 20
GAP = 3
SECONDS_A_DAY = 86_400

IGNORED_EVENT = "(ignored event)"
BELOW_MINIMUM = "(below minimum)"

#: Forms of times that are told from nothing but the column, or named by `timeFormat`.
EPOCHS = {"epoch-seconds": 1.0, "epoch-milliseconds": 1e3, "epoch-microseconds": 1e6, "epoch-nanoseconds": 1e9}


@dataclass(frozen=True)
class Decay:
    latest: float
    #: The share of its weight that the row of median age keeps.
    medianShare: float


@dataclass(frozen=True)
class MergedReport:
    """What `tailrec run --stage rest` reads beside the pairs."""

    source: str
    rows: int
    rejected: dict[str, int]
    ignoredEvents: int
    belowMinimum: int
    merged: int
    withoutTime: int
    weightUnit: float
    timeForm: str | None
    decay: Decay | None

    def document(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class MergedEvents:
    #: user, item, weight, time (seconds; null where unknown), in the order in which users first appear.
    pairs: DataFrame
    #: The rejected rows as they were, with their reason.
    rejects: DataFrame
    report: MergedReport


def merge_events(events: DataFrame, items: DataFrame, options: Mapping[str, Any], source: str) -> MergedEvents:
    """Judges, weighs and merges. `items` has one column, `id`; `options` is the pipeline's data.interactions. ValueError for a form of
    times that is not read here."""
    raw = cells_of(events, options).persist()
    try:
        form = time_form(raw, options)
        judged = judge(raw, items, options, form).persist()
        kept = judged.where("reason IS NULL")
        unit = weight_unit(kept)
        decay = decay_of(kept, options)
        pairs = merge_pairs(weigh(kept, options, unit, decay), str(options["duplicates"]))
        counts = {str(reason): int(rows) for reason, rows in judged.groupBy("reason").count().collect()}
        rows_kept = counts.pop("None", 0)
        ignored, below = counts.pop(IGNORED_EVENT, 0), counts.pop(BELOW_MINIMUM, 0)
        without = kept.where("isnan(seconds)").count() if form is not None else 0
        report = MergedReport(
            source=source,
            rows=rows_kept + ignored + below + sum(counts.values()),
            rejected=counts,
            ignoredEvents=ignored,
            belowMinimum=below,
            merged=rows_kept - pairs.count(),
            withoutTime=without,
            weightUnit=unit,
            timeForm=form,
            decay=decay,
        )
        left_out = [IGNORED_EVENT, BELOW_MINIMUM]
        rejects = judged.where(F.col("reason").isNotNull() & ~F.col("reason").isin(left_out))
        return MergedEvents(pairs, rejects.select("user", "item", "reason"), report)
    finally:
        raw.unpersist()


def cells_of(events: DataFrame, options: Mapping[str, Any]) -> DataFrame:
    """The mapped columns as text, and the place of each row."""
    minimum = options["minimum"]
    names = {**options["columns"], "minimum": minimum["column"] if minimum else None}
    cells = [
        F.lit(None).cast("string").alias(name) if column is None else text_of(events, column).alias(name)
        for name, column in names.items()
    ]
    return events.select(F.monotonically_increasing_id().alias("place"), *cells)


def text_of(events: DataFrame, column: str) -> Column:
    kind = dict(events.dtypes).get(column)
    if kind is None:
        raise ValueError(f'expected a column "{column}", the table has {", ".join(events.columns)}')
    cell = F.col(f"`{column}`")
    # Times of a type are seconds, whatever the session's zone.
    return cell.cast("timestamp").cast("double").cast("string") if kind in ("timestamp", "date") else cell.cast("string")


def time_form(raw: DataFrame, options: Mapping[str, Any]) -> str | None:
    """How the times are written; None where the pipeline has none."""
    if options["columns"]["time"] is None:
        return None
    asked = str(options["timeFormat"])
    form = told_form(raw) if asked == "auto" else asked
    if form not in ("dates", "epoch", "order", *EPOCHS):
        raise ValueError(f"times of the form {form} are not read on Spark: make the column a timestamp first")
    if form == "order" and options["halfLifeDays"] is not None:
        raise ValueError("halfLifeDays counts days, but the times are numbers that only order: set timeFormat")
    return form


def told_form(raw: DataFrame) -> str:
    filled = raw.where("coalesce(time, '') <> ''")
    number = F.expr("try_cast(time AS double)")
    in_epoch = F.lit(False)
    for unit in (1.0, 1e3, 1e6, 1e9):
        in_epoch = in_epoch | number.between(3e8 * unit, 4.2e9 * unit)
    is_dated = (number.between(19e6, 2101e4 - 1)) | number.between(32874, 73415) | number.between(190000, 210099)
    row = filled.select(
        F.count(number).alias("numeric"),
        F.count(F.when(in_epoch, 1)).alias("epoch"),
        F.count(F.when(is_dated, 1)).alias("dated"),
        F.count("*").alias("filled"),
    ).first()
    assert row is not None
    if row["numeric"] == 0:
        return "dates"
    if row["dated"] >= 0.95 * row["numeric"]:
        return "compact-dates or spreadsheet-days"
    if row["epoch"] >= 0.5 * row["numeric"]:
        return "epoch"
    return "dates" if row["filled"] - row["numeric"] > row["numeric"] else "order"


def seconds_of(form: str | None) -> Column:
    """Seconds since 1970, NaN where empty, null where the form does not explain the cell."""
    if form is None:
        return F.lit(float("nan"))
    number = "try_cast(time AS double)"
    date = "unix_micros(try_to_timestamp(trim(time))) / 1e6"
    is_date = "trim(time) RLIKE '^[0-9]' AND try_to_timestamp(trim(time)) >= timestamp'1000-01-01 00:00:00'"
    dates = f"CASE WHEN {is_date} THEN {date} END"
    size = f"abs({number})"
    unit = f"CASE WHEN {size} < 1e11 THEN 1 WHEN {size} < 1e14 THEN 1e3 WHEN {size} < 1e17 THEN 1e6 ELSE 1e9 END"
    finite = f"{number} IS NOT NULL AND NOT isnan({number}) AND {size} < CAST('Infinity' AS double)"
    if form == "dates":
        filled = dates
    elif form == "epoch":
        filled = f"CASE WHEN {number} IS NULL THEN {dates} WHEN {finite} THEN {number} / ({unit}) END"
    else:
        filled = f"CASE WHEN {finite} THEN {number} / {EPOCHS.get(form, 1.0)}D END"
    return F.expr(f"CASE WHEN coalesce(time, '') = '' THEN CAST('NaN' AS double) ELSE {filled} END")


def judge(raw: DataFrame, items: DataFrame, options: Mapping[str, Any], form: str | None) -> DataFrame:
    """Every row with its value, its seconds and, where it is not kept, the reason."""
    columns, minimum = options["columns"], options["minimum"]
    weight = F.lit(1.0) if columns["weight"] is None else F.expr("try_cast(weight AS double)")
    known = items.select(F.col("id").alias("item"), F.lit(True).alias("known"))
    compared = F.lit(None).cast("double") if minimum is None else F.expr("try_cast(minimum AS double)")
    parsed = (
        raw.join(known, "item", "left")
        .withColumn("parsed", weight)
        .withColumn("event_weight", event_weight(options))
        .withColumn("seconds", seconds_of(form))
        .withColumn("compared", compared)
    )
    reason = F.when(F.col("event_weight") == IGNORED, IGNORED_EVENT)
    if minimum is not None:
        reason = reason.when(F.col("compared") < float(minimum["value"]), BELOW_MINIMUM)
    reason = (
        reason.when(F.expr("coalesce(user, '') = ''"), "missing user id")
        .when(F.expr("coalesce(item, '') = ''"), "missing item id")
        .when(F.col("known").isNull(), "unknown item")
        .when(F.col("parsed").isNull(), "unparsable weight")
        .when(F.isnan("parsed") | (F.abs("parsed") > LARGEST_WEIGHT), "non-finite weight")
        .when(F.col("parsed") <= 0, "non-positive weight")
        .when(F.col("event_weight").isNull(), "unknown event")
        .when(F.col("seconds").isNull(), "unparsable time")
    )
    if options["halfLifeDays"] is not None:
        reason = reason.when(F.isnan("seconds"), "missing time")
    if minimum is not None:
        reason = reason.when(F.expr("compared IS NULL OR isnan(compared)"), f"unparsable {minimum['column']}")
    value = F.col("parsed") * F.col("event_weight")
    return parsed.select("place", "user", "item", value.alias("value"), "seconds", reason.alias("reason"))


def event_weight(options: Mapping[str, Any]) -> Column:
    if options["columns"]["event"] is None:
        return F.lit(1.0)
    weights: Mapping[str, Any] = options["eventWeights"]
    looked_up = F.lit(None).cast("double")
    for name, weight in weights.items():
        number = IGNORED if weight == "ignore" else float(weight)
        looked_up = F.when(F.col("event") == name, number).otherwise(looked_up)
    return looked_up


def weight_unit(kept: DataFrame) -> float:
    return max(median_of(kept, "value", 1.0), SMALLEST)


def median_of(kept: DataFrame, column: str, otherwise: float) -> float:
    row = kept.select(F.expr(f"percentile_disc(0.5) WITHIN GROUP (ORDER BY {column})")).first()
    return otherwise if row is None or row[0] is None else float(row[0])


def decay_of(kept: DataFrame, options: Mapping[str, Any]) -> Decay | None:
    """The latest time that is not cut off from those before it by three half-lives, among the newest twentieth."""
    rows = kept.count() if options["halfLifeDays"] is not None else 0
    if rows == 0:
        return None
    half_life = SECONDS_A_DAY * float(options["halfLifeDays"])
    most = int(MOST_OUTLIERS * rows) + 1
    newest = [float(row[0]) for row in kept.select("seconds").orderBy(F.desc("seconds")).limit(most).collect()]
    latest = newest[0]
    for later, earlier in zip(newest, newest[1:], strict=False):
        if later - earlier > GAP * half_life:
            latest = earlier
    median = median_of(kept, "seconds", latest)
    return Decay(latest, 0.5 ** ((latest - median) / half_life))


def weigh(kept: DataFrame, options: Mapping[str, Any], unit: float, decay: Decay | None) -> DataFrame:
    value = F.col("value") / F.lit(unit)
    if decay is not None:
        half_life = SECONDS_A_DAY * float(options["halfLifeDays"])
        age = F.greatest(F.lit(decay.latest) - F.col("seconds"), F.lit(0.0))
        value = value * F.pow(F.lit(0.5), age / F.lit(half_life))
    return kept.select("place", "user", "item", F.greatest(value, F.lit(SMALLEST)).alias("value"), "seconds")


def merge_pairs(weighed: DataFrame, duplicates: str) -> DataFrame:
    """One row a user and item; sums are added in the order of the rows, so that they are the same to the last bit."""
    rows = "sort_array(collect_list(struct(place, value)))"
    latest = "max_by(value, struct(coalesce(CASE WHEN isnan(seconds) THEN NULL ELSE seconds END, CAST('-Infinity' AS double)), place))"
    merged = {
        "sum": f"aggregate({rows}, 0D, (total, row) -> total + row.value)",
        "max": "max(value)",
        "last": latest,
    }[duplicates]
    pairs = weighed.groupBy("user", "item").agg(
        F.expr(merged).alias("weight"), F.expr("max(CASE WHEN isnan(seconds) THEN NULL ELSE seconds END)").alias("time"), F.min("place").alias("place")
    )
    first = weighed.groupBy("user").agg(F.min("place").alias("first"))
    return pairs.join(first, "user").orderBy("first", "place").select("user", "item", "weight", "time")
