"""Optimisers as PyTorch has them, and the schedules of their rate."""
import math

import jax.numpy as jnp


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


def rate_at(options, schedule, epoch):
    _, own = stage_at(schedule, epoch)
    return options["rate"] * schedule["factor"] ** sum(m <= own for m in schedule["milestones"])
