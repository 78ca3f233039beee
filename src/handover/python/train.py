"""Trains what `poseblocks handover` wrote with Keras 3 on JAX: on one process, or on many that share this folder.

    python train.py                                   one process, all its accelerators
    RANK=0 WORLD_SIZE=2 COORDINATOR=host:1234 python train.py      the first of two; launch/ has SLURM, Kubernetes, Ray

All processes take the same steps on one batch that is divided among them, so the result is that of one process. Written to
be read and changed; data.py has the numpy. The folder run/ gets log.jsonl, checkpoint.npz (everything, to go on from),
last.keras and best.keras (what `poseblocks takeover` reads). The same command goes on from the checkpoint.
"""
import argparse
import collections
import concurrent.futures
import json
import math
import os
import platform
import sys
import time
import traceback
import unittest.mock
import zipfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import jax

RANK, WORLD = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
if WORLD > 1 and not jax.distributed.is_initialized():  # before anything touches a device
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(
        os.environ["COORDINATOR"], WORLD, RANK,
        initialization_timeout=int(os.environ.get("INITIALIZATION_TIMEOUT", 300)),
        heartbeat_timeout_seconds=30,
    )  # fmt: skip


def fail_at_once(*error):
    """A process that waited for the others to end in order would wait for the one that died."""
    traceback.print_exception(*error)
    sys.stderr.flush()
    os._exit(1)


from jax.experimental import multihost_utils

if WORLD > 1:
    sys.excepthook = fail_at_once
    multihost_utils.sync_global_devices("connected")  # while all are here: later, one may compile for minutes longer

import jax.numpy as jnp
import keras
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

import data

DTYPE = "float32"
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


# ── images, on the accelerator ──────────────────────────────────────────────────────────────────────────────────────

def sample(pixels, inverse, size):
    """The affine crop of one image [H, W, 3], bilinear, black outside."""
    x, y = jnp.arange(size[0]), jnp.arange(size[1])[:, None]
    u = inverse[0] * x + inverse[1] * y + inverse[2]
    v = inverse[3] * x + inverse[4] * y + inverse[5]
    left, top = jnp.floor(u), jnp.floor(v)
    result = 0.0
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        r, c = top + row, left + column
        share = (1 - jnp.abs(v - r)) * (1 - jnp.abs(u - c))
        inside = (r >= 0) & (r < pixels.shape[0]) & (c >= 0) & (c < pixels.shape[1])
        r = jnp.clip(r, 0, pixels.shape[0] - 1).astype(int)
        c = jnp.clip(c, 0, pixels.shape[1] - 1).astype(int)
        result += jnp.where(inside, share, 0)[..., None] * pixels[r, c].astype(inverse.dtype)
    return result


