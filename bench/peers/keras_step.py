"""A Keras training step for bench/engines.mjs: keras_step.py <net> <batch> <variant>. Variants: float32, jit, bfloat16.

Prints "ready" when compiled and warm; then, for each number of steps on stdin, images a second.
"""
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
net, batch, variant = sys.argv[1], int(sys.argv[2]), sys.argv[3]
import keras
import numpy as np
import tensorflow as tf

if variant == "bfloat16":
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
L = keras.layers


def conv(x, filters, kernel=3, strides=1, bias=True):
    return L.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=bias)(x)


def block(x, filters, strides=1):
    return L.Activation("relu")(L.BatchNormalization()(conv(x, filters, 3, strides, bias=False)))


def residual(x, filters):
    return L.Add()([x, block(block(x, filters), filters)])


inputs = keras.Input((48, 48, 1))
x = L.Rescaling(1 / 127.5, -1)(inputs)
if net == "mini":
    for filters in (16, 32, 64):
        x = L.MaxPooling2D(2)(L.Activation("relu")(conv(x, filters)))
    x = L.Dense(128, activation="relu")(L.Flatten()(x))
elif net == "fer-cnn":
    for filters in (64, 128, 256, 512):
        x = L.BatchNormalization()(conv(conv(x, filters, (3, 1)), filters, (1, 3)))
        x = L.Dropout(0.25)(L.MaxPooling2D(2, padding="same")(L.Activation("relu")(x)))
    x = L.Flatten()(x)
    for units in (512, 256):
        x = L.Dropout(0.25)(L.Activation("relu")(L.BatchNormalization()(L.Dense(units)(x))))
else:
    x = L.MaxPooling2D(2)(block(block(x, 24, 2), 32))
    x = residual(x, 32)
    x = L.MaxPooling2D(2)(block(x, 64))
    x = residual(block(x, 96), 96)
    x = L.Dropout(0.3)(L.GlobalAveragePooling2D()(x))
outputs = L.Activation("softmax", dtype="float32")(L.Dense(7)(x))
model = keras.Model(inputs, outputs)
model.compile(optimizer="adam", loss="categorical_crossentropy", jit_compile=variant == "jit")

images = tf.constant(np.random.default_rng(1).integers(0, 256, (batch, 48, 48, 1), dtype=np.uint8))
labels = tf.one_hot(np.arange(batch) % 7, 7)
for _ in range(2):
    model.train_on_batch(images, labels)
print("ready", flush=True)
for line in sys.stdin:
    steps = int(line)
    started = time.perf_counter()
    for _ in range(steps):
        model.train_on_batch(images, labels)
    print(batch * steps / (time.perf_counter() - started), flush=True)
