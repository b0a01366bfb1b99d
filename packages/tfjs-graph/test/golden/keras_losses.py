"""Losses of 20 training steps made by Keras, for golden.test.ts. Writes keras_losses.json beside this file.

    pip install keras==3.15.0 tensorflow-cpu==2.21.0 && python keras_losses.py

Weights and batches come from the generator below, which golden.test.ts has too, so that neither has to be stored. Two
batches in turn, so that the losses fall. Dropout is left out: its masks are our own.

How far float32 can follow float64 decides what can be asked for. Measured with Keras alone, in relative distance of the
losses:

* A change of the weights by 1e-10 grows to 4e-9 in 20 steps of SGD at 0.01 (float64): nothing but rounding is unstable.
* Float32 at usual rates (SGD 0.01, Adam 0.001) is 1e-4 to 1e-2 away from float64 at the second step, 0.1 after five to ten,
  and 0.06 to 0.7 after 20: rounding moves the choice of a max pool or a ReLU, which moves a gradient by a jump, which
  moves more choices. A change of the weights by 1e-7 does the same in float64.
* The same nets with SiLU and average pools, which have no jumps, stay within 5e-5 at those rates.
* With jumps, SGD at 1e-5 and Adam at 3e-6 stay within 1e-4, three times those rates do not.

Hence three kinds of runs: "smooth" at usual rates and "jumps" at the largest rates that float32 can follow, both held
to 1e-4; and "usual", the nets as they are at usual rates, held to what float32 runs of Keras itself do, which are
stored with them: with and without oneDNN, and with weights changed by 1e-7, which is their own rounding.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf

STEPS, CLASSES = 20, 7
L = keras.layers


def mulberry32(seed, count):
    """Floats in [0, 1): the same as `generator(seed)` of nets.ts, all at once."""
    with np.errstate(over="ignore"):
        state = np.uint32(seed) + np.uint32(0x6D2B79F5) * np.arange(1, count + 1, dtype=np.uint32)
        t = (state ^ (state >> np.uint32(15))) * (state | np.uint32(1))
        t = (t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))) ^ t
        return (t ^ (t >> np.uint32(14))).astype(np.float64) / 2**32


def fer_cnn(activation, pool):
    layers = [keras.Input((48, 48, 1))]
    for filters in [64, 128, 256, 512]:
        layers += [L.Conv2D(filters, (3, 1), padding="same"), L.Conv2D(filters, (1, 3), padding="same")]
        layers += [L.BatchNormalization(), L.Activation(activation), pool(2)]
    layers.append(L.Flatten())
    for units in [512, 256]:
        layers += [L.Dense(units), L.BatchNormalization(), L.Activation(activation)]
    return keras.Sequential([*layers, L.Dense(CLASSES)])


def fer_cnn_small(activation, pool):
    layers = [keras.Input((48, 48, 1))]
    for filters in [32, 64, 128]:
        layers += [L.Conv2D(filters, 3, activation=activation), L.Conv2D(filters, 3, activation=activation)]
        layers += [L.BatchNormalization(), pool(3, 2)]
    return keras.Sequential([*layers, L.Flatten(), L.Dense(1024, activation=activation), L.Dense(CLASSES)])


NETS = {"fer-cnn": fer_cnn, "fer-cnn-small": fer_cnn_small}


def set_weights(model, change):
    """The k-th kernel is uniform in Glorot's limits from seed 1000 + k; everything else as Keras starts it."""
    kernels = [weight for weight in model.weights if weight.path.endswith("kernel")]
    for k, kernel in enumerate(kernels):
        size, outputs = int(np.prod(kernel.shape)), kernel.shape[-1]
        limit = (6 / (size / outputs + outputs)) ** 0.5
        values = ((mulberry32(1000 + k, size) * 2 - 1) * limit).astype("float32").astype("float64")
        if change:
            values *= 1 + 1e-7 * (mulberry32(1000 + 100 * change + k, size) * 2 - 1)
        kernel.assign(values.astype(keras.config.floatx()).reshape(kernel.shape))


def blob(x, y, cx, cy, rx, ry):
    a, b = (x - cx) / rx, (y - cy) / ry
    inside = np.maximum(0, 1 - (a * a + b * b))
    return inside * inside


