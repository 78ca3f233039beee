"""A Keras model as functions of its weights: its input, its losses, a step of training, a prediction."""
import json
import math
import os
import unittest.mock
import zipfile

import jax
import jax.numpy as jnp
import keras
import numpy as np

from optimizer import move, slots_of
from processes import everywhere, host


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
        self._freeze()
        self.trainable, self.others = model.trainable_variables, model.non_trainable_variables
        self.dtype = np.dtype(self.trainable[0].dtype)
        self.flags = [np.issubdtype(np.dtype(v.dtype), np.floating) for v in self.others]
        statistics = {}
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable:
                if len(layer._inbound_nodes) != 1:
                    raise ValueError(f"{layer.name} must be used once. Received: {len(layer._inbound_nodes)} uses.")
                statistics[id(layer.moving_variance)] = layer
        self.variances = {i: statistics[id(v)] for i, v in enumerate(self.others) if id(v) in statistics}
        self.masks = self._masks()
        every = settings["optimizer"]["decays"] == "all"
        self.decays = [every or v.name in ("kernel", "depthwise_kernel") for v in self.trainable]

    def _freeze(self):
        """Keras' own `trainable = False` also stops the statistics of batch normalisation; poseblocks can do one without the other."""
        for frozen in self.settings["frozen"]:
            layer = self.model.get_layer(frozen["layer"])
            if frozen["statistics"] == "keep":
                layer.trainable = False
            for variable in layer.trainable_variables:
                variable.trainable = False

    def _masks(self):
        """1 within the groups, 0 between them, of kernels that stand for grouped ones: elsewhere the number 1."""
        groups = {group["layer"]: group["groups"] for group in self.settings["groups"]}
        masks = {}
        for layer in self.model.layers:
            count = groups.pop(layer.name, None)
            if count is not None:
                filters, channels = layer.kernel.shape[-2:]
                f, c = np.arange(filters) * count // filters, np.arange(channels) * count // channels
                masks[id(layer.kernel)] = (f[:, None] == c).astype(self.dtype)
        if groups:
            raise ValueError(f"start.keras must have the layers {', '.join(groups)} of handover.json. Received: none of them.")
        return [masks.get(id(v), 1) for v in self.trainable]

    def batch(self, images, drawn):
        """What `network_input` takes, as numpy arrays: stored crops, and how each becomes an input."""
        return {"images": images, **{name: drawn[name].astype(self.dtype) for name in ("inverse", "gains", "holes")}}

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
        slots = [{name: everywhere(np.zeros(v.shape, self.dtype)) for name in names} for v in self.trainable]
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
