/**
 * The part of the ONNX protocol buffers that tailrec writes (models, graphs, nodes, dense tensors, attributes), as
 * protobufjs reflection. Field numbers are those of onnx.proto (github.com/onnx/onnx); names are camel-cased.
 */
import protobuf from "protobufjs/light.js";

const field = (id: number, type: string) => ({ id, type });
const repeated = (id: number, type: string) => ({ id, type, rule: "repeated" });

const schema = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: field(1, "int64"),
        producerName: field(2, "string"),
        graph: field(7, "Graph"),
        opsetImport: repeated(8, "OperatorSet"),
        metadataProps: repeated(14, "Entry"),
      },
    },
    OperatorSet: { fields: { domain: field(1, "string"), version: field(2, "int64") } },
    Entry: { fields: { key: field(1, "string"), value: field(2, "string") } },
    Graph: {
      fields: {
        node: repeated(1, "Node"),
        name: field(2, "string"),
        initializer: repeated(5, "Tensor"),
        input: repeated(11, "Value"),
        output: repeated(12, "Value"),
      },
    },
    Node: {
      fields: {
        input: repeated(1, "string"),
        output: repeated(2, "string"),
        name: field(3, "string"),
        opType: field(4, "string"),
        attribute: repeated(5, "Attribute"),
      },
    },
    Attribute: {
      fields: {
        name: field(1, "string"),
        f: field(2, "float"),
        i: field(3, "int64"),
        s: field(4, "bytes"),
        ints: repeated(8, "int64"),
        type: field(20, "int32"),
      },
    },
    Tensor: {
      fields: {
        dims: repeated(1, "int64"),
        dataType: field(2, "int32"),
        name: field(8, "string"),
        rawData: field(9, "bytes"),
      },
    },
    Value: { fields: { name: field(1, "string"), type: field(2, "Type") } },
    Type: { fields: { tensorType: field(1, "TensorType") } },
    TensorType: { fields: { elemType: field(1, "int32"), shape: field(2, "Shape") } },
    Shape: { fields: { dim: repeated(1, "Dimension") } },
    Dimension: {
      oneofs: { value: { oneof: ["dimValue", "dimParam"] } },
      fields: { dimValue: field(1, "int64"), dimParam: field(2, "string") },
    },
  },
});

export const modelMessage = schema.lookupType("Model");
