"""Models of Keras 2 (tf_keras) and Keras 3, one for each kind of layer, in every file format that they write.

usage: make-models.py FOLDER
writes FOLDER/<keras|tf_keras>/<case>.{h5,keras,json,weights.h5} and <case>.{x,y}.bin (float32: input, prediction)
writes FOLDER/made.json: {"<keras|tf_keras>/<case>": {shape} or {error}}
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy
import tf_keras


def plain(*layers, shape=(12, 12, 3)):
    """A Sequential model that ends in a softmax of five classes."""
    return lambda K: K.Sequential(
        [K.Input(shape), *(layer(K.layers) for layer in layers), K.layers.Flatten(), K.layers.Dense(5, activation="softmax")]
    )


def graph(connect, shape=(12, 12, 3)):
    """A functional model; `connect(K, L, x)` gives what goes into the last layer."""

    def build(K):
        image = K.Input(shape)
        top = K.layers.GlobalAveragePooling2D()(connect(K, K.layers, image))
        return K.Model(image, K.layers.Dense(5, activation="softmax")(top))

    return build


def squeeze_excite(K, L, x):
    x = L.Conv2D(4, 3, padding="same")(x)
    weights = L.Dense(4, activation="sigmoid")(L.Dense(2, activation="relu")(L.GlobalAveragePooling2D()(x)))
    return L.Multiply()([x, L.Reshape((1, 1, 4))(weights)])


def residual(K, L, x):
    main = L.BatchNormalization()(L.Conv2D(6, 3, strides=2, padding="same", use_bias=False)(x))
    main = L.Conv2D(6, 3, padding="same")(L.ReLU()(main))
    return L.Add()([main, L.Conv2D(6, 1, strides=2)(x)])


def shared(K, L, x):
    conv = L.Conv2D(3, 3, padding="same", activation="tanh")
    return L.Concatenate()([conv(x), conv(conv(x))])


def nested(K, L, x):
    image = K.Input((12, 12, 3))
    inner = L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(image))
    inner = K.Model(image, L.BatchNormalization()(L.Conv2D(3, 3, padding="same")(inner)))
    block = K.Sequential([K.Input((12, 12, 3)), L.Conv2D(3, 3, padding="same"), L.BatchNormalization()])
    return L.Add()([block(inner(x)), inner(x)])


def frozen(K, L, x):
    image = K.Input((12, 12, 3))
    base = L.BatchNormalization()(L.Conv2D(4, 3, name="first")(image))
    base = K.Model(image, L.BatchNormalization()(L.Conv2D(4, 3, name="second")(base)))
    base.trainable = False
    base.layers[-1].trainable = True
    return L.Conv2D(3, 3)(base(x, training=False))


def two_branches(K, L, x):
    """Layers of one class whose order in the model is not that of their names."""
    late = L.Conv2D(2, 3, padding="same", name="a_late")
    early = L.Conv2D(2, 3, padding="same", name="z_early")
    return L.Maximum()([late(x), L.Minimum()([early(x), L.Average()([late(x), early(x)])])])


CASES = {
    "conv-valid": plain(lambda L: L.Conv2D(4, 3, activation="relu")),
    "conv-same-stride": plain(lambda L: L.Conv2D(4, (3, 5), strides=2, padding="same", activation="elu")),
    "conv-dilated": plain(lambda L: L.Conv2D(4, 3, dilation_rate=2, activation="selu")),
    "conv-groups": plain(lambda L: L.Conv2D(6, 3, groups=3)),
    "conv-transpose": plain(lambda L: L.Conv2DTranspose(4, 3, strides=2, padding="same")),
    "conv-transpose-padded": plain(lambda L: L.Conv2DTranspose(4, 3, strides=2, padding="same", output_padding=1)),
    "conv-transpose-dilated": plain(lambda L: L.Conv2DTranspose(4, 3, dilation_rate=2)),
    "depthwise": plain(lambda L: L.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="swish")),
    "depthwise-dilated": plain(lambda L: L.DepthwiseConv2D(3, dilation_rate=2)),
    "separable": plain(lambda L: L.SeparableConv2D(4, 3, depth_multiplier=2, activation="softplus")),
    "separable-stride": plain(lambda L: L.SeparableConv2D(4, 3, strides=2, padding="same")),
    "separable-dilated": plain(lambda L: L.SeparableConv2D(4, 3, dilation_rate=2)),
    "conv1d": plain(lambda L: L.Conv1D(4, 3, padding="causal"), shape=(12, 3)),
    "conv3d": plain(lambda L: L.Conv3D(2, 3), shape=(6, 6, 6, 1)),
    "batch-norm": plain(lambda L: L.BatchNormalization(epsilon=0.01)),
    "batch-norm-plain": plain(lambda L: L.BatchNormalization(center=False, scale=False)),
    "batch-norm-axis": plain(lambda L: L.BatchNormalization(axis=1)),
    "layer-norm": plain(lambda L: L.LayerNormalization()),
    "layer-norm-axes": plain(lambda L: L.LayerNormalization(axis=[1, 2, 3])),
    "group-norm": plain(lambda L: L.GroupNormalization(3)),
    "max-pool": plain(lambda L: L.MaxPooling2D(3, strides=2, padding="same")),
    "average-pool": plain(lambda L: L.AveragePooling2D(3, strides=2, padding="same")),
    "global-max": plain(lambda L: L.GlobalMaxPooling2D()),
    "global-keepdims": plain(lambda L: L.GlobalAveragePooling2D(keepdims=True)),
    "pool1d": plain(lambda L: L.MaxPooling1D(2), lambda L: L.AveragePooling1D(2), shape=(12, 3)),
    "global-average-1d": plain(lambda L: L.GlobalAveragePooling1D(), shape=(12, 3)),
    "zero-padding": plain(lambda L: L.ZeroPadding2D(((1, 2), (0, 3)))),
    "cropping": plain(lambda L: L.Cropping2D(((1, 2), (0, 3)))),
    "up-nearest": plain(lambda L: L.UpSampling2D((2, 3))),
    "up-bilinear": plain(lambda L: L.UpSampling2D(2, interpolation="bilinear")),
    "resizing": plain(lambda L: L.Resizing(7, 7)),
    "rescaling": plain(lambda L: L.Rescaling(1 / 127.5, offset=-1)),
    "relu": plain(lambda L: L.ReLU()),
    "relu-max": plain(lambda L: L.ReLU(max_value=0.5)),
    "relu-slope": plain(lambda L: L.ReLU(negative_slope=0.1)),
    "relu-slope-max": plain(lambda L: L.ReLU(max_value=0.5, negative_slope=0.1)),
    "relu-threshold": plain(lambda L: L.ReLU(threshold=0.25)),
    "leaky-relu": plain(lambda L: L.LeakyReLU(0.1)),
    "leaky-default": plain(lambda L: L.LeakyReLU()),
    "elu": plain(lambda L: L.ELU()),
    "elu-alpha": plain(lambda L: L.ELU(0.5)),
    "prelu": plain(lambda L: L.PReLU()),
    "prelu-shared": plain(lambda L: L.PReLU(shared_axes=[1, 2])),
    "softmax": plain(lambda L: L.Softmax()),
    "softmax-axis": plain(lambda L: L.Softmax(axis=1)),
    "softmax-axes": plain(lambda L: L.Softmax(axis=[1, 2])),
    **{
        f"activation-{name}": plain(lambda L, name=name: L.Activation(name))
        for name in (
            "elu exponential gelu hard_sigmoid leaky_relu linear log_softmax mish relu relu6 selu sigmoid silu softmax softplus softsign tanh"
        ).split()
    },
    "conv-leaky": plain(lambda L: L.Conv2D(4, 3, activation="leaky_relu")),
    "dropouts": plain(
        lambda L: L.Dropout(0.5), lambda L: L.GaussianDropout(0.2), lambda L: L.GaussianNoise(0.2), lambda L: L.AlphaDropout(0.2)
    ),
    "spatial-dropout": plain(lambda L: L.SpatialDropout2D(0.5)),
    "random-flip": plain(lambda L: L.RandomFlip()),
    "normalization": plain(lambda L: L.Normalization(mean=0.5, variance=2.0)),
    "permute": plain(lambda L: L.Permute((3, 1, 2))),
    "reshape-flat": plain(lambda L: L.Reshape((-1,))),
    "reshape-open": graph(lambda K, L, x: L.Reshape((6, -1, 4))(L.Conv2D(4, 3, padding="same")(x))),
    "repeat": plain(lambda L: L.Flatten(), lambda L: L.RepeatVector(3)),
    "time-distributed": plain(lambda L: L.TimeDistributed(L.Dense(4, activation="tanh")), shape=(6, 3)),
    "lstm": plain(lambda L: L.LSTM(4), shape=(6, 3)),
    "lstm-sequences": plain(lambda L: L.LSTM(4, return_sequences=True), shape=(6, 3)),
    "gru": plain(lambda L: L.GRU(4), shape=(6, 3)),
    "gru-plain": plain(lambda L: L.GRU(4, reset_after=False), shape=(6, 3)),
    "simple-rnn": plain(lambda L: L.SimpleRNN(4), shape=(6, 3)),
    "bidirectional": plain(lambda L: L.Bidirectional(L.LSTM(4)), shape=(6, 3)),
    "conv-lstm": plain(lambda L: L.ConvLSTM2D(3, 3), shape=(3, 8, 8, 1)),
    "regularized": plain(lambda L: L.Conv2D(4, 3, kernel_regularizer="l2", kernel_initializer="lecun_normal", kernel_constraint="max_norm")),
    "orthogonal": plain(lambda L: L.Conv2D(4, 3, kernel_initializer="orthogonal", bias_initializer="random_normal")),
    "squeeze-excite": graph(squeeze_excite),
    "residual": graph(residual),
    "shared": graph(shared),
    "nested": graph(nested),
    "frozen": graph(frozen),
    "two-branches": graph(two_branches),
    "subtract": graph(lambda K, L, x: L.Subtract()([L.Conv2D(2, 3)(x), L.Conv2D(2, 3)(x)])),
    "dot": graph(lambda K, L, x: L.Reshape((1, 1, 1))(L.Dot(1)([L.Flatten()(x), L.Flatten()(x)]))),
    "operator-add": graph(lambda K, L, x: L.Conv2D(2, 3)(x) + L.Conv2D(2, 3)(x)),
    "operator-multiply": graph(lambda K, L, x: L.Conv2D(2, 3)(x) * L.Conv2D(2, 3)(x)),
    "operator-factor": graph(lambda K, L, x: L.Conv2D(2, 3)(x) * 2.0),
    "operator-relu": graph(lambda K, L, x: (keras.ops if K is keras else __import__("tensorflow").nn).relu(x)),
    "batch-norm-training": graph(lambda K, L, x: L.BatchNormalization()(L.Conv2D(2, 3)(x), training=True)),
    "deferred": lambda K: K.Sequential([K.layers.Conv2D(2, 3), K.layers.Flatten(), K.layers.Dense(5, activation="softmax")]),
    "backbone-first": lambda K: K.Sequential(
        [
            K.Sequential([K.Input((12, 12, 3)), K.layers.Conv2D(2, 3), K.layers.BatchNormalization()]),
            K.layers.GlobalAveragePooling2D(),
            K.layers.Dense(5, activation="softmax"),
        ]
    ),
    "lambda": plain(lambda L: L.Lambda(lambda x: x * 2)),
}


def make(K, folder, name, build):
    model = build(K)
    if not model.built or not model.inputs:
        model.build((None, 12, 12, 3))
    random = numpy.random.default_rng(7)
    # Variances must stay positive; seeds are no weights.
    model.set_weights(
        [
            w if w.dtype.kind != "f" else numpy.abs(random.normal(0.4, 0.25, w.shape)).astype(w.dtype) if "variance" in v.name
            else random.normal(0, 0.3, w.shape).astype(w.dtype)
            for w, v in zip(model.get_weights(), model.weights)
        ]
    )
    x = random.normal(0, 1, (2, *model.input_shape[1:])).astype("<f4")
    path = f"{folder}/{name}"
    x.tofile(f"{path}.x.bin")
    numpy.asarray(model.predict(x, verbose=0), "<f4").tofile(f"{path}.y.bin")
    model.save(f"{path}.h5")
    model.save(f"{path}.keras")
    # Apart from the .h5, which would be taken for its weights.
    os.makedirs(f"{folder}/pairs", exist_ok=True)
    with open(f"{folder}/pairs/{name}.json", "w", encoding="utf-8") as file:
        file.write(model.to_json())
    model.save_weights(f"{folder}/pairs/{name}.weights.h5")
    return {"shape": list(x.shape)}


made = {}
for K in (keras, tf_keras):
    os.makedirs(f"{sys.argv[1]}/{K.__name__}")
    for name, build in CASES.items():
        try:
            K.utils.clear_session() if K is keras else K.backend.clear_session()
            made[f"{K.__name__}/{name}"] = make(K, f"{sys.argv[1]}/{K.__name__}", name, build)
        except Exception as error:
            made[f"{K.__name__}/{name}"] = {"error": f"{type(error).__name__}: {error}"[:300]}
with open(f"{sys.argv[1]}/made.json", "w", encoding="utf-8") as file:
    json.dump(made, file)
