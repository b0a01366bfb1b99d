"""A PyTorch training step for bench/engines.mjs: torch_step.py <net> <batch> <variant>.

Variants: float32, compile, bfloat16, bfloat16-compile; all channels-last. Protocol as keras_step.py.
"""
import os
import sys
import time

import torch
from torch import nn

net, batch, variant = sys.argv[1], int(sys.argv[2]), sys.argv[3]
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(1)
torch.set_num_threads(len(os.sched_getaffinity(0)))
bfloat16 = variant.startswith("bfloat16")


def block(inputs, filters, strides=1):
    return [nn.Conv2d(inputs, filters, 3, strides, 1, bias=False), nn.BatchNorm2d(filters), nn.ReLU()]


class Residual(nn.Module):
    def __init__(self, filters):
        super().__init__()
        self.branch = nn.Sequential(*block(filters, filters), *block(filters, filters))

    def forward(self, x):
        return x + self.branch(x)


layers, channels = [], 1
if net == "mini":
    for filters in (16, 32, 64):
        layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels = filters
    layers += [nn.Flatten(), nn.Linear(6 * 6 * 64, 128), nn.ReLU(), nn.Linear(128, 7)]
elif net == "fer-cnn":
    for filters in (64, 128, 256, 512):
        layers += [nn.Conv2d(channels, filters, (3, 1), padding=(1, 0)), nn.Conv2d(filters, filters, (1, 3), padding=(0, 1))]
        layers += [nn.BatchNorm2d(filters), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)]
        channels = filters
    layers += [nn.Flatten()]
    for inputs, units in ((3 * 3 * 512, 512), (512, 256)):
        layers += [nn.Linear(inputs, units), nn.BatchNorm1d(units), nn.ReLU(), nn.Dropout(0.25)]
    layers += [nn.Linear(256, 7)]
else:
    layers += [*block(1, 24, 2), *block(24, 32), nn.MaxPool2d(2), Residual(32), *block(32, 64), nn.MaxPool2d(2)]
    layers += [*block(64, 96), Residual(96), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(96, 7)]
model = nn.Sequential(*layers).to(device, memory_format=torch.channels_last)
optimizer = torch.optim.Adam(model.parameters())
criterion = nn.CrossEntropyLoss()
forward = torch.compile(model) if variant.endswith("compile") else model
images = torch.randint(0, 256, (batch, 1, 48, 48), dtype=torch.uint8)
labels = torch.arange(batch) % 7


def step():
    x = images.to(device).to(torch.float32).div(127.5).sub(1).to(memory_format=torch.channels_last)
    y = labels.to(device)
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast(device, dtype=torch.bfloat16, enabled=bfloat16):
        loss = criterion(forward(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(3):
    step()
print("ready", flush=True)
for line in sys.stdin:
    steps = int(line)
    started = time.perf_counter()
    for _ in range(steps):
        step()
    print(batch * steps / (time.perf_counter() - started), flush=True)
