#!/bin/sh
# A pipeline in 20 shards on one machine, 4 at a time. The pipeline file has `execution: { engine: jobs, shards: 20 }`.
set -eu
pipeline=${1:?pipeline file}
seq 20 | xargs -P 4 -I{} tailrec run "$pipeline" --stage encode --shard {}/20 --quiet
tailrec run "$pipeline" --stage rest
