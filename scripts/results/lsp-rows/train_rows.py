"""Trains what pack.ts has written with the hand-over's train.py, several runs at a time on one accelerator.

    python train_rows.py PACK OUT [--processes 6] [--seconds 205]

Runs are taken in their order until the time is over; a run whose backbone is trained by another waits for it. OUT gets NAME.npz of each finished run: the
log, after each measured epoch the cell of every maximum [1000, 14] and the mean peak, and the weights where runs.json asks for them.
"""
import argparse
import copy
import json
import math
import multiprocessing
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import numpy as np

PYTHON = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src/handover/python")
HEAD = ("deconv", "final_layer")
SOME = 3000  # of LSPET, for the small networks


# ── the data ────────────────────────────────────────────────────────────────────────────────────────────────────────

def write_part(pack, folder, part, side, count=None, name=None):
    """Images stretched to side × side, and their keypoints, as shards."""
    import cv2

    with open(os.path.join(pack, "people.json")) as file:
        people = json.load(file)[part][:count]
    pixels = np.memmap(os.path.join(pack, "images.bin"), np.uint8, "r")

    def stretched(person):
        image = cv2.imdecode(pixels[person["at"] : person["at"] + person["length"]], cv2.IMREAD_COLOR)[..., ::-1]
        to_image = np.diag([person["size"][0] / side, person["size"][1] / side])
        matrix = np.concatenate([to_image, np.zeros((2, 1))], 1)
        return cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)

    with ThreadPoolExecutor() as pool:
        images = np.stack(list(pool.map(stretched, people)))
    scale = np.array([[side / person["size"][0], side / person["size"][1]] for person in people])[:, None]
    xy = np.array([person["xy"] for person in people]).reshape(len(people), -1, 2) * scale
    arrays = {"images": images, "keypoints": xy, "visibility": np.array([person["score"] for person in people]).astype(np.uint8),
              "normalizers": np.full(len(people), float(side))}  # fmt: skip
    for field, array in arrays.items():
        np.save(os.path.join(folder, f"{name or part}_{side}.{field}.npy"), array)
    return len(people)


# ── one run ─────────────────────────────────────────────────────────────────────────────────────────────────────────

def filled(variables, initialization, seed):
    """Initial weights by name of the scheme; see `initialize` of poseblocks, whose rules these are."""
    for number, variable in enumerate(variables):
        random, shape, path = np.random.default_rng([seed, number]), variable.shape, variable.path
        bias = path.endswith("/bias")
        if not (path.endswith("kernel") or bias):
            continue  # normalisation begins at 1 and 0
        if bias:
            uniform = any(name in path for name in ("final_layer", "channel_add_conv--0/", "channel_mul_conv--0/"))
            kernel = variables[number - 1].shape
            bound = 1 / math.sqrt(np.prod(kernel[:-1])) if uniform and initialization != "he" else 0
            value = random.uniform(-bound, bound, shape)
        else:
            taps = np.prod(shape[:2])
            fan_out = taps * (shape[2] * shape[3] if "depthwise" in path else shape[3])
            value = random.normal(size=shape) * (math.sqrt(2 / fan_out) if initialization == "he" else 0.001)
        variable.assign(value.astype(np.float32))


def measured(network, shards, predict, weights):
    """The cells of the maxima of all heatmaps, and their mean height in the first batch as a fraction of a target of height 1."""
    import data
    from processes import divided, host

    settings, size = network.settings, network.settings["batchSize"]
    cells, peak = [], None
    for first in range(0, shards.count, size):
        places = np.minimum(np.arange(first, first + size), shards.count - 1)
        rows = shards.rows(places)
        batch = network.batch(rows["images"], data.upright(settings, size))
        maps = host(predict(*weights, {name: divided(value) for name, value in batch.items()})[-1])
        flat = maps.reshape(size, -1, maps.shape[-1])
        cells.append(flat.argmax(1)[: shards.count - first])
        if peak is None:
            peak = float(flat.max(1)[rows["visibility"] > 0].mean())
    return np.concatenate(cells).astype(np.uint16), peak


