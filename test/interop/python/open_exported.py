"""Opens exported .keras files in the backend of Keras that KERAS_BACKEND names: what each gives for an image, one step of fit, and what it then gives.

    KERAS_BACKEND=torch python open_exported.py FOLDER NAME …

reads FOLDER/NAME.keras and NAME.image.bin, writes NAME.output.bin, and after a step NAME.trained.keras and NAME.trained.bin; prints what it found as JSON.
"""
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

folder, *names = sys.argv[1:]
folder = Path(folder)


def outputs(model, image):
    y = model.predict_on_batch(image)
    return [np.asarray(each) for each in (y if isinstance(y, (list, tuple)) else [y])]


def flat(arrays):
    return np.concatenate([np.ravel(each) for each in arrays]).astype(np.float32)


found = {"backend": keras.backend.backend(), "keras": keras.__version__, "models": {}}
for name in names:
    model = keras.saving.load_model(folder / f"{name}.keras")
    height, width, channels = model.inputs[0].shape[1:]
    image = np.fromfile(folder / f"{name}.image.bin", np.float32).reshape(-1, height, width, channels)
    before = outputs(model, image)
    flat(before).tofile(folder / f"{name}.output.bin")
    weights = [np.array(w) for w in model.get_weights()]
    model.compile(optimizer=keras.optimizers.SGD(1e-2), loss="mse")
    targets = [each + 1 for each in before]
    history = model.fit(image, targets if len(targets) > 1 else targets[0], batch_size=len(image), epochs=1, verbose=0)
    # Kernels: a bias before a normalisation has a gradient of 0.
    pairs = [(a, b) for a, b in zip(weights, model.get_weights(), strict=True) if a.ndim > 1]
    moved = sum(bool(np.any(a != b)) for a, b in pairs)
    model.save(folder / f"{name}.trained.keras")
    flat(outputs(model, image)).tofile(folder / f"{name}.trained.bin")
    found["models"][name] = {"loss": history.history["loss"][0], "kernels": len(pairs), "moved": moved}
print(json.dumps(found))
