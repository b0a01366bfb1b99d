"""What Keras 2 and h5py make of models saved by @fer.

usage: keras.py FOLDER NAME...   FOLDER/NAME.json, FOLDER/NAME.h5, FOLDER/NAME.inputs.bin (float32, NHWC)
prints one JSON object: {name: {listed, expected, predictions}}
"""

import json
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import numpy
import tf_keras


def names(path):
    """Layer names in order, each with its weight names, as the attributes of a weights file list them."""
    text = lambda name: name if isinstance(name, str) else name.decode()
    with h5py.File(path) as file:
        return [
            [text(layer), [text(weight) for weight in file[text(layer)].attrs["weight_names"]]]
            for layer in file.attrs["layer_names"]
        ]


def consume(folder, name):
    with open(f"{folder}/{name}.json", encoding="utf-8") as file:
        model = tf_keras.models.model_from_json(file.read())
    with tempfile.TemporaryDirectory() as own:
        model.save_weights(f"{own}/keras.h5")
        expected = names(f"{own}/keras.h5")
    model.load_weights(f"{folder}/{name}.h5")
    inputs = numpy.fromfile(f"{folder}/{name}.inputs.bin", "<f4").reshape((-1, *model.input_shape[1:]))
    predictions = model.predict(inputs, verbose=0).ravel().tolist()
    # The other direction: a whole model as Keras saves it.
    model.save(f"{folder}/{name}.whole.h5")
    return {"listed": names(f"{folder}/{name}.h5"), "expected": expected, "predictions": predictions}


print(json.dumps({name: consume(sys.argv[1], name) for name in sys.argv[2:]}))
