"""Writes the Keras files of KerasConverterTest, and beside each what Keras itself predicts for some inputs.

usage: make_models.py keras|tf_keras FOLDER
Needs the Python packages tensorflow-cpu (which brings Keras 3) and tf_keras (Keras 2).
"""
import importlib
import json
import sys

import numpy as np
import tensorflow as tf

package, folder = sys.argv[1:]
keras = importlib.import_module(package)
L = keras.layers
random = np.random.default_rng(1)


def cnn():
    return keras.Sequential([
        L.Input((14, 14, 2)),
        L.Rescaling(0.5, offset=-0.1),
        L.ZeroPadding2D(((1, 0), (2, 1))),
        L.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
        L.BatchNormalization(),
        L.MaxPooling2D(2, strides=1, padding="same"),
        L.DepthwiseConv2D(3, depth_multiplier=2, activation="tanh"),
        L.AveragePooling2D(3, strides=2, padding="same"),
        L.Conv2D(6, 2, dilation_rate=2, padding="same", use_bias=False),
        L.ReLU(max_value=0.5, negative_slope=0.1),
        L.Dropout(0.5),
        L.Flatten(),
        L.Dense(8),
        L.ELU(0.7),
        L.Dense(5, activation="softmax"),
    ])


def residual():
    image = L.Input((8, 8, 3), name="image")
    extra = L.Input((4,), name="extra")
    x = L.Conv2D(4, 3, padding="same", activation="swish")(image)
    y = L.SeparableConv2D(4, 3, padding="same", activation="selu")(x)
    y = L.BatchNormalization(scale=False)(y)
    x = L.Add()([x, y])
    x = L.Concatenate()([x, L.LeakyReLU()(y)])
    x = L.UpSampling2D(2)(x)
    x = L.Cropping2D(((1, 2), (0, 3)))(x)
    x = L.LayerNormalization()(x)
    pooled = L.Concatenate(axis=-1)([L.GlobalAveragePooling2D()(x), L.GlobalMaxPooling2D()(x), extra])
    dense = L.Dense(4, activation="gelu")
    both = L.Multiply()([dense(pooled), L.Activation("sigmoid")(extra)])
    both = L.Subtract()([both, L.Maximum()([both, extra])])
    first = L.Dense(3, name="first")(both)
    second = L.Reshape((4, 1), name="second")(L.Average()([both, extra]))
    return keras.Model([image, extra], [first, second])


def text():
    words = L.Input((None,), dtype="int32", name="words")
    x = L.Embedding(20, 6)(words)
    x = L.Conv1D(5, 3, padding="causal", activation="relu")(x)
    x = L.LSTM(4, return_sequences=True)(x)
    x = L.GRU(3, return_sequences=True)(x)
    x = L.GRU(3, reset_after=False, use_bias=True)(x)
    return keras.Model(words, L.Dense(2, activation="sigmoid", name="mood")(x))


def shared():
    left, right = L.Input((5,), name="left"), L.Input((5,), name="right")
    twin = L.Dense(3, activation="softplus", name="twin")
    x = L.Concatenate()([twin(left), twin(right)])
    x = L.RepeatVector(2)(x)
    x = L.Permute((2, 1))(x)
    x = L.MaxPooling1D(2)(x)
    return keras.Model([left, right], L.GlobalAveragePooling1D(name="closeness")(x))


def unsupported():
    return keras.Sequential([L.Input((4, 4, 1)), L.Conv2DTranspose(2, 3, name="up"), L.Flatten(), L.Dense(1)])


def values(array):
    return {"shape": list(array.shape), "values": [round(float(v), 7) for v in array.ravel()]}


for build in (cnn, residual, text, shared, unsupported):
    model = build()
    # As after a training: no weight has the value that it starts with.
    model.set_weights([random.uniform(0.1, 0.6, w.shape) * random.choice([-1, 1], w.shape) if "variance" not in name else random.uniform(0.5, 2, w.shape)
                       for w, name in zip(model.get_weights(), [w.path if hasattr(w, "path") else w.name for w in model.weights])])
    name = f"{folder}/{build.__name__}-{package}"
    model.save(name + ".h5")
    inputs = {}
    for tensor in model.inputs:
        shape = [3] + [7 if size is None else size for size in tensor.shape[1:]]
        whole = "int" in str(tensor.dtype)
        data = random.integers(0, 20, shape) if whole else random.normal(size=shape).astype("float32")
        inputs[tensor.name.split(":")[0]] = data.round(3) if not whole else data
    outputs = model([tf.constant(v, dtype=t.dtype) for v, t in zip(inputs.values(), model.inputs)])
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    with open(name + ".json", "w") as file:
        json.dump({"inputs": {n: values(np.asarray(v)) for n, v in inputs.items()},
                   "outputs": [values(np.asarray(o)) for o in outputs]}, file)
