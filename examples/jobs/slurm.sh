#!/bin/sh
# The same as a Slurm array: `sbatch slurm.sh shop.yaml`. Each job keeps its encoder cache on its own disk.
#SBATCH --array=1-20
#SBATCH --cpus-per-task=4
set -eu
pipeline=${1:?pipeline file}
tailrec run "$pipeline" --stage encode --shard "$SLURM_ARRAY_TASK_ID/20" --cache "${TMPDIR:-/tmp}/tailrec"
# Afterwards: sbatch --dependency=afterok:JOB --wrap "tailrec run shop.yaml --stage rest"
