#!/usr/bin/env bash
#SBATCH --job-name=loopmark
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --exclusive
#SBATCH --output=loopmark-%A-%a.log
#
# Measures one shard of a sweep, as a task of a Slurm array; then join the shards. From the checkout:
#
#     job=$(sbatch --parsable --array=0-3 scripts/cluster/slurm.sh --scenario seed --seed 7)
#     sbatch --dependency=afterok:"$job" --wrap="target/release/loopmark merge results/shards-$job/*/*"
#
# Ask for nodes of one kind (--constraint), with --hint=nomultithread: shards of different machines are not joined. A node
# needs the harness and the rows built: on a shared file system, once before the array begins.
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:-$PWD}"

loopmark=${LOOPMARK:-target/release/loopmark}
results=${LOOPMARK_RESULTS:-results}/shards-$SLURM_ARRAY_JOB_ID/$SLURM_ARRAY_TASK_ID
mkdir -p "$results"
exec "$loopmark" run --shard auto --results "$results" "$@"
