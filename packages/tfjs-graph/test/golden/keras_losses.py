"""Losses of 20 training steps made by Keras, for golden.test.ts: two nets x three optimizers.

    pip install keras==3.15.0 tensorflow-cpu==2.21.0 && python keras_losses.py

Weights and batches come from the generator below, which nets.ts has too, so that no weights have to be stored.
Dropout is left out: its masks are our own. In float64 and with small learning rates: with large ones Keras in float32
is 1e-3 away from itself in float64 after a few steps, because max pools and ReLUs turn rounding into jumps. Writes keras_losses.json beside this file.
"""

import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")
BATCH, STEPS, CLASSES = 16, 20, 7
L = keras.layers


def mulberry32(seed, count):
    """Floats in [0, 1): the same as `generator(seed)` of nets.ts, all at once."""
    with np.errstate(over="ignore"):
        state = np.uint32(seed) + np.uint32(0x6D2B79F5) * np.arange(1, count + 1, dtype=np.uint32)
        t = (state ^ (state >> np.uint32(15))) * (state | np.uint32(1))
        t = (t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))) ^ t
        return (t ^ (t >> np.uint32(14))).astype(np.float64) / 2**32


def fer_cnn():
    layers = [keras.Input((48, 48, 1))]
    for filters in [64, 128, 256, 512]:
        layers += [L.Conv2D(filters, (3, 1), padding="same"), L.Conv2D(filters, (1, 3), padding="same")]
        layers += [L.BatchNormalization(), L.Activation("relu"), L.MaxPooling2D(2)]
    layers.append(L.Flatten())
    for units in [512, 256]:
        layers += [L.Dense(units), L.BatchNormalization(), L.Activation("relu")]
    return keras.Sequential([*layers, L.Dense(CLASSES)])


def fer_cnn_small():
    layers = [keras.Input((48, 48, 1))]
    for filters in [32, 64, 128]:
        layers += [L.Conv2D(filters, 3, activation="relu"), L.Conv2D(filters, 3, activation="relu")]
        layers += [L.BatchNormalization(), L.MaxPooling2D(3, 2)]
    return keras.Sequential([*layers, L.Flatten(), L.Dense(1024, activation="relu"), L.Dense(CLASSES)])


def set_weights(model):
    """The k-th kernel is uniform in Glorot's limits from seed 1000 + k; everything else as Keras starts it."""
    kernels = [weight for weight in model.weights if weight.path.endswith("kernel")]
    for k, kernel in enumerate(kernels):
        size, outputs = int(np.prod(kernel.shape)), kernel.shape[-1]
        limit = (6 / (size / outputs + outputs)) ** 0.5
        values = (mulberry32(1000 + k, size) * 2 - 1) * limit
        kernel.assign(values.astype("float64").reshape(kernel.shape))


def batch(step):
    """Stripes of random direction, width and phase under noise.

    Images of noise alone look alike to a net, which then amplifies rounding; stripes alone make ties in max pools,
    which rounding decides.
    """
    a, b, c = mulberry32(step, BATCH * 3).reshape(BATCH, 3, 1, 1).transpose(1, 0, 2, 3)
    noise = mulberry32(step + 1000, BATCH * 48 * 48).reshape(BATCH, 48, 48)
    x, y = np.arange(48.0)[None, None, :], np.arange(48.0)[None, :, None]
    wave = np.abs(2 * (((a - 0.5) * 0.4 * x + b * 0.2 * y + c) % 1) - 1)
    pixels = np.floor((wave + noise) * 127.5)[..., None]
    labels = np.eye(CLASSES)[(np.arange(BATCH) + step) % CLASSES]
    return (pixels / 127.5 - 1).astype("float64"), labels.astype("float64")


def adamw():
    optimizer = keras.optimizers.AdamW(2e-6, weight_decay=200.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


OPTIMIZERS = {
    "none": lambda: keras.optimizers.SGD(0.0),
    "sgd-nesterov": lambda: keras.optimizers.SGD(2e-6, momentum=0.9, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(2e-6),
    "adamw": adamw,
}


def losses(build, optimizer):
    keras.utils.set_random_seed(0)
    model = build()
    set_weights(model)
    loss_of = keras.losses.CategoricalCrossentropy(from_logits=True)
    optimizer.build(model.trainable_variables)

    @tf.function
    def train(x, y):
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss

    found = [float(train(*batch(step + 1))) for step in range(STEPS)]
    pixels, _ = batch(100)
    probabilities = keras.ops.softmax(model(pixels, training=False)).numpy()[:2].ravel().tolist()
    return {"losses": found, "probabilities": probabilities}


golden = {
    "made": f"keras {keras.__version__} on tensorflow {tf.__version__}",
    "runs": [
        {"net": name, "optimizer": optimizer, **losses(build, make())}
        for name, build in [("fer-cnn", fer_cnn), ("fer-cnn-small", fer_cnn_small)]
        for optimizer, make in OPTIMIZERS.items()
    ],
}
Path(__file__).with_name("keras_losses.json").write_text(json.dumps(golden, indent=1) + "\n")
