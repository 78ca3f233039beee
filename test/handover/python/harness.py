"""What the tests ask of train.py and data.py, which lie in the folder given first: harness.py FOLDER WHAT arguments."""
import json
import os
import sys

folder, what, *arguments = sys.argv[1:]
sys.path.insert(0, folder)


def raw(path, array):
    array.tofile(path)
    return list(array.shape)


def numbers(request, out):
    """Orders, augmentation and targets, as raw files."""
    import numpy as np

    import data

    settings, epoch, indices = request["settings"], request["epoch"], np.array(request["indices"])
    xy, visibility = (np.array(request[key]) for key in ("keypoints", "visibility"))
    drawn = data.augmented(settings, epoch, indices)
    moved, seen = data.to_input(settings, xy, visibility, drawn)
    arrays = {"order": data.shuffled(request["count"], settings["seed"], epoch).astype(np.float64),
              "forward": drawn["forward"], "gains": drawn["gains"], "holes": drawn["holes"].astype(np.float64),
              "moved": moved.astype(np.float64), "seen": seen.astype(np.float64)}  # fmt: skip
    for name, codec in request["codecs"].items():
        given = {**settings, "codec": codec["json"], "epochScale": codec["epochScale"]}
        points, visible = (np.array(request["points"][key], dtype) for key, dtype in (("xy", np.float32), ("score", float)))
        values, weights = data.targets(given, points, visible, epoch)
        arrays |= {f"{name}.{i}": value for i, value in enumerate(values)} | {f"{name}.weights": weights}
    shapes = {name: raw(os.path.join(out, f"{name}.bin"), array) for name, array in arrays.items()}
    scattered = [sorted(data.scattered(np.arange(n), n, 1, 2).tolist()) == list(range(n)) for n in (1, 2, 3, 1000, 4097)]
    print(json.dumps({"shapes": shapes, "scattered": scattered}))


