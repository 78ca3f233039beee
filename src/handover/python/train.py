"""Trains what `poseblocks handover` wrote with Keras 3 on JAX: on one process, or on many that share this folder.

    python train.py                                   one process, all its accelerators
    RANK=0 WORLD_SIZE=2 COORDINATOR=host:1234 python train.py      the first of two; launch/ has SLURM, Kubernetes, Ray

All processes take the same steps on one batch that is divided among them, so the result is that of one process. Written to
be read and changed:

    train.py        the run: epochs, steps, validation, when to save
    network.py      the Keras model as functions of its weights, and the losses
    optimizer.py    optimisers and schedules
    data.py         shards, order, augmentation, targets and decoding in numpy
    processes.py    how the processes meet and share arrays
    checkpoints.py  checkpoints and the log

The folder run/ gets log.jsonl, checkpoint.npz (everything, to go on from), last.keras and best.keras (what
`poseblocks takeover` reads). The same command goes on from the checkpoint.
"""
import argparse
import collections
import concurrent.futures
import json
import math
import os
import platform
import time

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import processes  # first: the processes meet before anything touches a device
from processes import RANK, WORLD, divided, everywhere, host, own_rows

import jax
import keras
import numpy as np

import data
from checkpoints import Log, load_checkpoint, save_checkpoint
from network import Network, load_network
from optimizer import epochs_of, fitted, rate_at, stage_at, step_sizes


def arguments_of(arguments):
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
    options.out = options.out or os.path.join(options.folder, "run")
    return options


def settings_in(folder):
    with open(os.path.join(folder, "handover.json")) as file:
        settings = json.load(file)
    if (settings["format"], settings["version"]) != ("poseblocks-handover", 1):
        raise ValueError(f"handover.json must have version 1. Received: {settings['format']} {settings['version']}.")
    return settings


def say(text):
    if RANK == 0:
        print(text, flush=True)


def local_batch(network, shards, places, epoch, order):
    """This process' rows of a training batch, as numpy arrays."""
    settings, indices = network.settings, order(places)
    rows = shards.rows(indices)
    drawn = data.augmented(settings, epoch, indices)
    xy, visibility = data.to_input(settings, rows["keypoints"], rows["visibility"], drawn)
    target, weights = data.targets(settings, xy, visibility, epoch)
    return {**network.batch(rows["images"], drawn), "targets": [t.astype(network.dtype) for t in target],
            "weights": weights.astype(network.dtype)}  # fmt: skip


def validate(network, shards, predict, weights):
    """PCK over all validation persons; each process looks at its share of every batch."""
    settings, batch_size = network.settings, network.settings["batchSize"]
    per, part = batch_size // WORLD, {**settings, "crop": {**settings["crop"], "size": settings["inputSize"]}}
    hits = np.zeros((2, len(settings["keypoints"]["names"])))
    for first in range(0, shards.count, batch_size):
        places = np.arange(first + RANK * per, first + (RANK + 1) * per)
        rows = shards.rows(np.minimum(places, shards.count - 1))  # the last batch is filled up, and not counted
        drawn = data.upright(part, per)
        batch = network.batch(rows["images"], drawn)
        outputs = predict(*weights, {name: divided(value) for name, value in batch.items()})
        found = data.decode(settings["codec"], [own_rows(output) for output in outputs])
        xy, visibility = data.to_input(part, rows["keypoints"], rows["visibility"], drawn)
        visibility = visibility * (places < shards.count)[:, None]
        hits += data.pck_counts(found, xy, visibility, rows["normalizers"], settings["validation"]["threshold"])
    hits = processes.sum_of_all(hits)
    counted = hits[1] > 0
    return float(np.mean(hits[0][counted] / hits[1][counted])) if counted.any() else math.nan