def network_input(settings, batch):
    """uint8 crops → normalised images [N, H, W, 3], with the batch's gains and holes."""
    size, norm = settings["inputSize"], settings["normalization"]
    images = jax.vmap(lambda pixels, inverse: sample(pixels, inverse, size))(batch["images"], batch["inverse"])
    images = jnp.clip(images * batch["gains"][:, None, None], 0, 255)
    left, top, width, height = (batch["holes"][:, i, None, None] for i in range(4))
    x, y = jnp.arange(size[0])[None, None], jnp.arange(size[1])[None, :, None]
    hole = (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
    images = jnp.where(hole[..., None], 0, images)
    if norm["channels"] == "bgr":
        images = images[..., ::-1]
    mean, std = (jnp.asarray(norm[key], images.dtype) for key in ("mean", "std"))
    return (images / 255 - mean) / std


# ── losses ──────────────────────────────────────────────────────────────────────────────────────────────────────────

def joints_mse(options, outputs, target, weights):
    """½·mean((w·(p − t))²), the sum over all outputs."""
    each = (jnp.mean(((output - target[0]) * weights[:, None, None, :]) ** 2) for output in outputs)
    return 0.5 * sum(each)


def simcc_kl(options, outputs, target, weights):
    """Kullback–Leibler divergence, mean over bins, then over persons and keypoints by their weights; sum over the axes."""
    total = 0.0
    for output, label in zip(outputs, target, strict=True):
        scores = jax.nn.log_softmax(options["beta"] * output)
        each = label * (jnp.log(jnp.maximum(label, 1e-30)) - scores)
        total += jnp.mean(jnp.mean(each, -1) * weights)
    return total


LOSSES = {"joints-mse": joints_mse, "simcc-kl": simcc_kl}


# ── optimisers, as PyTorch has them ─────────────────────────────────────────────────────────────────────────────────

def slots_of(options):
    """What is remembered of each weight's gradients."""
    if options["name"] in ("adam", "radam"):
        return ["m", "v"]
    wanted = {"square": options["name"] == "rmsprop", "mean": options.get("centered"), "momentum": options["momentum"] > 0}
    return [name for name, is_wanted in wanted.items() if is_wanted]


def step_sizes(options, rate, t):
    """What depends on the step t = 1, 2, … alone: computed in double precision, so that no step is compiled anew."""
    sizes = {"rate": rate, "decay": 1 - rate * options["weightDecay"]}
    if options["name"] in ("adam", "radam"):
        beta1, beta2 = options["beta1"], options["beta2"]
        sizes |= {"first": 1 - beta1**t, "root": math.sqrt(1 - beta2**t)}
    if options["name"] == "radam":
        limit = 2 / (1 - beta2) - 1
        rho = limit - 2 * t * beta2**t / (1 - beta2**t)
        rectified = rho >= 5
        factor = math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)) if rectified else 0.0
        plain = 0.0 if options["unrectified"] == "wait" else 1.0
        sizes |= {"adaptive": factor, "plain": 0.0 if rectified else plain}
    return sizes


def move(options, sizes, x, g, slots):
    """One weight's step: its new value and slots."""
    slots = dict(slots)
    rate = sizes["rate"]
    running = lambda slot, value, decay: slots.update({slot: decay * slots[slot] + (1 - decay) * value}) or slots[slot]
    match options["name"]:
        case "adam":
            m, v = running("m", g, options["beta1"]), running("v", g * g, options["beta2"])
            x = x - m / (jnp.sqrt(v) / sizes["root"] + options["epsilon"]) * (rate / sizes["first"])
        case "radam":
            m, v = running("m", g, options["beta1"]), running("v", g * g, options["beta2"])
            adaptive = sizes["adaptive"] * sizes["root"] * m / (jnp.sqrt(v) + options["epsilon"])
            x = x - (rate / sizes["first"]) * (adaptive + sizes["plain"] * m)
        case "rmsprop":
            square = running("square", g * g, options["alpha"])
            if options["centered"]:
                square = square - running("mean", g, options["alpha"]) ** 2
            direction = g / (jnp.sqrt(square) + options["epsilon"])
            if options["momentum"] > 0:
                direction = slots["momentum"] = options["momentum"] * slots["momentum"] + direction
            x = x - rate * direction
        case "sgd":
            direction = g
            if options["momentum"] > 0:
                slots["momentum"] = options["momentum"] * slots["momentum"] + g
                ahead = g + options["momentum"] * slots["momentum"]
                direction = ahead if options["nesterov"] else slots["momentum"]
            x = x - rate * direction
    return x, slots


# ── the schedule ────────────────────────────────────────────────────────────────────────────────────────────────────

