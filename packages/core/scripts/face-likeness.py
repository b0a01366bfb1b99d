"""Learns the small network of src/face-likeness/: is this 48 x 48 grey picture a face that was cut out?

    python3 face-likeness.py FACES OTHERS > ../src/face-likeness/weights.ts      (numpy, Pillow; a minute)

FACES   folder of faces, 48 x 48 (FER2013's training pictures; those that people voted no face are not told apart)
OTHERS  folder of photos without a face: crops of them, and generated noise, gradients and patterns, are the other class

The picture is averaged down to 16 x 16 and standardised; one hidden layer of 40 tanh units, weights stored as bytes. The
threshold is set so that 0.6 % of the faces that were held back fall below it.
"""
import base64
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIDE, CELLS, HIDDEN = 48, 16, 40
rng = np.random.default_rng(1)


def grey(image):
    return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.BILINEAR), np.float32)


def moved(face):
    """Faces are cut out otherwise elsewhere: mirrored, shifted, nearer or farther, a little turned."""
    angle, scale = rng.normal(0, 0.08), np.exp(rng.uniform(-0.22, 0.18))
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    dx, dy = rng.uniform(-3, 3, 2)
    half = SIDE / 2
    matrix = (cos, sin, half - cos * half - sin * half + dx, -sin, cos, half + sin * half - cos * half + dy)
    image = Image.fromarray(face.astype(np.uint8))
    if rng.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    edge = int(np.median(np.concatenate([face[0], face[-1], face[:, 0], face[:, -1]])))
    return np.asarray(image.transform((SIDE, SIDE), Image.AFFINE, matrix, Image.BILINEAR, fillcolor=edge), np.float32)


def crops(photo, count):
    width, height = photo.size
    yield grey(photo)
    for _ in range(count):
        side = int(min(width, height) * np.exp(rng.uniform(np.log(0.1), 0)))
        side = max(side, min(40, width, height))
        x, y = rng.integers(0, width - side + 1), rng.integers(0, height - side + 1)
        part = photo.crop((x, y, x + side, y + side))
        turn = rng.integers(0, 4)
        yield np.rot90(grey(part), turn)


def made():
    """Noise of any colour, gradients, edges, stripes, blobs, text-like marks."""
    kind = rng.integers(0, 6)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    if kind <= 2:
        f = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE)))
        f[0, 0] = 1
        spectrum = np.fft.fft2(rng.normal(size=(SIDE, SIDE))) / f ** rng.uniform(0, 2)
        out = np.fft.ifft2(spectrum).real
    elif kind == 3:
        a = rng.uniform(0, 2 * np.pi)
        out = np.cos(a) * x + np.sin(a) * y + rng.normal(0, rng.uniform(0, 0.1), x.shape)
    elif kind == 4:
        a, n = rng.uniform(0, np.pi), rng.uniform(1, 10)
        out = np.sign(np.sin(n * 2 * np.pi * (np.cos(a) * x + np.sin(a) * y) + rng.uniform(0, 6)))
        if rng.random() < 0.4:
            out = out * np.sign(np.sin(n * 2 * np.pi * (np.sin(a) * x - np.cos(a) * y)))
    else:
        out = np.zeros_like(x)
        for _ in range(rng.integers(1, 6)):
            cx, cy, r = rng.uniform(0, 1, 3)
            out += rng.normal() * (np.hypot(x - cx, y - cy) < r / 2)
    return out


def features(pictures):
    cells = pictures.reshape(-1, CELLS, SIDE // CELLS, CELLS, SIDE // CELLS).mean((2, 4)).reshape(-1, CELLS * CELLS)
    cells = cells - cells.mean(1, keepdims=True)
    return cells / np.maximum(cells.std(1, keepdims=True), 1e-6)


def learn(x, t, epochs=30, rate=3e-3, decay=1e-4):
    parts = [rng.normal(0, 0.08, (CELLS * CELLS, HIDDEN)), np.zeros(HIDDEN), rng.normal(0, 0.2, HIDDEN), np.zeros(1)]
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in parts]
    step = 0
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        for at in range(0, len(x), 256):
            rows = order[at : at + 256]
            a = np.tanh(x[rows] @ parts[0] + parts[1])
            p = 1 / (1 + np.exp(-(a @ parts[2] + parts[3])))
            e = (p - t[rows]) / len(rows)
            back = np.outer(e, parts[2]) * (1 - a * a)
            gradients = [x[rows].T @ back + decay * parts[0], back.sum(0), a.T @ e + decay * parts[2], e.sum(keepdims=True)]
            step += 1
            now = rate * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
            for part, g, (m, v) in zip(parts, gradients, moments):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                part -= now * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return parts


def bytes_of(part):
    scale = float(np.abs(part).max() / 127)
    return np.round(part / scale).astype(np.int8), scale


def main(faces_folder, others_folder):
    files = sorted(Path(faces_folder).rglob("*.png"))
    rng.shuffle(files)
    faces = np.stack([grey(Image.open(file)) for file in files])
    held, faces = faces[:4000], faces[4000:]
    turned = np.stack([moved(face) for face in faces])
    photos = [file for file in sorted(Path(others_folder).rglob("*")) if file.is_file()]
    each = 12_000 // len(photos)
    others = [crop for file in photos for crop in crops(Image.open(file).convert("L"), each)]
    others = np.stack(others + [made() for _ in range(10_000)] + [face[::-1] for face in faces[:1000]])
    x = np.concatenate([features(faces), features(turned), features(others)])
    t = np.concatenate([np.ones(len(faces) + len(turned)), np.zeros(len(others))])
    stored = [bytes_of(part) for part in learn(x, t)]
    (w, ws), (b, bs), (v, vs), (c, cs) = stored
    score = lambda pictures: np.tanh(features(pictures) @ (w * ws) + b * bs) @ (v * vs) + c * cs
    threshold = float(np.quantile(score(held), 0.006))
    print(f"threshold {threshold:.3f}, others below it {np.mean(score(others) < threshold):.4f}", file=sys.stderr)
    text = lambda part: base64.b64encode(part.tobytes()).decode()
    print("/** Written by scripts/face-likeness.py: weights as bytes, each with its scale. Nothing to edit by hand. */")
    for name, (part, scale) in zip(("HIDDEN_WEIGHTS", "HIDDEN_BIASES", "OUTPUT_WEIGHTS", "OUTPUT_BIAS"), stored):
        print(f'export const {name} = {{\n  scale: {scale:.8g},\n  bytes:\n    "{text(part)}",\n}};')
    print(f"/** Score below which 0.6 % of held-back faces lie. */\nexport const THRESHOLD = {threshold:.4f};")


if __name__ == "__main__":
    main(*sys.argv[1:])
