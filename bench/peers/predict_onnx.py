"""Names the expressions of all pictures of a folder as a row of CSV each: Pillow, numpy and onnxruntime, and the steps
of model.json. Usage: predict_onnx.py <folder of fer export --as onnx, or with a network alone> <folder of pictures>"""

import json
import os
import sys

import numpy as np
import onnxruntime
from PIL import Image

BATCH = 256


def main(folder, pictures):
    with open(os.path.join(folder, "model.json")) as file:
        model = json.load(file)
    size, classes = model["size"], model["classes"]
    network = model["export"].get("network")
    session = onnxruntime.InferenceSession(os.path.join(folder, network or model["export"]["file"]))
    name = session.get_inputs()[0].name
    # an exported file takes raw grey levels; a network alone scales what it is given
    steps = {} if network is None else {step["step"]: step for step in model["preprocessing"]}
    temperature = model.get("temperature", 1)
    print(",".join(["file", "expression", "confidence", *classes]))
    files = sorted(os.path.join(base, each) for base, _, names in os.walk(pictures) for each in names)
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        raw = np.empty((len(batch), size, size), np.float32)
        for i, path in enumerate(batch):
            with Image.open(path) as picture:
                grey = picture.convert("L")
                if grey.size != (size, size):
                    grey = grey.resize((size, size), Image.BILINEAR)
                raw[i] = np.asarray(grey)
        mean = np.mean([session.run(None, {name: view})[0] for view in views(raw, steps)], axis=0)
        if temperature != 1:
            mean = mean ** (1 / temperature)
            mean /= mean.sum(axis=1, keepdims=True)
        for path, row in zip(batch, mean):
            best = int(row.argmax())
            print(",".join([path, classes[best], str(row[best]), *map(str, row)]))


def views(raw, steps):
    """What the network is given, one array a view."""
    if "standardize" in steps:
        step = steps["standardize"]
        mean = raw.mean(axis=(1, 2), keepdims=True)
        deviation = np.maximum(raw.std(axis=(1, 2), keepdims=True), 1e-6)
        raw = np.clip(np.rint((raw - mean) / deviation * step["deviation"] + step["mean"]), *step["clip"])
    crops = steps.get("crops")
    if crops is None:
        yield raw[..., None].astype(np.float32)
        return
    for left, top in crops["places"]:
        part = raw[:, top : top + crops["height"], left : left + crops["width"]]
        for mirror in crops["mirror"]:
            yield np.ascontiguousarray((part[:, :, ::-1] if mirror else part)[..., None], dtype=np.float32)


main(*sys.argv[1:])
