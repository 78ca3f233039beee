"""PyTorch eager in float32, with and without TF32, as a process that `peer.ts` asks. The networks are those of `torch_peer.py`;
DEVICE is cuda where there is one. cuDNN chooses its algorithms by measuring them."""
import json
import os
import sys
import time

import torch

from torch_peer import KEYPOINTS, PARAMETERS, Hrnet, lpn50

DEVICE = os.environ.get("DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
ENGINES = {"pytorch": False, "pytorch TF32": True} if DEVICE == "cuda" else {"pytorch": False}
torch.backends.cudnn.benchmark = True
call = None


def describe():
    name = torch.cuda.get_device_name() if DEVICE == "cuda" else "CPU"
    return {"device": f"{name} (PyTorch {torch.__version__})", "software": DEVICE != "cuda"}


def start(network, batch, height, width, **case):
    global call
    call = None
    if DEVICE == "cuda":
        torch.cuda.empty_cache()
    model = (lpn50() if network == "lpn-50" else Hrnet()).to(DEVICE).train(case["pass"] == "training")
    parameters = sum(p.numel() for p in model.parameters())
    assert parameters == PARAMETERS[network]
    images = torch.rand(batch, 3, height, width, device=DEVICE) * 2 - 1
    heatmaps = torch.rand(batch, KEYPOINTS, height // 4, width // 4, device=DEVICE)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss = ((model(images) - heatmaps) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    @torch.no_grad()
    def infer():
        return model(images).sum()

    call = train if model.training else infer
    first = []
    for engine in ENGINES:
        first.append(timed(engine))
        for _ in range(2):
            timed(engine)
    return {"engines": [*ENGINES], "parameters": parameters, "first_ms": first}


def timed(engine):
    """Milliseconds until a number that the device computes last is here."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = ENGINES[engine]
    begin = time.perf_counter()
    value = call().item()
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    assert value == value, "the result is nan"
    return 1000 * (time.perf_counter() - begin)


def run(engine, seconds):
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        times.append(timed(engine))
    return {"ms": times}


for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = {"describe": describe, "start": start, "run": run}[request.pop("do")](**request)
    except Exception as error:
        reply = {"error": str(error).split("\n")[0]}
    print(json.dumps(reply), flush=True)
