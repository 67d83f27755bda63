#!/bin/sh
# A pipeline in shards on one machine, 4 at a time: `sh xargs.sh shop.yaml 20`. The pipeline file has
# `execution: { engine: jobs, shards: 20 }`.
set -eu
pipeline=${1:?pipeline file}
shards=${2:-20}
seq "$shards" | xargs -P 4 -I{} tailrec run "$pipeline" --stage encode --shard "{}/$shards" --quiet
tailrec run "$pipeline" --stage rest
