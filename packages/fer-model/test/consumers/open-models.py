"""What Keras 2 (tf_keras), Keras 3 and h5py make of models saved by @fer.

usage: open-models.py FOLDER NAME...   FOLDER/NAME.json, FOLDER/NAME.h5, FOLDER/NAME.x.bin (float32, NHWC)
writes FOLDER/opened.json: {name: {keras | tf_keras: {whole, pair, classes}, listed, expected}}
"""

import json
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import h5py
import keras
import numpy
import tf_keras

folder, *cases = sys.argv[1:]


def text(name):
    return name if isinstance(name, str) else name.decode()


def names(path):
    """Layer names in order, each with its weight names, as the attributes of a whole model list them."""
    with h5py.File(path) as file:
        weights = file["model_weights"]
        return [[text(layer), [text(name) for name in weights[text(layer)].attrs["weight_names"]]] for layer in weights.attrs["layer_names"]]


def predictions(model, name):
    x = numpy.fromfile(f"{folder}/{name}.x.bin", "<f4").reshape((-1, *model.input_shape[1:]))
    return numpy.asarray(model.predict(x, verbose=0)).ravel().tolist()


def opened(K, name):
    whole = K.models.load_model(f"{folder}/{name}.h5")
    with open(f"{folder}/{name}.json", encoding="utf-8") as file:
        pair = K.models.model_from_json(file.read())
    pair.load_weights(f"{folder}/{name}.h5")
    return {"whole": predictions(whole, name), "pair": predictions(pair, name)}


def saved_by_keras(name):
    """Names as Keras itself writes them."""
    model = tf_keras.models.load_model(f"{folder}/{name}.h5")
    with tempfile.TemporaryDirectory() as own:
        model.save(f"{own}/keras.h5")
        return names(f"{own}/keras.h5")


def noted(name):
    with h5py.File(f"{folder}/{name}.h5") as file:
        return json.loads(file.attrs["fer_model"]) if "fer_model" in file.attrs else None


found = {}
for name in cases:
    found[name] = {K.__name__: opened(K, name) for K in (keras, tf_keras)}
    found[name] |= {"listed": names(f"{folder}/{name}.h5"), "expected": saved_by_keras(name), "noted": noted(name)}
with open(f"{folder}/opened.json", "w", encoding="utf-8") as file:
    json.dump(found, file)