class Run:
    """A run in its folder: the state of the training, and how far it has come."""

    def __init__(self, options, settings):
        self.options, self.settings = options, settings
        self.began = self.epoch_began = time.time()
        os.makedirs(options.out, exist_ok=True)
        self.size, self.devices = settings["batchSize"], jax.device_count()
        self.shards, self.held = (data.Shards(options.folder, settings["data"][part]) for part in ("training", "validation"))
        if self.size % self.devices or self.size % WORLD or self.size > self.shards.count:
            raise ValueError(
                f"The batch of {self.size} must be a multiple of the {self.devices} devices, and at most the {self.shards.count} persons."
            )
        if options.hours is not None and settings["schedule"]["stages"] > 1:
            raise ValueError("--hours must not be given for a schedule with stages. Received: one.")
        if not options.no_verify:
            for part in (self.shards, self.held):
                part.verify(range(RANK, len(part.list), WORLD))
        self.steps_per_epoch = self.shards.count // self.size  # an epoch's remainder is left out, another one each time

        self.network = Network(settings, load_network(os.path.join(options.folder, "start.keras")))
        self.step, self.predict = self.network.train_step(), self.network.predict_step()
        self.state, self.best = self.network.start(), None
        self.progress = {"step": 0, "epoch": 0, "batch": 0, "stepsOfStage": 0, "losses": [], "history": [],
                         "best": None, "overall": None, "schedule": None}  # fmt: skip
        self.checkpoint = self.file("checkpoint.npz")
        if os.path.exists(self.checkpoint):
            self.state, self.best, self.progress = load_checkpoint(self.checkpoint, self.state)
            say(f"Goes on from step {self.progress['step']}.")
        self.log = Log(self.file("log.jsonl"), self.progress) if RANK == 0 else None

    def file(self, name):
        return os.path.join(self.options.out, name)

    @property
    def schedule(self):
        """The hand-over's, or what `--hours` has made of it."""
        return self.progress["schedule"] or self.settings["schedule"]

    def rate(self):
        return rate_at(self.settings["optimizer"], self.schedule, self.progress["epoch"])

    def train(self):
        progress, epochs = self.progress, epochs_of(self.schedule)
        say(f"{WORLD} processes, {self.devices} devices, {self.shards.count} persons, {self.steps_per_epoch} steps an epoch, {epochs} epochs.")
        limit = math.inf if self.options.steps is None else self.options.steps
        with concurrent.futures.ThreadPoolExecutor(self.options.threads) as pool:
            while progress["epoch"] < epochs_of(self.schedule) and progress["step"] < limit:
                if progress["batch"] == 0:
                    self.begin_epoch()
                self.train_epoch(pool, min(self.steps_per_epoch, progress["batch"] + limit - progress["step"]))
                if progress["batch"] == self.steps_per_epoch:
                    self.end_epoch()
                else:
                    self.save()
        processes.wait_for_all("saved")
        say(f"Done after {progress['step']} steps; poseblocks takeover {self.file('last.keras')}")

    def begin_epoch(self):
        """Each stage but the first begins with the best weights of the one before, and a new optimiser."""
        epoch = self.progress["epoch"]
        if epoch == 0 or stage_at(self.schedule, epoch)[0] == stage_at(self.schedule, epoch - 1)[0]:
            return
        for key, values in zip(("tv", "ntv"), self.best):
            self.state[key] = [everywhere(value) for value in values]
        self.state["slots"] = self.network.start()["slots"]
        self.best, self.progress["best"], self.progress["stepsOfStage"] = None, None, 0

    def train_epoch(self, pool, end):
        """The steps of an epoch up to its batch number `end`; threads prepare batches ahead."""
        options, progress, epoch, per = self.options, self.progress, self.progress["epoch"], self.size // WORLD
        order, rate = data.epoch_order(self.shards.count, self.settings["seed"], epoch), self.rate()

        def prepare(number):
            first = number * self.size + RANK * per
            batch = local_batch(self.network, self.shards, np.arange(first, first + per), epoch, order)
            return jax.tree.map(divided, batch)

        numbers, ahead, running = iter(range(progress["batch"], end)), collections.deque(), []
        while True:
            while len(ahead) <= options.threads and (number := next(numbers, None)) is not None:
                ahead.append(pool.submit(prepare, number))
            if not ahead:
                break
            done, t = progress["step"], progress["stepsOfStage"] + 1
            sizes = step_sizes(self.settings["optimizer"], rate, t)
            sizes["mean"] = min(self.settings["average"] or 0, (2 + done) / (11 + done))
            loss, self.state = self.step(self.state, ahead.popleft().result(), sizes)
            progress.update(step=done + 1, stepsOfStage=t, batch=progress["batch"] + 1)
            running.append((done, epoch, rate, loss))
            saves = progress["step"] % options.save_every == 0 and progress["batch"] < self.steps_per_epoch
            while len(running) > (0 if saves else 1):
                self.settle(*running.pop(0))
            if saves:
                self.save()
        for one in running:
            self.settle(*one)

    def settle(self, done, epoch, rate, loss):
        """Logs a step. Its loss is read when the next step has been started, so that the accelerator never waits for it."""
        value = float(host(loss))
        if not math.isfinite(value):
            raise FloatingPointError(f"The loss of step {done} must be finite. Received: {value}. A lower rate may help.")
        self.progress["losses"].append(value)
        if RANK == 0 and done % self.options.log_every == 0:
            self.log.write(kind="step", epoch=epoch, step=done, loss=value, learningRate=rate)

    def end_epoch(self):
        progress, weights = self.progress, self.network.evaluated(self.state)
        metrics = {"PCK": validate(self.network, self.held, self.predict, weights)} if self.held.count else {}
        record = {"epoch": progress["epoch"], "step": progress["step"], "loss": float(np.mean(progress["losses"])),
                  "learningRate": self.rate(), "metrics": metrics}  # fmt: skip
        progress["history"].append(record)
        self.keep_best(weights, record)
        if RANK == 0:
            self.log.write(kind="epoch", **record)
        say(f"epoch {record['epoch'] + 1}/{epochs_of(self.schedule)}: loss {record['loss']:.6g} {metrics}")
        progress.update(epoch=progress["epoch"] + 1, batch=0, losses=[])
        if self.options.hours is not None and progress["epoch"] == 2:
            self.fit_into_hours()
        self.epoch_began = time.time()
        if progress["epoch"] % self.options.save_epochs == 0 or progress["epoch"] == epochs_of(self.schedule):
            self.save()

    def keep_best(self, weights, record):
        """The best weights of the stage, from which the next one starts, and the best of all, as a file."""
        progress, figure = self.progress, record["metrics"].get("PCK", -record["loss"])
        if progress["best"] is not None and not figure >= progress["best"]["figure"]:
            return
        progress["best"] = {"figure": figure, "epoch": record["epoch"]}
        self.best = [[host(value) for value in kind] for kind in weights]
        if progress["overall"] is None or figure >= progress["overall"]["figure"]:
            progress["overall"] = progress["best"]
            if RANK == 0:
                about = self.about(epoch=record["epoch"] + 1, metrics=record["metrics"])
                self.network.save(self.file("best.keras"), *self.best, about)

    def fit_into_hours(self):
        now = time.time()
        left = processes.of_first((self.options.hours * 3600 - (now - self.began)) / (now - self.epoch_began))
        self.progress["schedule"] = fitted(self.schedule, 2 + max(1, int(0.93 * left)))
        say(f"{self.schedule['epochs']} epochs fit into {self.options.hours:g} hours.")

    def about(self, **more):
        """What `poseblocks takeover` notes as the provenance of the weights."""
        versions = {"keras": keras.__version__, "jax": jax.__version__, "python": platform.python_version()}
        run = {"processes": WORLD, "devices": self.devices, "device": jax.devices()[0].device_kind, "versions": versions}
        progress = {"step": self.progress["step"], "epoch": self.progress["epoch"], "schedule": self.schedule}
        return {"format": "poseblocks-run", "version": 1, **progress, **run, **more}

    def save(self):
        if RANK == 0:
            save_checkpoint(self.checkpoint, self.state, self.best, self.progress)
            weights = ([host(value) for value in kind] for kind in self.network.evaluated(self.state))
            metrics = self.progress["history"][-1]["metrics"] if self.progress["history"] else {}
            self.network.save(self.file("last.keras"), *weights, self.about(metrics=metrics))


def main(arguments=None):
    options = arguments_of(arguments)
    settings = settings_in(options.folder)
    keras.utils.set_random_seed(settings["seed"])  # dropout
    run = Run(options, settings)
    run.train()
    return run


if __name__ == "__main__":
    main()
    processes.part()
