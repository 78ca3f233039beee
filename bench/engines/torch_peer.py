"""Throughput of LPN-50 and HRNet-W32 in PyTorch eager, float32 (no TF32), one JSON line.
usage: torch_peer.py NETWORK infer|train BATCH HEIGHT WIDTH SECONDS [DEVICE]      NETWORK: lpn-50 | hrnet-w32
The networks are those of the papers, layer for layer; DEVICE is cuda where there is one, else cpu."""
import json
import sys
import time

import torch
import torch.nn as nn

KEYPOINTS = 17
PARAMETERS = {"lpn-50": 2911153, "hrnet-w32": 28536113}


def conv_bn(inputs, filters, kernel=1, stride=1, groups=1, relu=True):
    conv = nn.Conv2d(inputs, filters, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(filters), *([nn.ReLU(inplace=True)] if relu else []))


class Residual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body, self.shortcut = body, shortcut or nn.Identity()

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


class GlobalContext(nn.Module):
    def __init__(self, channels):
        super().__init__()
        squeezed = max(channels // 16, 16)
        self.mask = nn.Conv2d(channels, 1, 1)
        self.add = nn.Sequential(
            nn.Conv2d(channels, squeezed, 1), nn.LayerNorm([squeezed, 1, 1]), nn.ReLU(), nn.Conv2d(squeezed, channels, 1)
        )

    def forward(self, x):
        weights = self.mask(x).flatten(2).softmax(-1)
        return x + self.add((x.flatten(2) * weights).sum(-1)[:, :, None, None])


def lightweight(inputs, filters, stride):
    body = nn.Sequential(
        conv_bn(inputs, filters),
        conv_bn(filters, filters, 3, stride, filters),
        conv_bn(filters, filters, relu=False),
        GlobalContext(filters),
    )
    plain = stride == 1 and inputs == filters
    return Residual(body, None if plain else conv_bn(inputs, filters, 1, stride, relu=False))


def lpn50():
    layers, channels = [conv_bn(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1)], 64
    for filters, depth, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 1)):
        for index in range(depth):
            layers.append(lightweight(channels, filters, stride if index == 0 else 1))
            channels = filters
    for _ in range(2):
        layers += [nn.ConvTranspose2d(channels, 256, 4, 2, 1, groups=256, bias=False), nn.BatchNorm2d(256), nn.ReLU()]
        layers += [conv_bn(256, 256)]
        channels = 256
    return nn.Sequential(*layers, nn.Conv2d(256, KEYPOINTS, 1))


def basic(filters):
    return Residual(nn.Sequential(conv_bn(filters, filters, 3), conv_bn(filters, filters, 3, relu=False)))


def bottleneck(inputs):
    body = nn.Sequential(conv_bn(inputs, 64), conv_bn(64, 64, 3), conv_bn(64, 256, relu=False))
    return Residual(body, None if inputs == 256 else conv_bn(inputs, 256, relu=False))


class Exchange(nn.Module):
    """Branches of four blocks each, and the sum of all of them at every resolution."""

    def __init__(self, widths, outputs):
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(*(basic(width) for _ in range(4))) for width in widths)
        self.paths = nn.ModuleList(
            nn.ModuleList(self.path(widths, source, target) for source in range(len(widths))) for target in range(outputs)
        )

    @staticmethod
    def path(widths, source, target):
        if source == target:
            return nn.Identity()
        if source > target:
            up = nn.Upsample(scale_factor=2 ** (source - target))
            return nn.Sequential(conv_bn(widths[source], widths[target], relu=False), up)
        steps = [conv_bn(widths[source], widths[source], 3, 2) for _ in range(target - source - 1)]
        return nn.Sequential(*steps, conv_bn(widths[source], widths[target], 3, 2, relu=False))

    def forward(self, xs):
        ys = [branch(x) for branch, x in zip(self.branches, xs)]
        return [torch.relu(sum(path(y) for path, y in zip(paths, ys))) for paths in self.paths]


class Hrnet(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        widths = [width << level for level in range(4)]
        self.stem = nn.Sequential(conv_bn(3, 64, 3, 2), conv_bn(64, 64, 3, 2), bottleneck(64), *(bottleneck(256) for _ in range(3)))
        self.first = nn.ModuleList([conv_bn(256, widths[0], 3), conv_bn(256, widths[1], 3, 2)])
        self.more = nn.ModuleList([conv_bn(widths[1], widths[2], 3, 2), conv_bn(widths[2], widths[3], 3, 2)])
        self.stage2 = nn.Sequential(Exchange(widths[:2], 2))
        self.stage3 = nn.Sequential(*(Exchange(widths[:3], 3) for _ in range(4)))
        self.stage4 = nn.Sequential(*(Exchange(widths, 4) for _ in range(2)), Exchange(widths, 1))
        self.final = nn.Conv2d(widths[0], KEYPOINTS, 1)

    def forward(self, x):
        x = self.stem(x)
        xs = self.stage2([layer(x) for layer in self.first])
        xs = self.stage3([*xs, self.more[0](xs[-1])])
        return self.final(self.stage4([*xs, self.more[1](xs[-1])])[0])


def main():
    name, job, batch, height, width, seconds = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:7])
    batch, height, width = int(batch), int(height), int(width)
    device = sys.argv[7] if len(sys.argv) > 7 else "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    network = (lpn50() if name == "lpn-50" else Hrnet()).to(device)
    assert sum(p.numel() for p in network.parameters()) == PARAMETERS[name]
    x = torch.rand(batch, 3, height, width, device=device)
    y = torch.rand(batch, KEYPOINTS, height // 4, width // 4, device=device)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)

    def train():
        optimizer.zero_grad(set_to_none=True)
        ((network(x) - y) ** 2).mean().backward()
        optimizer.step()

    def infer():
        with torch.no_grad():
            network(x)

    network.train(job == "train")
    run = train if job == "train" else infer
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    for _ in range(5):
        run()
    wait()
    calls, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(5):
            run()
        wait()
        calls += 5
    rate = calls * batch / (time.perf_counter() - start)
    where = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    print(json.dumps({"images_per_second": rate, "device": where, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
