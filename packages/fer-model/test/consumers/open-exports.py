"""What the programs that models are exported for make of raw faces.

usage: open-exports.py FOLDER FACES OUT
    FOLDER  one folder a format below it: keras, h5, savedmodel, onnx, as `fer export` writes them
    FACES   .npy, [n, size, size, channels] of 0..255
    OUT     JSON: {consumer: {"version": ..., "format": ..., "probabilities": [n * classes]} or {"absent": why}}
"""

import importlib
import json
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy

folder, faces, out = sys.argv[1:]
images = numpy.load(faces).astype("float32")


def of_keras(name, file):
    K = importlib.import_module(name)
    model = K.models.load_model(f"{folder}/{file}")
    return K.__version__, model.predict(images, batch_size=250, verbose=0)


def of_tensorflow():
    import tensorflow

    serve = tensorflow.saved_model.load(f"{folder}/savedmodel").signatures["serving_default"]
    parts = [serve(image=tensorflow.constant(part))["probabilities"].numpy() for part in numpy.array_split(images, 7)]
    return tensorflow.__version__, numpy.concatenate(parts)


def of_onnxruntime():
    import onnxruntime

    session = onnxruntime.InferenceSession(f"{folder}/onnx/model.onnx", providers=["CPUExecutionProvider"])
    parts = [session.run(None, {"image": part})[0] for part in numpy.array_split(images, 7)]
    return onnxruntime.__version__, numpy.concatenate(parts)


def of_litert():
    import tensorflow
    from ai_edge_litert import interpreter as litert

    # The command of the documentation.
    content = tensorflow.lite.TFLiteConverter.from_saved_model(f"{folder}/savedmodel").convert()
    with tempfile.NamedTemporaryFile(suffix=".tflite") as file:
        file.write(content)
        file.flush()
        interpreter = litert.Interpreter(model_path=file.name)
        (given,), (made,) = interpreter.get_input_details(), interpreter.get_output_details()
        interpreter.resize_tensor_input(given["index"], [len(images), *images.shape[1:]])
        interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], images)
        interpreter.invoke()
        found = interpreter.get_tensor(made["index"])
    return importlib.metadata.version("ai-edge-litert"), found


import importlib.metadata

CONSUMERS = {
    "keras 3, .keras": ("keras", lambda: of_keras("keras", "keras/model.keras")),
    "keras 3, .h5": ("h5", lambda: of_keras("keras", "h5/keras.h5")),
    "tf_keras, .h5": ("h5", lambda: of_keras("tf_keras", "h5/keras.h5")),
    "tensorflow": ("savedmodel", of_tensorflow),
    "onnxruntime": ("onnx", of_onnxruntime),
    "ai-edge-litert": ("savedmodel", of_litert),
}

found = {}
for name, (form, predict) in CONSUMERS.items():
    if not os.path.isdir(f"{folder}/{form}"):
        continue
    try:
        version, probabilities = predict()
        found[name] = {"version": version, "format": form, "probabilities": probabilities.ravel().tolist()}
    except ModuleNotFoundError as missing:
        found[name] = {"format": form, "absent": str(missing)}
with open(out, "w", encoding="utf-8") as file:
    json.dump(found, file)