class Job:
    """The runs of a process; networks are built and compiled once for each group."""

    def __init__(self, arguments, counts):
        self.arguments, self.counts, self.group, self.built = arguments, counts, None, None
        with open(os.path.join(arguments.pack, "networks.json")) as file:
            self.configs = json.load(file)

    def network(self, run, settings):
        import keras
        from network import Network

        if self.group != run["group"]:
            self.group, self.built = None, None  # one at a time: memory
            model = keras.saving.deserialize_keras_object(copy.deepcopy(self.configs[run["group"]]))  # it empties what it reads
            self.built = Network(settings, model)
            self.built.steps = self.built.train_step(), self.built.predict_step()
            self.group = run["group"]
        network = self.built
        network.settings = settings
        filled(network.model.variables, run["initialization"], settings["seed"])
        for variable in network.model.variables:
            if "moving_mean" in variable.path or "/beta" in variable.path:
                variable.assign(np.zeros(variable.shape, np.float32))
            elif "moving_variance" in variable.path or "/gamma" in variable.path:
                variable.assign(np.ones(variable.shape, np.float32))
        for variable, mask in zip(network.trainable, network.masks):
            if isinstance(mask, np.ndarray):  # of grouped kernels
                variable.assign(variable * mask)
        if run["from"] is not None:
            with np.load(os.path.join(self.arguments.work, f"{run['from']}.weights.npz")) as stored:
                begun = 0
                for variable in network.model.variables:
                    if variable.path in stored and not variable.path.startswith(HEAD):
                        variable.assign(stored[variable.path])
                        begun += 1
            assert begun > 50, begun
        return network

    def run(self, run):
        import jax
        import train
        from data import Shards
        from processes import host

        settings = run["settings"]
        side = settings["inputSize"][0]
        settings["validation"]["flip"] = False
        for part, names in (("training", run["training"]), ("validation", ["test"])):
            settings["data"][part]["shards"] = [{"name": f"{n}_{side}", "count": self.counts[f"{n}_{side}"]} for n in names]
        network = self.network(run, settings)
        began = time.time()

        class Measured(train.Run):
            def __init__(self, limit):
                self.settings, self.network, self.limit = settings, network, limit
                self.options = argparse.Namespace(threads=5, steps=None, save_every=10**9, save_epochs=10**9, log_every=10**9, hours=None, out="")
                self.size, self.devices = settings["batchSize"], jax.device_count()
                self.shards, self.held = (Shards(limit.work, settings["data"][part]) for part in ("training", "validation"))
                self.steps_per_epoch = self.shards.count // self.size
                self.step, self.predict = network.steps
                self.state, self.best, self.log = network.start(), None, argparse.Namespace(write=lambda **_: None)
                self.progress = {"step": 0, "epoch": 0, "batch": 0, "stepsOfStage": 0, "losses": [], "history": [], "schedule": None}
                self.history, self.cells = [], {}

            def save(self):
                pass

            def end_epoch(self):
                progress, epoch = self.progress, self.progress["epoch"] + 1
                record = {"epoch": epoch, "step": progress["step"], "loss": float(np.mean(progress["losses"])), "learningRate": self.rate()}
                if epoch in run["measured"]:
                    self.cells[epoch], record["peak"] = measured(network, self.held, self.predict, network.evaluated(self.state))
                self.history.append(record)
                progress.update(epoch=epoch, batch=0, losses=[])
                if time.time() > self.limit.end and epoch < settings["schedule"]["epochs"]:
                    raise TimeoutError(f"epoch {epoch}")

        one = Measured(self.arguments)
        one.train()
        state, seconds = one.state, time.time() - began
        named = [v.path for v in network.trainable] + [v.path for v in network.others]
        floats = [True] * len(network.trainable) + network.flags
        last = [host(value) for value in (*state["tv"], *state["ntv"])]
        if run["name"].startswith("pretrain"):
            path = os.path.join(self.arguments.work, f"{run['name']}.weights")
            np.savez(f"{path}.draft.npz", **dict(zip(named, last)))
            os.replace(f"{path}.draft.npz", f"{path}.npz")
        weights = {}
        if run["weights"]:
            mean = iter(host(value) for value in state["average"])
            for path, value, is_float in zip(named, last, floats):
                if is_float:
                    weights[f"last:{path}"], weights[f"mean:{path}"] = value.astype(np.float16), next(mean).astype(np.float16)
                    if "moving_variance" in path:  # small ones would be 0 in 16 bits
                        weights[f"last:{path}"] = value
        about = {"name": run["name"], "seconds": seconds, "device": jax.devices()[0].device_kind, "jax": jax.__version__, "history": one.history}
        np.savez_compressed(os.path.join(self.arguments.out, f"{run['name']}.npz"), about=np.frombuffer(json.dumps(about).encode(), np.uint8),
                            **{f"cells:{epoch}": cells for epoch, cells in one.cells.items()}, **weights)  # fmt: skip
        print(f"{time.time() - self.arguments.begin:6.1f} s {run['name']}: {seconds:.1f} s, loss {one.history[-1]['loss']:.5g}, peak {one.history[-1].get('peak')}", flush=True)