def batch(seed, count):
    """Faces of a kind: a head, two eyes and a mouth, whose shapes depend on the class, under light and noise.

    Polynomials only, so that JavaScript gives the same bytes.
    """
    r = mulberry32(seed, count * 8).reshape(count, 8, 1, 1).transpose(1, 0, 2, 3)
    noise = mulberry32(seed + 1000, count * 48 * 48).reshape(count, 48, 48)
    x, y = np.arange(48.0)[None, None, :], np.arange(48.0)[None, :, None]
    classes = (np.arange(count) + seed) % CLASSES
    c = classes[:, None, None]
    cx, cy = 24 + (r[0] - 0.5) * 10, 24 + (r[1] - 0.5) * 10
    eye, mouth = 0.4 * (r[5] - 0.2), 0.4 * (r[6] - 0.2)
    v = 0.35 + 0.3 * (r[2] - 0.5) * (x / 24 - 1) + 0.3 * (r[3] - 0.5) * (y / 24 - 1)
    v = v + 0.5 * (r[4] - 0.3) * blob(x, y, cx, cy, 22, 28)
    v = v - eye * blob(x, y, cx - 8, cy - 6, 5, 3 + 0.6 * (c % 3))
    v = v - eye * blob(x, y, cx + 8, cy - 6, 5, 3 + 0.6 * (c % 3))
    v = v - mouth * blob(x, y, cx, cy + 11, 4 + 1.2 * c, 2 + 0.8 * ((c * 3) % 7))
    v = v + 0.3 * (r[7] - 0.5) + 0.2 * noise
    pixels = np.floor(np.minimum(np.maximum(v, 0), 0.999) * 256)[..., None]
    return (pixels / 127.5 - 1).astype(keras.config.floatx()), np.eye(CLASSES, dtype=keras.config.floatx())[classes]


def optimizer_of(name, rate, decay):
    if name == "sgd-nesterov":
        return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    if name == "adam":
        return keras.optimizers.Adam(rate)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


# Kind -> batch, and rate and decay of each optimizer. At 3e-6 a decay has to be large to show in 20 steps.
USUAL = {"sgd-nesterov": (0.01, 0), "adam": (0.001, 0)}
KINDS = {
    "smooth": (32, {**USUAL, "adamw": (0.001, 0.1)}),
    "jumps": (32, {"sgd-nesterov": (5e-6, 0), "adam": (3e-6, 0), "adamw": (3e-6, 300)}),
    "usual": (16, USUAL),
}


def run(net, kind, optimizer, change):
    keras.utils.set_random_seed(0)
    count, rates = KINDS[kind]
    is_smooth = kind == "smooth"
    model = NETS[net]("silu" if is_smooth else "relu", L.AveragePooling2D if is_smooth else L.MaxPooling2D)
    set_weights(model, change)
    loss_of = keras.losses.CategoricalCrossentropy(from_logits=True)
    rate, decay = rates[optimizer]
    update = optimizer_of(optimizer, rate, decay)
    update.build(model.trainable_variables)

    @tf.function
    def train(x, y):
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        update.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss

    batches = [batch(1, count), batch(2, count)]
    losses = [float(train(*batches[step % 2])) for step in range(STEPS)]
    pixels, _ = batch(100, 2)
    probabilities = keras.ops.softmax(model(pixels, training=False)).numpy().ravel().tolist()
    spec = {"net": net, "kind": kind, "optimizer": optimizer, "batch": count, "learningRate": rate, "weightDecay": decay}
    return {**spec, "losses": losses, "probabilities": probabilities}


def runs(kinds, change=0):
    return [run(net, kind, optimizer, change) for kind in kinds for net in NETS for optimizer in KINDS[kind][1]]


def in_float32(one_dnn, change):
    """Losses of the usual runs. In a process of its own: TensorFlow reads the variable when it starts."""
    env = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": one_dnn}
    made = subprocess.run([sys.executable, __file__, str(change)], env=env, check=True, stdout=subprocess.PIPE)
    return json.loads(made.stdout)


if len(sys.argv) > 1:
    print(json.dumps([made["losses"] for made in runs(["usual"], int(sys.argv[1]))]))
    sys.exit()

keras.config.set_floatx("float64")
golden = runs(KINDS)
others = [in_float32(*variant) for variant in [("1", 0), ("0", 0), ("1", 1), ("1", 2), ("0", 3)]]
for i, found in enumerate(made for made in golden if made["kind"] == "usual"):
    found["float32"] = [losses[i] for losses in others]
made_by = f"keras {keras.__version__} on tensorflow {tf.__version__}"
Path(__file__).with_name("keras_losses.json").write_text(json.dumps({"made": made_by, "runs": golden}, indent=1) + "\n")
