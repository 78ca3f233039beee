#!/usr/bin/env bash
# LPN-50 and HRNet-W32 on WebGPU in Node beside PyTorch on the same GPU, on a machine that needs no network and no Node:
#
#     PYTHON=python3 VK_DRIVER_FILES=path/to/nvidia_icd.json PACK/run.sh RESULTS
#
# PACK is the folder that prepare.mjs made, RESULTS an existing folder; PYTHON has PyTorch with CUDA. throughput.csv gets a row per network,
# pass, batch and engine as soon as it is measured, kernels.csv the GPU times of WebGPU's kernels; log.txt is what is printed. It takes at most four minutes.
# To try it without a GPU: ALLOW_SOFTWARE=1 SIZE=64x64 BATCHES=1 ROUNDS=1 and a software driver. main.ts reads further variables.
set -euo pipefail
pack=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
results=$(cd "$1" && pwd)
export PYTHON=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$PYTHON" -m tarfile -e "$pack/runtime.tar.xz" "$work"
cp "$pack"/*.mjs "$pack"/*.py "$work"
export VK_LOADER_DEBUG=${VK_LOADER_DEBUG:-error}
LD_LIBRARY_PATH="$work/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$work/node" "$work/main.mjs" "$results" 2>&1 | tee "$results/log.txt"