def worker(arguments, runs, counts):
    """Takes the next run that no other process has, preferably of the group whose network it has compiled."""
    sys.path.insert(0, PYTHON)
    job = Job(arguments, counts)
    while time.time() < arguments.end:
        done = {run["name"] for run in runs if os.path.exists(os.path.join(arguments.work, f"{run['name']}.weights.npz"))}
        taken = {run["name"]: os.path.exists(os.path.join(arguments.work, f"{run['name']}.taken")) for run in runs}
        free = [run for run in runs if not taken[run["name"]]]
        groups = {run["group"] for run in runs if taken[run["name"]]} - {job.group}
        ready = [run for run in free if run["from"] is None or run["from"] in done]
        # The lowest order first; of those, this process' own group, then one that nobody has compiled.
        ready.sort(key=lambda run: (run["order"], run["group"] != job.group, run["group"] in groups))
        if not free:
            return
        if not ready:
            time.sleep(0.2)
            continue
        run = ready[0]
        try:
            os.close(os.open(os.path.join(arguments.work, f"{run['name']}.taken"), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        try:
            job.run(run)
        except TimeoutError as over:
            print(f"{run['name']}: the time is over after {over}", flush=True)
        except Exception:
            print(run["name"], traceback.format_exc(limit=-6), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack")
    parser.add_argument("out")
    parser.add_argument("--work", default="/tmp/lsp-rows")
    parser.add_argument("--processes", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=205)
    parser.add_argument("--only", help="runs whose name contains this")
    parser.add_argument("--count", type=int, help="people of each part, for a trial")
    parser.add_argument("--epochs", type=int, help="for a trial")
    arguments = parser.parse_args()
    arguments.begin = time.time()
    arguments.end = arguments.begin + arguments.seconds
    os.makedirs(arguments.work, exist_ok=True)
    os.makedirs(arguments.out, exist_ok=True)
    os.environ.update(XLA_PYTHON_CLIENT_PREALLOCATE="false", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="jax", OMP_NUM_THREADS="2",
                      JAX_COMPILATION_CACHE_DIR=os.path.join(arguments.work, "compiled"), JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS="1")  # fmt: skip
    with open(os.path.join(arguments.pack, "runs.json")) as file:
        runs = [run for run in json.load(file) if arguments.only is None or arguments.only in run["name"]]
    for run in runs if arguments.epochs else []:
        run["settings"]["schedule"]["epochs"], run["measured"] = arguments.epochs, [arguments.epochs]
    counts = {}
    for part, sides in (("extended", [128]), ("train", [128, 256]), ("test", [128, 256])):
        for side in sides:
            counts[f"{part}_{side}"] = write_part(arguments.pack, arguments.work, part, side, arguments.count)
    counts["some_128"] = write_part(arguments.pack, arguments.work, "extended", 128, min(SOME, arguments.count or SOME), "some")
    print(f"{time.time() - arguments.begin:6.1f} s data: {counts}", flush=True)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=worker, args=(arguments, runs, counts)) for _ in range(arguments.processes)]
    for each in workers:
        each.start()
        time.sleep(0.3)
    for each in workers:
        each.join()
    print(f"{time.time() - arguments.begin:6.1f} s: the end", flush=True)


if __name__ == "__main__":
    main()