def stage_at(schedule, epoch):
    """Stage and the epoch within it of the iterative strategy; (0, epoch) where there is but one stage."""
    length = schedule["epochs"] - schedule["restart"]
    if schedule["stages"] == 1 or epoch < schedule["epochs"]:
        return 0, epoch
    stage = min((epoch - schedule["epochs"]) // length + 1, schedule["stages"] - 1)
    return stage, epoch - schedule["epochs"] - (stage - 1) * length + schedule["restart"]


def epochs_of(schedule):
    return schedule["epochs"] + (schedule["stages"] - 1) * (schedule["epochs"] - schedule["restart"])


def fitted(schedule, epochs):
    """The schedule over another number of epochs, with the rate's drops at the same fractions of it."""
    return {**schedule, "epochs": epochs, "milestones": [round(m * epochs / schedule["epochs"]) for m in schedule["milestones"]]}


def rate_at(settings, epoch):
    schedule = settings["schedule"]
    _, own = stage_at(schedule, epoch)
    return settings["optimizer"]["rate"] * schedule["factor"] ** sum(m <= own for m in schedule["milestones"])


# ── the network ─────────────────────────────────────────────────────────────────────────────────────────────────────

def load_network(path):
    """The model with its weights; random initial values, each of which JAX would compile, are not drawn first."""
    zeros = lambda self, shape, dtype=None: jnp.asarray(np.zeros(shape, dtype or "float32"))
    with unittest.mock.patch.object(keras.initializers.GlorotUniform, "__call__", zeros):
        return keras.saving.load_model(path, compile=False)


class Network:
    """A Keras model as functions of its weights, with what Keras alone would do otherwise than poseblocks."""

    def __init__(self, settings, model):
        self.model, self.settings = model, settings
        self.trainable, self.others = model.trainable_variables, model.non_trainable_variables
        self.flags = [np.issubdtype(np.dtype(v.dtype), np.floating) for v in self.others]
        statistics = {}
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                if len(layer._inbound_nodes) != 1:
                    raise ValueError(f"{layer.name} must be used once. Received: {len(layer._inbound_nodes)} uses.")
                statistics[id(layer.moving_variance)] = layer
        self.variances = {i: statistics[id(v)] for i, v in enumerate(self.others) if id(v) in statistics}
        self.masks = self._masks()
        every = settings["optimizer"]["decays"] == "all"
        self.decays = [every or v.name in ("kernel", "depthwise_kernel") for v in self.trainable]

    def _masks(self):
        """1 within the groups, 0 between them, of kernels that stand for grouped ones: elsewhere the number 1."""
        groups = {group["layer"]: group["groups"] for group in self.settings["groups"]}
        masks = {}
        for layer in self.model.layers:
            count = groups.pop(layer.name, None)
            if count is not None:
                filters, channels = layer.kernel.shape[-2:]
                f, c = np.arange(filters) * count // filters, np.arange(channels) * count // channels
                masks[id(layer.kernel)] = (f[:, None] == c).astype(DTYPE)
        if groups:
            raise ValueError(f"start.keras must have the layers {', '.join(groups)} of handover.json. Received: none of them.")
        return [masks.get(id(v), 1) for v in self.trainable]

    def apply(self, tv, ntv, images, training):
        outputs, ntv = self.model.stateless_call(tv, ntv, images, training=training)
        return (list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]), ntv

    def unbiased(self, old, new, count):
        """Keras moves variances by the biased one of the batch; PyTorch and poseblocks by n / (n − 1) of it."""
        new = list(new)
        for i, layer in self.variances.items():
            n = count * math.prod(layer.input.shape[1:-1])
            new[i] = new[i] + (new[i] - layer.momentum * old[i]) / max(n - 1, 1)
        return new

    def train_step(self):
        settings, options = self.settings, self.settings["optimizer"]
        loss = LOSSES[settings["loss"]["name"]]

        def loss_of(tv, ntv, batch):
            images = network_input(settings, batch)
            outputs, new = self.apply(tv, ntv, images, True)
            value = loss(settings["loss"], outputs, batch["targets"], batch["weights"])
            return value, self.unbiased(ntv, new, images.shape[0])

        def step(state, batch, sizes):
            (value, ntv), gradients = jax.value_and_grad(loss_of, has_aux=True)(state["tv"], state["ntv"], batch)
            tv, slots = [], []
            for x, g, mask, own, decays in zip(state["tv"], gradients, self.masks, state["slots"], self.decays, strict=True):
                x, own = move(options, sizes, x * sizes["decay"] if decays and options["weightDecay"] else x, g * mask, own)
                tv.append(x)
                slots.append(own)
            mean = [d * sizes["mean"] + (1 - sizes["mean"]) * w for d, w in zip(state["average"], self.averaged(tv, ntv))]
            return value, {"tv": tv, "ntv": ntv, "slots": slots, "average": mean}

        return jax.jit(step, donate_argnums=0)

    def averaged(self, tv, ntv):
        """What the moving average (EMA) is taken of: weights and statistics."""
        return [*tv, *(v for v, is_float in zip(ntv, self.flags) if is_float)]

    def predict_step(self):
        settings, order = self.settings, np.array(self.settings["keypoints"]["flipIndices"])

        def predict(tv, ntv, batch):
            images = network_input(settings, batch)
            outputs, _ = self.apply(tv, ntv, images, False)
            if not settings["validation"]["flip"]:
                return outputs
            back = self.apply(tv, ntv, images[:, :, ::-1], False)[0][-1][:, :, ::-1][..., order]
            if settings["codec"]["align"] == "edges":  # the mirrored map lies a cell to the left
                back = jnp.concatenate([back[:, :, :1], back[:, :, :-1]], 2)
            return [(outputs[-1] + back) / 2]

        return jax.jit(predict)

    def start(self):
        """The state of a run that has not begun."""
        names = slots_of(self.settings["optimizer"])
        tv, ntv = ([everywhere(v) for v in kind] for kind in (self.trainable, self.others))
        slots = [{name: everywhere(np.zeros(v.shape, DTYPE)) for name in names} for v in self.trainable]
        average = [everywhere(host(v)) for v in self.averaged(tv, ntv)] if self.settings["average"] else []
        return {"tv": tv, "ntv": ntv, "slots": slots, "average": average}

    def evaluated(self, state):
        """Weights and statistics that are validated and kept: the averages where there are any."""
        if not state["average"]:
            return state["tv"], state["ntv"]
        rest = iter(state["average"][len(state["tv"]) :])
        return state["average"][: len(state["tv"])], [next(rest) if f else v for v, f in zip(state["ntv"], self.flags)]

    def save(self, path, tv, ntv, about):
        """Writes a .keras file in one move, with what is known of it inside."""
        for variables, values in ((self.trainable, tv), (self.others, ntv)):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        draft = path.removesuffix(".keras") + ".draft.keras"
        self.model.save(draft)
        with zipfile.ZipFile(draft, "a") as archive:
            archive.writestr("poseblocks.json", json.dumps(about))
        os.replace(draft, path)


