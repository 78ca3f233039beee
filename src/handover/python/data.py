"""What the network is fed with and compared to, in numpy: shards, the order of an epoch, augmentation, targets, decoding.

Everything here repeats what poseblocks computes in TypeScript: the same order, the same random numbers, the same targets.
Sizes are [width, height], tensor shapes [height, width]; coordinate 0 is the middle of the first pixel.
"""
import functools
import hashlib
import os

import numpy as np

SHUFFLED = 1 << 20  # persons up to which an epoch's order is a list; beyond, it is computed place by place


# ── random numbers ──────────────────────────────────────────────────────────────────────────────────────────────────

def mix(value, key):
    """One round of murmur3's finaliser; uint32 arrays."""
    value = (value ^ key) * np.uint32(0x85EBCA6B)
    value = (value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return value ^ (value >> np.uint32(16))


class Random:
    """`seededRandom(...keys)` of poseblocks (sfc32), for many tuples of keys at a time: each key is a number or an array [N]."""

    def __init__(self, *keys):
        keys = np.broadcast_arrays(*(np.atleast_1d(np.asarray(key, np.int64)) for key in keys))
        state = [np.full(keys[0].shape, seed, np.uint32) for seed in (0x9E3779B9, 0x243F6A88, 0xB7E15162)]
        for key in keys:
            low, high = key.astype(np.uint32), (key >> 32).astype(np.uint32)
            state = [mix(mix(word, low), high + np.uint32(i)) for i, word in enumerate(state)]
        self.state, self.counter = state, np.ones_like(state[0])
        for _ in range(12):
            self.bits()

    def bits(self):
        a, b, c = self.state
        result = a + b + self.counter
        self.counter = self.counter + np.uint32(1)
        turned = (c << np.uint32(21)) | (c >> np.uint32(11))
        self.state = [b ^ (b >> np.uint32(9)), c + (c << np.uint32(3)), turned + result]
        return result

    def next(self):
        return self.bits() / float(1 << 32)

    def uniform(self, low, high):
        return low + (high - low) * self.next()

    def normal(self):
        radius = np.sqrt(-2 * np.log(1 - self.next()))
        return radius * np.cos(2 * np.pi * self.next())

    def integer(self, count):
        return np.floor(self.next() * count).astype(np.int64)


# ── the order of an epoch ───────────────────────────────────────────────────────────────────────────────────────────

def shuffled(count, seed, epoch):
    """`epochOrder` of poseblocks: Fisher–Yates, drawing from (seed, epoch)."""
    random = Random(seed, epoch)
    a, b, c = (int(word[0]) for word in random.state)
    counter, all_bits = int(random.counter[0]), 0xFFFFFFFF
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        t = (a + b + counter) & all_bits
        counter = (counter + 1) & all_bits
        a, b = b ^ (b >> 9), (c + (c << 3)) & all_bits
        c = (((c << 21) | (c >> 11)) + t) & all_bits
        j = t * (i + 1) >> 32
        order[i], order[j] = order[j], order[i]
    return np.array(order, np.int64)


def scattered(places, count, seed, epoch):
    """A permutation of 0 … count − 1 that needs no list: a Feistel cipher keyed by (seed, epoch), walked until it is in range."""
    half = max(1, (int(count - 1).bit_length() + 1) // 2)
    mask = np.uint32((1 << half) - 1)
    keys = [Random(seed, epoch, i).bits() for i in range(6)]
    values = np.array(places, np.int64)
    outside = np.ones(values.shape, bool)
    while outside.any():
        left = (values[outside] >> half).astype(np.uint32)
        right = values[outside].astype(np.uint32) & mask
        for key in keys:
            left, right = right, left ^ (mix(mix(right, key), key) & mask)
        values[outside] = (left.astype(np.int64) << half) | right
        outside = values >= count
    return values


def epoch_order(count, seed, epoch):
    """A function: places of an epoch → numbers of persons."""
    if count > SHUFFLED:
        return lambda places: scattered(places, count, seed, epoch)
    return functools.partial(np.take, shuffled(count, seed, epoch))


# ── shards ──────────────────────────────────────────────────────────────────────────────────────────────────────────

FIELDS = ("images", "keypoints", "visibility", "normalizers")


class Shards:
    """The persons of one part, 'training' or 'validation', read through memory maps."""

    def __init__(self, folder, part):
        self.folder, self.list = folder, part["shards"]
        self.ends = np.cumsum([shard["count"] for shard in self.list])
        self.count = int(self.ends[-1]) if len(self.list) else 0
        self.open = functools.lru_cache(maxsize=512)(self._open)

    def path(self, shard, field):
        return os.path.join(self.folder, f"{shard['name']}.{field}.npy")

    def _open(self, number):
        shard = self.list[number]
        arrays = {field: np.load(self.path(shard, field), mmap_mode="r") for field in FIELDS}
        for field, array in arrays.items():
            if len(array) != shard["count"]:
                raise ValueError(f"{self.path(shard, field)} must hold {shard['count']} persons. Received: {len(array)}.")
        return arrays

    def verify(self, numbers):
        """Compares the checksums of these shards."""
        for number in numbers:
            shard = self.list[number]
            for field in FIELDS:
                with open(self.path(shard, field), "rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
                if found != shard["sha256"][field]:
                    raise ValueError(
                        f"{self.path(shard, field)} must have the checksum in handover.json. Received: another one; the file is damaged. "
                        "Delete it and run the same `poseblocks handover` again, which writes what is missing."
                    )

    def rows(self, indices):
        """images [N, H, W, 3] uint8, keypoints [N, K, 2], visibility [N, K], normalizers [N] of these persons."""
        numbers = np.searchsorted(self.ends, indices, "right")
        places = indices - np.where(numbers > 0, self.ends[numbers - 1], 0)
        opened = [self.open(int(number)) for number in numbers]
        return {field: np.stack([arrays[field][place] for arrays, place in zip(opened, places)]) for field in FIELDS}


# ── from the stored crop to the network's input ─────────────────────────────────────────────────────────────────────

def upright(settings, count):
    """The plain crop, N times: how the stored crop is cut to the network's input."""
    scale, angle, mirrored = np.ones(count), np.zeros(count), np.zeros(count, bool)
    return {**placed(settings, scale, angle, mirrored), "gains": np.ones((count, 3)), "holes": np.zeros((count, 4))}


def augmented(settings, epoch, indices):
    """What poseblocks draws for these persons of an epoch (`augmentSample`): always the same numbers in the same order."""
    options = settings["augmentation"]
    if options is None:
        return upright(settings, len(indices))
    random = Random(settings["seed"], epoch, indices)
    for _ in range(3):  # whether, and on which half of the body: not handed over
        random.next()
    scale, rotation, color = options["scale"], options["rotation"], options["color"]
    factor = np.clip(random.normal() * scale + 1, 1 - scale, 1 + scale)
    turn = np.clip(random.normal() * rotation, -2 * rotation, 2 * rotation)
    degrees = np.where(random.next() < 0.6, turn, 0)
    mirrored = random.next() < options["flip"]
    gains = np.stack([random.uniform(1 - color, 1 + color) for _ in range(3)], 1)
    width, height = settings["inputSize"]
    w = np.floor(random.uniform(0.2, 0.4) * width + 0.5)
    h = np.floor(random.uniform(0.2, 0.4) * height + 0.5)
    holes = np.stack([random.integer(width - w + 1), random.integer(height - h + 1), w, h], 1)
    holes = holes * (random.next() < options["cutout"])[:, None]
    return {**placed(settings, factor, degrees, mirrored), "gains": gains, "holes": holes}


def placed(settings, factor, degrees, mirrored):
    """Affine maps [N, 6]: `forward` from the stored crop to the input, `inverse` back. Both share their middle."""
    size, stored = np.array(settings["inputSize"], float), np.array(settings["crop"]["size"], float)
    last = 1 if settings["crop"]["align"] == "centers" else 0
    (mx, my), (sx, sy) = (size - last) / 2, (stored - last) / 2
    radians = np.where(mirrored, -degrees, degrees) * np.pi / 180
    a, b = np.cos(radians) / factor, np.sin(radians) / factor
    forward = np.stack([a, b, mx - a * sx - b * sy, -b, a, my + b * sx - a * sy], 1)
    forward[mirrored, :3] *= -1  # the image is mirrored before it is cropped
    forward[mirrored, 2] += size[0]
    a, b, c, d, e, f = forward.T
    determinant = a * e - b * d
    inverse = np.stack([e, -b, b * f - c * e, -d, a, c * d - a * f], 1) / determinant[:, None]
    return {"forward": forward, "inverse": inverse, "mirrored": mirrored}


def to_input(settings, keypoints, visibility, drawn):
    """Keypoints of the stored crop in the network's input; of mirrored persons, left and right are exchanged."""
    a, b, c, d, e, f = (value[:, None] for value in drawn["forward"].T)
    x, y = keypoints[..., 0], keypoints[..., 1]
    moved = np.stack([a * x + b * y + c, d * x + e * y + f], -1)
    pairs, mirrored = settings["keypoints"]["flipIndices"], drawn["mirrored"][:, None]
    moved = np.where(mirrored[..., None], moved[:, pairs], moved)
    return moved.astype(np.float32), np.where(mirrored, visibility[:, pairs], visibility)


# ── targets ─────────────────────────────────────────────────────────────────────────────────────────────────────────

def strides(codec):
    size, cells = np.array(codec["inputSize"], float), np.array(codec["heatmapSize"], float)
    return (size - 1) / (cells - 1) if codec["align"] == "centers" else size / cells


def gaussian_targets(codec, xy, visibility, factor=1.0):
    """Of `gaussianCodec`: heatmaps [N, h, w, K] and weights [N, K]."""
    (width, height), sigma, amplitude = codec["heatmapSize"], codec["sigma"], codec["factor"] * factor
    truncate = np.inf if codec["truncate"] is None else codec["truncate"]
    center = xy.astype(np.float64) / strides(codec)
    rounded, support = np.trunc(center + 0.5), np.floor(3 * sigma)
    outside = ((rounded - support >= [width, height]) | (rounded + support + 1 < 0)).any(-1)
    weights = ((visibility > 0) & ~outside).astype(np.float32)
    exact = codec["center"] == "exact"
    reach = truncate * sigma if exact else min(np.floor(truncate * sigma), max(width, height))
    dx, dy = (np.arange(size) - (center if exact else rounded)[..., axis, None] for axis, size in enumerate((width, height)))
    near_x, near_y = np.abs(dx) <= reach, (np.abs(dy) <= reach) & (weights > 0)[..., None]
    along = lambda values: values.transpose(0, 2, 1)  # [N, K, size] → [N, size, K], as heatmaps have it
    if exact:  # a product of two curves, each 0 beyond its reach
        across, down = np.exp(-(dx**2) / (2 * sigma**2)) * near_x, amplitude * np.exp(-(dy**2) / (2 * sigma**2)) * near_y
        return [(along(down)[:, :, None] * along(across)[:, None]).astype(np.float32, order="C")], weights
    near = along(near_y)[:, :, None] & along(near_x)[:, None]
    squared = along(dy**2)[:, :, None] + along(dx**2)[:, None]  # whole numbers: a table has their values
    table = amplitude * np.exp(-np.arange(2 * reach**2 + 1) / (2 * sigma**2))
    values = table[np.where(near, squared, 0).astype(np.int64)]
    return [np.where(near, values, 0).astype(np.float32, order="C")], weights


def simcc_targets(codec, xy, visibility, factor=1.0):
    """Of `simccCodec`: x [N, K, W·split], y [N, K, H·split] and weights [N, K]."""
    split, sigma = codec["split"], codec["sigma"]
    center = np.trunc(xy.astype(np.float64) * split + 0.5)
    bins = np.array(codec["inputSize"]) * split
    reach = np.floor(3 * np.array(sigma))
    near = ((center - reach < bins) & (center + reach + 1 >= 0)).all(-1)
    weights = ((visibility > 0) & near).astype(np.float32)
    axes = []
    for axis in (0, 1):
        peak = 1 / (sigma[axis] * np.sqrt(2 * np.pi)) if codec["normalize"] else 1
        distance = np.arange(bins[axis]) - center[..., axis, None]
        values = peak * np.exp(-(distance**2) / (2 * sigma[axis] ** 2))
        axes.append((values * weights[..., None]).astype(np.float32))
    return axes, weights


def targets(settings, xy, visibility, epoch):
    """What the loss compares with, a list of arrays, and the weights [N, K]."""
    scale = settings["epochScale"]
    factor = 1.0 if scale is None else max(scale["minimum"], scale["start"] / (epoch + 1))
    encode = {"gaussian": gaussian_targets, "simcc": simcc_targets}[settings["codec"]["codec"]]
    return encode(settings["codec"], xy, visibility, factor)


# ── decoding, for validation ────────────────────────────────────────────────────────────────────────────────────────

def decode(codec, outputs):
    """The last heatmaps [N, h, w, K], or SimCC's two outputs, → keypoints [N, K, 2] in the input's pixels."""
    if codec["codec"] == "simcc":
        xy = np.stack([np.argmax(output, -1) for output in outputs[-2:]], -1) / codec["split"]
        return xy * (np.minimum(*(output.max(-1) for output in outputs[-2:])) > 0)[..., None]
    maps = np.asarray(outputs[-1], np.float64).transpose(0, 3, 1, 2)
    n, keypoints, height, width = maps.shape
    flat, refine = maps.reshape(n, keypoints, -1), codec["refine"]
    best = flat.argmax(-1)
    peak = np.stack([best % width, best // width], -1).astype(float)
    xy = peak * (flat.max(-1) > 0)[..., None]
    if refine["decoder"] == "soft-argmax":
        share = np.exp(refine["beta"] * (maps - maps.max((2, 3), keepdims=True)))
        x, y = np.arange(width), np.arange(height)[:, None]
        if refine["radius"] is not None:
            apart = np.maximum(np.abs(x - peak[..., :1, None]), np.abs(y - peak[..., 1:, None]))
            share = share * (apart <= refine["radius"])
        total = share.sum((2, 3))
        xy = np.stack([(share * x).sum((2, 3)) / total, (share * y).sum((2, 3)) / total], -1)
    if refine["decoder"] in ("quarter-offset", "dark") or refine.get("quarterOffset"):
        x, y = np.floor(xy + 0.5).astype(int).transpose(2, 0, 1)
        inside = (1 < x) & (x < width - 1) & (1 < y) & (y < height - 1)
        x, y = np.where(inside, x, 1), np.where(inside, y, 1)
        i, k = np.ogrid[:n, :keypoints]
        dx = np.sign(maps[i, k, y, x + 1] - maps[i, k, y, x - 1])
        dy = np.sign(maps[i, k, y + 1, x] - maps[i, k, y - 1, x])
        xy = xy + 0.25 * np.stack([dx, dy], -1) * inside[..., None]
    return xy * strides(codec)


def pck_counts(found, truth, visibility, normalizers, threshold):
    """Hits and labelled keypoints, [K] each: within `threshold` of the normaliser (`pck` of poseblocks)."""
    distance = np.linalg.norm(found.astype(np.float64) - truth, axis=-1)
    counted = (visibility > 0) & np.isfinite(normalizers)[:, None]
    hit = counted & (distance <= threshold * normalizers[:, None])
    return hit.sum(0), counted.sum(0)
