"""tailrec on Apache Spark: Spark reads, shuffles and retries, tailrec's own program does the rest."""

from .pipeline import Sources, TailrecPipeline
from .tailrec import Pipeline, TailrecError, load_pipeline

__all__ = ["Pipeline", "Sources", "TailrecError", "TailrecPipeline", "load_pipeline"]
