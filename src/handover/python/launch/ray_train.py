"""Starts train.py by Ray Train's JaxTrainer, which gives each worker its rank, their number and the address where they meet.

    pip install "ray[train]>=2.49"
    python launch/ray_train.py --workers 8 [--cpu] [options of train.py]

The folder that poseblocks handover wrote must be at the same path on all nodes. A worker that fails is an error of the run; Ray
starts all workers again, and they go on from the checkpoint.
"""
import argparse
import os
import runpy
import sys

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def worker(config):
    """On accelerators Ray has called jax.distributed.initialize by now, which train.py sees; on CPUs the first worker tells its address."""
    import socket

    import ray.train
    from ray.train.collective import broadcast_from_rank_zero

    context = ray.train.get_context()
    os.environ["RANK"], os.environ["WORLD_SIZE"] = str(context.get_world_rank()), str(context.get_world_size())
    with socket.socket() as probe:
        probe.bind(("", 0))
        address = f"{ray.util.get_node_ip_address()}:{probe.getsockname()[1]}"
    os.environ["COORDINATOR"] = broadcast_from_rank_zero(address)
    os.environ.setdefault("INITIALIZATION_TIMEOUT", "300")  # Ray itself ends the workers when one dies
    sys.path.insert(0, config["folder"])
    sys.argv = ["train.py", *config["options"]]
    runpy.run_path(os.path.join(config["folder"], "train.py"), run_name="__main__")


def trainer(workers, cpu, options):
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.v2.jax import JaxTrainer

    resources = {"CPU": 1} if cpu else {"CPU": 8, "GPU": 1}
    return JaxTrainer(
        train_loop_per_worker=worker,
        train_loop_config={"folder": FOLDER, "options": options},
        scaling_config=ScalingConfig(num_workers=workers, use_gpu=not cpu, resources_per_worker=resources),
        run_config=RunConfig(name="poseblocks-train", failure_config=FailureConfig(max_failures=4)),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--cpu", action="store_true")
    known, rest = parser.parse_known_args()
    trainer(known.workers, known.cpu, rest).fit()