# ── checkpoints and logs ────────────────────────────────────────────────────────────────────────────────────────────

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


# ── the run ─────────────────────────────────────────────────────────────────────────────────────────────────────────

def local_batch(settings, shards, places, epoch, order):
    """This process' rows of a training batch, as numpy arrays."""
    indices = order(places)
    rows = shards.rows(indices)
    drawn = data.augmented(settings, epoch, indices)
    xy, visibility = data.to_input(settings, rows["keypoints"], rows["visibility"], drawn)
    target, weights = data.targets(settings, xy, visibility, epoch)
    kinds = {"images": rows["images"], "inverse": drawn["inverse"], "gains": drawn["gains"], "holes": drawn["holes"]}
    batch = {name: value if name == "images" else value.astype(DTYPE) for name, value in kinds.items()}
    return {**batch, "targets": [t.astype(DTYPE) for t in target], "weights": weights.astype(DTYPE)}


def validate(settings, shards, predict, weights, batch_size):
    """PCK over all validation persons; each process looks at its share of every batch."""
    per, part = batch_size // WORLD, {**settings, "crop": {**settings["crop"], "size": settings["inputSize"]}}
    hits = np.zeros((2, len(settings["keypoints"]["names"])))
    for first in range(0, shards.count, batch_size):
        places = np.arange(first + RANK * per, first + (RANK + 1) * per)
        rows = shards.rows(np.minimum(places, shards.count - 1))  # the last batch is filled up, and not counted
        drawn = data.upright(part, per)
        batch = {"images": rows["images"], **{k: drawn[k].astype(DTYPE) for k in ("inverse", "gains", "holes")}}
        outputs = predict(*weights, {name: divided(value) for name, value in batch.items()})
        found = data.decode(settings["codec"], [own_rows(output) for output in outputs])
        xy, visibility = data.to_input(part, rows["keypoints"], rows["visibility"], drawn)
        visibility = visibility * (places < shards.count)[:, None]
        hits += data.pck_counts(found, xy, visibility, rows["normalizers"], settings["validation"]["threshold"])
    if WORLD > 1:
        hits = np.sum(multihost_utils.process_allgather(hits), 0)
    counted = hits[1] > 0
    return float(np.mean(hits[0][counted] / hits[1][counted])) if counted.any() else math.nan