def in_float64():
    """train.py in double precision: Keras computes normalisations in float32 whatever it is told, so they are replaced."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import train

    import jax.numpy as jnp
    import keras
    import numpy as np

    class BatchNorm(keras.layers.BatchNormalization):
        def call(self, x, training=None, mask=None):
            mean, variance = self.moving_mean.value, self.moving_variance.value
            if training:
                old, k = (mean, variance), self.momentum
                mean = jnp.mean(x, (0, 1, 2))
                variance = jnp.mean((x - mean) ** 2, (0, 1, 2))
                self.moving_mean.assign(old[0] * k + mean * (1 - k))
                self.moving_variance.assign(old[1] * k + variance * (1 - k))
            return (x - mean) / jnp.sqrt(variance + self.epsilon) * self.gamma.value + self.beta.value

    class LayerNorm(keras.layers.LayerNormalization):
        def call(self, x):
            mean = jnp.mean(x, -1, keepdims=True)
            variance = jnp.mean((x - mean) ** 2, -1, keepdims=True)
            return (x - mean) / jnp.sqrt(variance + self.epsilon) * self.gamma.value + self.beta.value

    load = train.load_network

    def load_network(path):
        old = load(path)
        keras.config.set_floatx("float64")
        model = keras.models.clone_model(
            old, clone_function=lambda layer: layer.__class__.from_config({**layer.get_config(), "dtype": "float64"})
        )
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.__class__ = BatchNorm
            if isinstance(layer, keras.layers.LayerNormalization):
                layer.__class__ = LayerNorm
        for variable, value in zip(model.variables, old.variables):
            variable.assign(np.asarray(value, "float64"))
        return model

    train.load_network = load_network
    train.Network.save = lambda *_: None  # a file of a model whose classes Keras does not know
    return train


def float64(*options):
    """Some steps in double precision; the state after the first one is kept as first.npz."""
    train = in_float64()
    run_float64(train, options)


def nudged(*options):
    """The same from weights of which half, chosen at random, are one unit in the last place larger: a control."""
    import numpy as np

    train = in_float64()
    load, random = train.load_network, np.random.default_rng(0)

    def load_nudged(path):
        model = load(path)
        for variable in model.trainable_variables:
            value = np.asarray(variable.value)
            variable.assign(np.where(random.random(value.shape) < 0.5, value, np.nextafter(value, np.inf)))
        return model

    train.load_network = load_nudged
    run_float64(train, options)


def run_float64(train, options):
    import shutil

    save = train.save_checkpoint

    def save_first(path, state, best, progress):
        save(path, state, best, progress)
        if progress["step"] == 1:
            shutil.copy(path, os.path.join(os.path.dirname(path), "first.npz"))

    train.save_checkpoint = save_first
    train.main(["--folder", folder, "--log-every", "1", "--save-every", "1", *options])
    train.processes.part()


def die(phase, *options):
    """train.py, killed by itself in a phase that a kill at random seldom meets."""
    import functools
    import signal
    import threading

    killed = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    soon = lambda seconds: threading.Timer(seconds, killed).start()

    def before(owner, name, act, count=1):
        """Acts when the function is called for the time `count`."""
        function, calls = getattr(owner, name), [0]

        @functools.wraps(function)
        def called(*arguments, **more):
            calls[0] += 1
            if calls[0] == count:
                act(*arguments)
            return function(*arguments, **more)

        setattr(owner, name, called)

    def half_written(file, **_):
        file.write(b"PK" * 50_000)
        file.flush()
        killed()

    if phase == "start":
        killed()
    import jax
    import numpy as np
    from jax.experimental import multihost_utils

    if phase == "connecting":
        before(jax.distributed, "initialize", lambda *_: soon(0.2))
    if phase == "connected":
        before(multihost_utils, "sync_global_devices", killed)
    import train

    match phase:
        case "compilation":
            before(train.Run, "train_epoch", lambda *_: soon(3))
        case "step":
            before(train, "step_sizes", killed, 3)
        case "validation":
            before(train.data, "decode", killed)
        case "checkpoint":
            before(np, "savez", half_written)
        case "end":
            before(train.processes, "wait_for_all", killed)
    train.main(["--folder", folder, *options])
    train.processes.part()


def compare(first, second):
    """The largest differences of two checkpoints' weights, of their statistics, and of their losses."""
    import numpy as np

    with np.load(first) as a, np.load(second) as b:
        of = lambda kind: {name: np.abs(a[name].astype(float) - b[name]) for name in a.files if name.startswith(kind)}
        apart, statistics = of("['tv']"), of("['ntv']")
        largest = lambda differences: max(float(each.max()) for each in differences.values())
        equal = a.files == b.files and all(np.array_equal(a[name], b[name]) for name in a.files if name != "progress")
        losses = [json.loads(str(each["progress"])) for each in (a, b)]
        flat = [[*each["losses"], *(record["loss"] for record in each["history"])] for each in losses]
        loss = max(abs(x - y) for x, y in zip(*flat, strict=True))
        report = {"arrays": len(a.files), "weights": largest(apart), "statistics": largest(statistics), "losses": loss, "equal": equal}
    start = os.path.join(os.path.dirname(first), "first.npz")
    print(json.dumps(report | (by_gradient(start, apart) if os.path.exists(start) else {})))


def by_gradient(start, apart):
    """The same of the weights whose gradient in the first step was far above Adam's epsilon, 1e-8, and how many are not among them.

    The first step is rate · g / (|g| + ε): where |g| is near ε, it changes by up to rate / ε = 100 times a change of g.
    """
    import numpy as np

    far, near, total = 0.0, 0, 0
    with np.load(start) as after:
        for name, difference in apart.items():
            g = np.abs(after[name.replace("['tv']", "['slots']") + "['m']"]) * 10  # m = (1 − β₁) g
            is_far = g > 1e-6
            far = max(far, float(difference[is_far].max(initial=0)))
            near += int(np.sum(~is_far & (g > 0)))
            total += int(np.sum(g > 0))
    return {"farFromEpsilon": far, "near": near, "total": total}


def first_steps(steps, out):
    """One step, kept as first.keras; then as many in all, from the checkpoint."""
    import shutil

    import train

    train.main(["--folder", folder, "--log-every", "1", "--steps", "1"])
    shutil.copy(os.path.join(folder, "run", "last.keras"), os.path.join(out, "first.keras"))
    trained(steps, out)


