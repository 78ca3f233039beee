"""The processes of a run: how they meet, how each ends when another is gone, and the arrays that they share.

RANK, WORLD_SIZE and COORDINATOR (host:port of rank 0) come from the environment; without them there is one process. Importing
this file connects the processes, and must come before anything that touches a device.

A process that waits for one that has died must end, so that its launcher starts all of them again:
until they have met, because of the timer below; in a collective, because the connection breaks; elsewhere, because JAX ends
a process that has missed another's heartbeat.
"""
import os
import sys
import threading
import traceback

RANK, WORLD = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
MEETING_SECONDS = float(os.environ.get("INITIALIZATION_TIMEOUT", 45))
HEARTBEAT_SECONDS = int(os.environ.get("HEARTBEAT_TIMEOUT", 30))


def end_unmet():
    print(
        f"train.py: all {WORLD} processes must meet at {os.environ['COORDINATOR']} within {MEETING_SECONDS:g} s of their start. "
        f"Received by rank {RANK}: not all. One was not started, or has died. Where they start minutes apart, set INITIALIZATION_TIMEOUT to more seconds.",
        file=sys.stderr,
        flush=True,
    )
    os._exit(1)


def end_at_once(*error):
    """A process that waited for the others to end in order would wait for the one that died."""
    traceback.print_exception(*error)
    sys.stderr.flush()
    os._exit(1)


timer = threading.Timer(MEETING_SECONDS, end_unmet)
timer.daemon = True
if WORLD > 1:
    timer.start()  # before JAX, whose import takes seconds
    sys.excepthook = end_at_once

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

if WORLD > 1:
    if not jax.distributed.is_initialized():  # by Ray
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(
            os.environ["COORDINATOR"], WORLD, RANK,
            initialization_timeout=2 * int(MEETING_SECONDS) + 2,  # the timer is first, and says what is wrong
            heartbeat_timeout_seconds=HEARTBEAT_SECONDS,
        )  # fmt: skip
    multihost_utils.sync_global_devices("connected")  # while all are here: later, one may compile for minutes longer
timer.cancel()

mesh = Mesh(np.array(jax.devices()), ("data",))
same, split = NamedSharding(mesh, PartitionSpec()), NamedSharding(mesh, PartitionSpec("data"))


def everywhere(value):
    """A copy on every device."""
    return jax.make_array_from_process_local_data(same, np.asarray(value), np.shape(value))


def divided(value):
    """One array of all processes' rows."""
    return jax.make_array_from_process_local_data(split, np.asarray(value))


def host(value):
    """A replicated array in this process' memory; asks no other process."""
    return np.array(value.addressable_data(0))


def own_rows(value):
    """The rows of a divided array that lie on this process' devices."""
    shards = {shard.index[0].start or 0: shard.data for shard in value.addressable_shards}
    return np.concatenate([np.asarray(shards[start]) for start in sorted(shards)])


def wait_for_all(point):
    if WORLD > 1:
        multihost_utils.sync_global_devices(point)


def sum_of_all(value):
    """The sum of a numpy array over the processes."""
    return value if WORLD == 1 else np.sum(multihost_utils.process_allgather(value), 0)


def of_first(number):
    """Rank 0's number."""
    return number if WORLD == 1 else float(multihost_utils.broadcast_one_to_all(np.float64(number)))


def part():
    """Says farewell, so that no process takes the end of another for its death."""
    if WORLD > 1:
        jax.distributed.shutdown()
