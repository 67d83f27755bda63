"""Writes the trained student as ONNX with its manifest: export.py WORK NAME MODELS

Batch normalisation is folded into the convolutions. Weights are stored as float16 and cast to float32 when a session is made,
so arithmetic is float32. Writes MODELS/tailrec-image-small/model.onnx and MODELS/tailrec-image-small.json.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from student import DIMENSION, Student

NAME = "tailrec-image-small"
SIDE = 128
OPSET = 17


class Graph:
    """Collects nodes and weights; every method gives the name of its output."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def apply(self, operator, *inputs, **attributes):
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def weight(self, tensor):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(tensor.detach().numpy().astype(np.float16), name))
        return self.apply("Cast", name, to=TensorProto.FLOAT)

    def convolution(self, x, pair):
        layer, norm = pair
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = self.weight(layer.weight * scale[:, None, None, None])
        bias = self.weight(norm.bias - norm.running_mean * scale)
        pad = layer.padding[0]
        return self.apply("Conv", x, weight, bias, kernel_shape=layer.kernel_size, strides=layer.stride, pads=[pad] * 4)

    def skip(self, x, block):
        if isinstance(block.skip, torch.nn.Identity):
            return x
        pool, *pair = block.skip
        side = pool.kernel_size
        return self.convolution(self.apply("AveragePool", x, kernel_shape=[side, side], strides=[side, side]), pair)

    def block(self, x, block):
        inner = self.apply("Relu", self.convolution(x, block.first))
        return self.apply("Relu", self.apply("Add", self.skip(x, block), self.convolution(inner, block.second)))


def build(student):
    graph = Graph()
    x = graph.apply("Relu", graph.convolution("pixels", student.stem))
    pooled = []
    for stage in student.stages:
        for block in stage:
            x = graph.block(x, block)
        pooled += [graph.apply("Flatten", graph.apply(kind, x), axis=1) for kind in ("GlobalAveragePool", "GlobalMaxPool")]
    scale = 1 / torch.sqrt(student.norm.running_var + student.norm.eps)
    weight = student.head.weight * scale
    bias = student.head.bias - weight @ student.norm.running_mean
    inputs = graph.apply("Concat", *pooled, axis=1), graph.weight(weight.T), graph.weight(bias)
    graph.nodes.append(helper.make_node("Gemm", inputs, ["features"]))
    return graph


def model_of(student):
    graph = build(student)
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", DIMENSION])
    model = helper.make_model(
        helper.make_graph(graph.nodes, NAME, [pixels], [features], graph.weights),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=8,
        producer_name="tailrec",
    )
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def manifest_of(content):
    return {
        "name": NAME,
        "task": "image",
        "description": "Built-in ResNet (14 layers, 128 x 128 pixels) distilled from MobileNetV2 (ImageNet) on free pictures: colours, materials, drawing or photograph, rough kinds of things; a larger encoder sees more.",
        "licence": "MIT",
        "source": {"kind": "file", "folder": NAME},
        "files": {"model.onnx": hashlib.sha256(content).hexdigest()},
        "model": "model.onnx",
        "outputName": "features",
        "dimension": DIMENSION,
        "image": {
            "size": SIDE,
            "resize": {"rule": "crop", "shortSide": 146},
            "filter": "bilinear",
            "channelOrder": "rgb",
            "mean": [0.5, 0.5, 0.5],
            "std": [0.25, 0.25, 0.25],
        },
    }


def main(work, name, models):
    student = Student()
    student.load_state_dict(torch.load(work / f"{name}.pt")["mean"])
    content = model_of(student.eval())
    (models / NAME).mkdir(exist_ok=True)
    (models / NAME / "model.onnx").write_bytes(content)
    (models / f"{NAME}.json").write_text(json.dumps(manifest_of(content), indent=2) + "\n")
    print(f"{len(content) / 1e6:.1f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
