"""Writes the student as ONNX with int8 weights, its tokenizer and its manifest.

    python export.py --work WORK --models ../..

Every row of the token table and every column of a matrix is stored as int8 with one float32 scale. The graph casts and scales
matrices back (ONNX Runtime folds this once, at load) and only the token rows that it gathers, so all arithmetic is float32:
a vector does not depend on what else is in its batch, as it would with quantised activations.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from student import DIMENSION, HEADS, WIDTH, Student

NAME = "tailrec-text-small"
# Twice the positions: cut at 128 tokens, long texts lose what comes last, and the token vectors need no place.
LONGEST = 256
DESCRIPTION = (
    "Built-in text encoder: a 3-layer transformer of 4.6 M parameters over 16,000 own word pieces, distilled from "
    "all-MiniLM-L6-v2 on dictionary entries, package texts and generated product sentences. English; knows kinds of goods."
)


class Graph:
    """Nodes and initializers of a graph under construction; every call gives the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, value: np.ndarray) -> str:
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def apply(self, operator: str, *inputs: str, **attributes: object) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def quantised(self, matrix: np.ndarray, axis: int) -> tuple[str, str]:
        """int8 values and float32 scales of a matrix, one scale for every slice along the other axis."""
        scale = np.abs(matrix).max(axis=axis, keepdims=True) / 127
        scale = np.where(scale == 0, 1, scale).astype(np.float32)
        return self.constant(np.round(matrix / scale).astype(np.int8)), self.constant(scale)

    def linear(self, states: str, layer: torch.nn.Linear) -> str:
        values, scale = self.quantised(layer.weight.detach().numpy().T, 0)
        weight = self.apply("Mul", self.apply("Cast", values, to=TensorProto.FLOAT), scale)
        product = self.apply("MatMul", states, weight)
        return product if layer.bias is None else self.apply("Add", product, self.constant(layer.bias.detach().numpy()))

    def norm(self, states: str, layer: torch.nn.LayerNorm) -> str:
        parameters = [self.constant(p.detach().numpy()) for p in (layer.weight, layer.bias)]
        return self.apply("LayerNormalization", states, *parameters, axis=-1, epsilon=layer.eps)


def build(model: Student) -> onnx.ModelProto:
    graph = Graph()
    tokens = gathered(graph, model.tokens.weight.detach().numpy())
    length = graph.apply(
        "Max", graph.apply("ReduceL2", tokens, axes=[-1], keepdims=1), graph.constant(np.float32(1e-12))
    )
    unit = graph.apply("Mul", graph.apply("Div", tokens, length), graph.constant(np.float32(DIMENSION**0.5)))
    states = graph.apply(
        "Add", graph.linear(unit, model.down), positions(graph, model.positions.weight.detach().numpy())
    )
    bias = attention_bias(graph)
    for layer in model.layers:
        states = graph.apply("Add", states, attention(graph, layer, states, bias))
        hidden = graph.apply("Relu", graph.linear(graph.norm(states, layer.feed_forward_norm), layer.expand))
        states = graph.apply("Add", states, graph.linear(hidden, layer.contract))
    context = graph.linear(graph.norm(states, model.norm), model.up)
    graph.nodes.append(helper.make_node("Add", [tokens, context], ["last_hidden_state"]))
    return packed(graph)


def gathered(graph: Graph, table: np.ndarray) -> str:
    values, scale = graph.quantised(table, 1)
    rows = graph.apply("Cast", graph.apply("Gather", values, "input_ids"), to=TensorProto.FLOAT)
    return graph.apply("Mul", rows, graph.apply("Gather", scale, "input_ids"))


def positions(graph: Graph, table: np.ndarray) -> str:
    """A row of the table for every place; places beyond its end share the last row."""
    zero, one, last = (graph.constant(np.int64(value)) for value in (0, 1, len(table) - 1))
    length = graph.apply("Gather", graph.apply("Shape", "input_ids"), one, axis=0)
    places = graph.apply("Min", graph.apply("Range", zero, length, one), last)
    return graph.apply("Gather", graph.constant(table), places, axis=0)


def attention_bias(graph: Graph) -> str:
    """0 where there is a token, -10,000 where there is padding: [batch, 1, 1, length]."""
    mask = graph.apply(
        "Cast",
        graph.apply("Unsqueeze", "attention_mask", graph.constant(np.array([1, 2], np.int64))),
        to=TensorProto.FLOAT,
    )
    return graph.apply(
        "Mul", graph.apply("Sub", mask, graph.constant(np.float32(1))), graph.constant(np.float32(10000))
    )


def attention(graph: Graph, layer: torch.nn.Module, states: str, bias: str) -> str:
    size = WIDTH // HEADS
    joint = graph.linear(graph.norm(states, layer.attention_norm), layer.query_key_value)
    split = graph.apply("Reshape", joint, graph.constant(np.array([0, 0, 3, HEADS, size], np.int64)))
    parts = graph.apply("Transpose", split, perm=[2, 0, 3, 1, 4])
    query, key, value = (graph.apply("Gather", parts, graph.constant(np.int64(i)), axis=0) for i in range(3))
    scores = graph.apply("MatMul", query, graph.apply("Transpose", key, perm=[0, 1, 3, 2]))
    scaled = graph.apply("Mul", scores, graph.constant(np.float32(size**-0.5)))
    weights = graph.apply("Softmax", graph.apply("Add", scaled, bias), axis=-1)
    mixed = graph.apply("Transpose", graph.apply("MatMul", weights, value), perm=[0, 2, 1, 3])
    joined = graph.apply("Reshape", mixed, graph.constant(np.array([0, 0, WIDTH], np.int64)))
    return graph.linear(joined, layer.attention_out)


def packed(graph: Graph) -> onnx.ModelProto:
    shape = ["batch", "sequence"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, DIMENSION])
    body = helper.make_graph(graph.nodes, NAME, inputs, [output], graph.initializers)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="tailrec")
    onnx.checker.check_model(model, full_check=True)
    return model


def manifest(folder: Path) -> dict[str, object]:
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("model.onnx", "tokenizer.json")
    }
    return {
        "name": NAME,
        "task": "text",
        "description": DESCRIPTION,
        "licence": "MIT",
        "source": {"kind": "file", "folder": NAME},
        "files": files,
        "model": "model.onnx",
        "outputName": "last_hidden_state",
        "dimension": DIMENSION,
        "text": {"tokenizer": "tokenizer.json", "maximumLength": LONGEST, "pooling": "mean", "normalise": True},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    options = parser.parse_args()
    model = Student()
    model.load_state_dict(torch.load(options.work / "student.pt", weights_only=True))
    folder = options.models / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(build(model).SerializeToString(deterministic=True))
    shutil.copyfile(options.work / "tokenizer.json", folder / "tokenizer.json")
    (options.models / f"{NAME}.json").write_text(json.dumps(manifest(folder), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
