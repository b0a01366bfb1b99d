"""Golden of test/image/opencv-golden.test.ts: generated images through OpenCV's cvtColor and resize with defaults.

    pip install opencv-python-headless==4.11.0.86 numpy
    python make-opencv-golden.py

Pictures come from a 32-bit xorshift generator that the test repeats, so only OpenCV's answers are committed:
opencv-golden.json (cases, OpenCV version) and opencv-golden.bin (their pixels one after another).
"""

import json
import pathlib

import cv2
import numpy as np


def noise(seed, height, width, channels):
    """uint8 [height, width, channels], the same numbers as `noise` in the test."""
    state = seed
    values = np.empty(height * width * channels, np.uint8)
    for i in range(values.size):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        values[i] = state >> 24
    return values.reshape(height, width, channels)


def smooth(height, width, channels):
    """uint8 [height, width, channels]: a diagonal ramp, as `ramp` in the test."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    return ((x * 5 + y * 3 + c * 40) % 256).astype(np.uint8)


SIZES = [
    # (height, width) of the source: halves, whole and odd ratios, enlarging, thin and single pixels, real datasets
    (96, 96), (48, 48), (144, 144), (192, 192), (256, 256), (224, 224), (100, 100), (97, 61), (61, 97),
    (96, 48), (48, 96), (47, 49), (30, 30), (24, 24), (12, 17), (2, 2), (1, 1), (1, 5), (5, 1), (3, 200), (137, 211),
]

cases, pixels = [], []


def add(kind, seed, height, width, channels, size, grey):
    image = noise(seed, height, width, channels) if kind == "noise" else smooth(height, width, channels)
    # the test has RGB, OpenCV wants BGR
    image = np.ascontiguousarray(image[..., ::-1]) if channels == 3 else image[..., 0]
    if grey and channels == 3:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    if size is not None:
        image = cv2.resize(image, size)
    if image.ndim == 3:
        image = image[..., ::-1]
    cases.append({"kind": kind, "seed": seed, "height": height, "width": width, "channels": channels,
                  "size": size, "grey": grey, "length": int(image.size)})
    pixels.append(np.ascontiguousarray(image).tobytes())


for i, (height, width) in enumerate(SIZES):
    for kind in ("noise", "ramp"):
        add(kind, 1000 + i, height, width, 1, (48, 48), False)
        add(kind, 2000 + i, height, width, 3, (48, 48), True)
    add("noise", 3000 + i, height, width, 3, (48, 48), False)
    add("noise", 4000 + i, height, width, 1, (33, 21), False)
add("noise", 5000, 480, 640, 1, (48, 48), False)
add("noise", 5001, 128, 128, 3, None, True)
add("noise", 5002, 112, 112, 1, (224, 224), False)

here = pathlib.Path(__file__).parent
(here / "opencv-golden.bin").write_bytes(b"".join(pixels))
(here / "opencv-golden.json").write_text(
    json.dumps({"opencv": cv2.__version__, "cases": cases}).replace("}, {", "},\n{") + "\n"
)
print(cv2.__version__, len(cases), "cases", sum(map(len, pixels)), "bytes")
