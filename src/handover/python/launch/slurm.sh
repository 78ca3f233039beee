#!/bin/bash
# Two nodes with four accelerators each: eight processes, one accelerator to a process.
#
#     sbatch launch/slurm.sh [options of train.py]        from the folder that poseblocks handover wrote, which all nodes see
#
# Maps SLURM's ranks to RANK, WORLD_SIZE and COORDINATOR. A process that fails ends the job step; --requeue and the loop start all again.
#SBATCH --job-name=poseblocks
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-task=1
#SBATCH --cpus-per-task=8
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --output=slurm-%j.log
set -u

cd "${SLURM_SUBMIT_DIR:-.}"
PYTHON=${PYTHON:-python3}
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
export PYTHON INITIALIZATION_TIMEOUT=${INITIALIZATION_TIMEOUT:-300} # srun ends all when one dies; nodes may start late

for attempt in 1 2 3 4; do
  # another port each time: the last one may not be free yet
  export COORDINATOR="$first:$((20000 + (SLURM_JOB_ID + 97 * attempt) % 20000))"
  srun --kill-on-bad-exit=1 bash -c \
    'RANK=$SLURM_PROCID WORLD_SIZE=$SLURM_NTASKS exec "$PYTHON" train.py "$@"' train "$@" && exit 0
  echo "A process ended with an error; all start again ($attempt of 4)." >&2
done
exit 1
