"""What a run leaves in its folder to go on from, and its log."""
import json
import math
import os
import time

import jax
import numpy as np

from processes import everywhere, host


def flat(state):
    """The state's arrays by name, in host memory."""
    leaves, _ = jax.tree.flatten_with_path(state)
    return {jax.tree_util.keystr(path): host(leaf) for path, leaf in leaves}


def save_checkpoint(path, state, best, progress):
    arrays = flat(state) | {f"best{i}/{j}": value for i, kind in enumerate(best or ()) for j, value in enumerate(kind)}
    with open(path + ".draft", "wb") as file:
        np.savez(file, progress=json.dumps(progress), **arrays)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".draft", path)


def load_checkpoint(path, state):
    """State, best weights and progress; the arrays must be those of this network."""
    with np.load(path) as saved:
        leaves, tree = jax.tree.flatten_with_path(state)
        names = [jax.tree_util.keystr(name) for name, _ in leaves]
        for name, (_, leaf) in zip(names, leaves):
            if name not in saved or saved[name].shape != leaf.shape:
                raise ValueError(f"{path} must be of this network and optimizer. Received: another {name}.")
        progress = json.loads(str(saved["progress"]))
        best = None
        if progress["best"]:
            count = lambda i: sum(name.startswith(f"best{i}/") for name in saved)
            best = [[saved[f"best{i}/{j}"] for j in range(count(i))] for i in (0, 1)]
        return jax.tree.unflatten(tree, [everywhere(saved[name]) for name in names]), best, progress


class Log:
    """A line of JSON for each step and epoch, as `poseblocks train` writes; a resumed run drops what it will do again."""

    def __init__(self, path, progress):
        kept = []
        if progress["step"] > 0 and os.path.exists(path):
            with open(path) as file:
                lines = [line for line in file if line.endswith("}\n")]
            for line in lines:
                record = json.loads(line)
                key = "step" if record["kind"] == "step" else "epoch"
                if record[key] < progress[key]:
                    kept.append(line)
        self.file = open(path, "w", buffering=1)
        self.file.writelines(kept)

    def write(self, **record):
        text = {k: str(v) if isinstance(v, float) and not math.isfinite(v) else v for k, v in record.items()}
        self.file.write(json.dumps({**text, "seconds": time.time()}, separators=(",", ":")) + "\n")
