"""Starts train.py on this machine as several processes, and all of them again when one ends with an error.

    python launch/local.py --processes 2 [--restarts 3] [options of train.py]

What a cluster's launcher does, for one machine: ranks, their number, and the address where they meet.
"""
import argparse
import os
import signal
import socket
import subprocess
import sys
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--processes", type=int, required=True)
parser.add_argument("--restarts", type=int, default=3, help="how often all are started again")
options, rest = parser.parse_known_args()
script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "train.py")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run():
    """Whether all processes end well. When one does not, the others are ended too."""
    # This watches the processes itself, so that they need not give up early on one that is slow to start.
    patience = {"INITIALIZATION_TIMEOUT": os.environ.get("INITIALIZATION_TIMEOUT", "300")}
    meeting = {"WORLD_SIZE": str(options.processes), "COORDINATOR": f"127.0.0.1:{free_port()}", **patience}
    processes = [
        subprocess.Popen([sys.executable, script, *rest], env={**os.environ, **meeting, "RANK": str(rank)})
        for rank in range(options.processes)
    ]
    try:
        while True:
            codes = [process.poll() for process in processes]
            if any(code not in (None, 0) for code in codes):
                return False
            if None not in codes:
                return True
            time.sleep(0.2)
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.wait()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the processes are ended, as after Ctrl-C
for attempt in range(options.restarts + 1):
    if attempt > 0:
        print(f"A process ended with an error; all start again ({attempt} of {options.restarts}).", flush=True)
    if run():
        sys.exit(0)
sys.exit(1)