def say(text):
    if RANK == 0:
        print(text, flush=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--folder", default=here, help="what poseblocks handover wrote (default: where this file is)")
    parser.add_argument("--out", help="default: run in the folder; all processes must see it")
    parser.add_argument("--steps", type=int, help="stop after so many steps in all")
    parser.add_argument("--hours", type=float, help="fit the epochs into so many hours, by the time that the second one takes; not with stages")
    parser.add_argument("--save-every", type=int, default=500, help="steps between checkpoints")
    parser.add_argument("--save-epochs", type=int, default=1, help="epochs between checkpoints")
    parser.add_argument("--threads", type=int, default=min(8, os.cpu_count() or 1), help="threads that prepare batches")
    parser.add_argument("--log-every", type=int, default=10)
    parser.add_argument("--no-verify", action="store_true", help="do not compare the shards' checksums first")
    options = parser.parse_args(arguments)
    began = epoch_began = time.time()
    out = options.out or os.path.join(options.folder, "run")
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(options.folder, "handover.json")) as file:
        settings = json.load(file)
    if (settings["format"], settings["version"]) != ("poseblocks-handover", 1):
        raise ValueError(f"handover.json must have version 1. Received: {settings['format']} {settings['version']}.")
    keras.utils.set_random_seed(settings["seed"])  # dropout

    size, devices = settings["batchSize"], jax.device_count()
    shards, held = (data.Shards(options.folder, settings["data"][part]) for part in ("training", "validation"))
    if size % devices or size % WORLD or size > shards.count:
        raise ValueError(f"The batch of {size} must be a multiple of the {devices} devices, and at most the {shards.count} persons.")
    if not options.no_verify:
        for part in (shards, held):
            part.verify(range(RANK, len(part.list), WORLD))
    steps_per_epoch, per = shards.count // size, size // WORLD  # an epoch's remainder is left out, another one each time
    epochs = epochs_of(settings["schedule"])

    network = Network(settings, load_network(os.path.join(options.folder, "start.keras")))
    step, predict = network.train_step(), network.predict_step()
    state, best = network.start(), None
    progress = {"step": 0, "epoch": 0, "batch": 0, "stepsOfStage": 0, "losses": [], "history": [], "best": None, "overall": None, "schedule": None}
    checkpoint = os.path.join(out, "checkpoint.npz")
    if os.path.exists(checkpoint):
        state, best, progress = load_checkpoint(checkpoint, state)
        say(f"Goes on from step {progress['step']}.")
    if options.hours is not None and settings["schedule"]["stages"] > 1:
        raise ValueError("--hours must not be given for a schedule with stages. Received: one.")
    if progress.get("schedule") is not None:
        settings, epochs = {**settings, "schedule": progress["schedule"]}, progress["schedule"]["epochs"]
    log = Log(os.path.join(out, "log.jsonl"), progress) if RANK == 0 else None
    say(f"{WORLD} processes, {devices} devices, {shards.count} persons, {steps_per_epoch} steps an epoch, {epochs} epochs.")

    def about(**more):
        versions = {"keras": keras.__version__, "jax": jax.__version__, "python": platform.python_version()}
        run = {"processes": WORLD, "devices": devices, "device": jax.devices()[0].device_kind, "versions": versions}
        run["schedule"] = settings["schedule"]
        return {"format": "poseblocks-run", "version": 1, "step": progress["step"], "epoch": progress["epoch"], **run, **more}

    def save():
        if RANK == 0:
            save_checkpoint(checkpoint, state, best, progress)
            weights = ([host(value) for value in kind] for kind in network.evaluated(state))
            metrics = progress["history"][-1]["metrics"] if progress["history"] else {}
            network.save(os.path.join(out, "last.keras"), *weights, about(metrics=metrics))

    def end_epoch():
        nonlocal best, settings, epochs, epoch_began
        weights, metrics = network.evaluated(state), {}
        if held.count:
            metrics = {"PCK": validate(settings, held, predict, weights, size)}
        record = {"epoch": progress["epoch"], "step": progress["step"], "loss": float(np.mean(progress["losses"])),
                  "learningRate": rate_at(settings, progress["epoch"]), "metrics": metrics}  # fmt: skip
        progress["history"].append(record)
        figure = metrics.get("PCK", -record["loss"])
        if progress["best"] is None or figure >= progress["best"]["figure"]:
            progress["best"] = {"figure": figure, "epoch": record["epoch"]}
            best = [[host(value) for value in kind] for kind in weights]
            if progress["overall"] is None or figure >= progress["overall"]["figure"]:
                progress["overall"] = progress["best"]
                if RANK == 0:
                    network.save(os.path.join(out, "best.keras"), *best, about(epoch=record["epoch"] + 1, metrics=metrics))
        if RANK == 0:
            log.write(kind="epoch", **record)
        say(f"epoch {record['epoch'] + 1}/{epochs}: loss {record['loss']:.6g} {metrics}")
        progress.update(epoch=progress["epoch"] + 1, batch=0, losses=[])
        if options.hours is not None and progress["epoch"] == 2:
            now = time.time()
            left = (options.hours * 3600 - (now - began)) / (now - epoch_began)
            if WORLD > 1:
                left = float(multihost_utils.broadcast_one_to_all(np.float64(left)))
            epochs = 2 + max(1, int(0.93 * left))
            progress["schedule"] = fitted(settings["schedule"], epochs)
            settings = {**settings, "schedule": progress["schedule"]}
            say(f"{epochs} epochs fit into {options.hours:g} hours.")
        epoch_began = time.time()
        if progress["epoch"] % options.save_epochs == 0 or progress["epoch"] == epochs:
            save()

    def settle(done, epoch, rate, loss):
        """Logs a step. Its loss is read when the next step has been started, so that the accelerator never waits for it."""
        value = float(host(loss))
        if not math.isfinite(value):
            raise FloatingPointError(f"The loss of step {done} must be finite. Received: {value}. A lower rate may help.")
        progress["losses"].append(value)
        if RANK == 0 and done % options.log_every == 0:
            log.write(kind="step", epoch=epoch, step=done, loss=value, learningRate=rate)

    limit = math.inf if options.steps is None else options.steps
    with concurrent.futures.ThreadPoolExecutor(options.threads) as pool:
        while progress["epoch"] < epochs and progress["step"] < limit:
            epoch = progress["epoch"]
            if progress["batch"] == 0 and epoch > 0 and stage_at(settings["schedule"], epoch)[0] != stage_at(settings["schedule"], epoch - 1)[0]:
                # each stage but the first begins with the best weights of the one before, and a new optimiser
                for key, values in zip(("tv", "ntv"), best):
                    state[key] = [everywhere(value) for value in values]
                state["slots"] = network.start()["slots"]
                best, progress["best"], progress["stepsOfStage"] = None, None, 0
            order, rate = data.epoch_order(shards.count, settings["seed"], epoch), rate_at(settings, epoch)

            def prepare(number):
                first = number * size + RANK * per
                batch = local_batch(settings, shards, np.arange(first, first + per), epoch, order)
                return jax.tree.map(divided, batch)

            numbers = iter(range(progress["batch"], min(steps_per_epoch, progress["batch"] + limit - progress["step"])))
            ahead, running = collections.deque(), []
            while True:
                while len(ahead) <= options.threads and (number := next(numbers, None)) is not None:
                    ahead.append(pool.submit(prepare, number))
                if not ahead:
                    break
                done, t = progress["step"], progress["stepsOfStage"] + 1
                sizes = step_sizes(settings["optimizer"], rate, t)
                sizes["mean"] = min(settings["average"] or 0, (2 + done) / (11 + done))
                loss, state = step(state, ahead.popleft().result(), sizes)
                progress.update(step=done + 1, stepsOfStage=t, batch=progress["batch"] + 1)
                running.append((done, epoch, rate, loss))
                saves = progress["step"] % options.save_every == 0 and progress["batch"] < steps_per_epoch
                while len(running) > (0 if saves else 1):
                    settle(*running.pop(0))
                if saves:
                    save()
            for one in running:
                settle(*one)
            if progress["batch"] == steps_per_epoch:
                end_epoch()
            else:
                save()
    if WORLD > 1:
        multihost_utils.sync_global_devices("saved")
    say(f"Done after {progress['step']} steps; poseblocks takeover {os.path.join(out, 'last.keras')}")
    return network, state, progress


if __name__ == "__main__":
    main()
    if WORLD > 1:
        jax.distributed.shutdown()
