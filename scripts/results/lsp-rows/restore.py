"""Makes .keras files of the weights that train_rows.py kept, for take.ts: python restore.py PACK RUNS OUT."""
import copy
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

pack, runs, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)
with open(os.path.join(pack, "networks.json")) as file:
    configs = json.load(file)
with open(os.path.join(pack, "runs.json")) as file:
    kept = [run for run in json.load(file) if run["weights"]]
for run in kept:
    path = os.path.join(runs, f"{run['name']}.npz")
    if not os.path.exists(path):
        continue
    model = keras.saving.deserialize_keras_object(copy.deepcopy(configs[run["group"]]))
    with np.load(path) as stored:
        for kind in ("last", "mean"):
            for variable in model.variables:
                if f"{kind}:{variable.path}" in stored:
                    variable.assign(stored[f"{kind}:{variable.path}"].astype(np.float32))
            model.save(os.path.join(out, f"{run['name']}.{kind}.keras"))