def trained(steps, out):
    """So many steps. The density of masked kernels, the outputs for the validation images, and the last epoch's record."""
    import numpy as np

    import train

    run = train.main(["--folder", folder, "--log-every", "1", "--steps", steps])
    network = run.network
    kernels = [(v.path, train.host(x)) for v, x in zip(network.trainable, run.state["tv"]) if v.path in masked(network)]
    density = {path: float(np.mean(value != 0)) for path, value in kernels}
    shapes, outputs = outputs_of(train, network, run.state, out)
    last = outputs[-1]
    print(json.dumps({"density": density, "shapes": shapes, "apart": float(np.abs(last[0] - last[1]).max()),
                      "scale": float(np.abs(last).max()), "epoch": run.progress["history"][-1]}))  # fmt: skip


def masked(network):
    return {v.path for v, mask in zip(network.trainable, network.masks) if not isinstance(mask, int)}


def outputs_of(train, network, state, out):
    """The network's outputs for the validation images, and those, as raw files."""
    import jax
    import numpy as np
    from network import network_input

    settings = network.settings
    part = {**settings, "crop": {**settings["crop"], "size": settings["inputSize"]}}
    shards = train.data.Shards(folder, settings["data"]["validation"])
    rows = shards.rows(np.arange(shards.count))
    drawn = train.data.upright(part, shards.count)
    images = jax.jit(lambda batch: network_input(part, batch))(network.batch(rows["images"], drawn))
    outputs = jax.jit(lambda tv, ntv, images: network.apply(tv, ntv, images, False)[0])(state["tv"], state["ntv"], images)
    arrays = {"images": np.asarray(images), **{f"output.{i}": np.asarray(o) for i, o in enumerate(outputs)}}
    return {name: raw(os.path.join(out, f"{name}.bin"), array) for name, array in arrays.items()}, [np.asarray(o) for o in outputs]


def predict(keras_file, out):
    """The outputs of a .keras file for the validation images, as raw files."""
    import train

    settings = train.settings_in(folder)
    network = train.Network(settings, train.load_network(keras_file))
    print(json.dumps(outputs_of(train, network, network.start(), out)[0]))


def rates():
    """What the shards, the order of an epoch and a checkpoint cost here."""
    import tempfile
    import time

    import numpy as np

    import data

    with open(os.path.join(folder, "handover.json")) as file:
        settings = json.load(file)
    shards = data.Shards(folder, settings["data"]["training"])

    def seconds(work):
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    order = data.epoch_order(shards.count, 1, 0)
    batches = [order(np.arange(first, first + 32)) for first in range(0, shards.count - 31, 32)]
    read = lambda: [shards.rows(batch) for batch in batches]
    read()
    people = 32 * len(batches)

    def encode():
        for batch in batches[:8]:
            drawn = data.augmented(settings, 0, batch)
            rows = shards.rows(batch)
            xy, visibility = data.to_input(settings, rows["keypoints"], rows["visibility"], drawn)
            data.targets(settings, xy, visibility, 0)

    with tempfile.TemporaryDirectory() as place:
        arrays = {str(i): np.zeros(2_900_000, np.float32) for i in range(5)}
        write = lambda: np.savez(os.path.join(place, "x.npz"), **arrays)
        saved = seconds(write)
    print(json.dumps({
        "read in the order of an epoch, from memory, in persons": people / seconds(read),
        "read, augmentation drawn and targets made, in persons": 256 / seconds(encode),
        "checksums compared, in persons": shards.count / seconds(lambda: shards.verify(range(len(shards.list)))),
        "the order of an epoch of 150,000 persons, by a list": seconds(lambda: data.shuffled(150_000, 1, 0)),
        "the places of a batch of 4,096 among 100 million persons": seconds(lambda: data.scattered(np.arange(4096), 100_000_000, 1, 0)),
        "a checkpoint of LPN-50 with Adam and EMA, 58 MB": saved,
    }))


if what == "numbers":
    numbers(json.load(sys.stdin), *arguments)
else:
    {"float64": float64, "nudged": nudged, "die": die, "compare": compare, "first-step": first_steps, "trained": trained, "predict": predict, "rates": rates}[what](*arguments)
