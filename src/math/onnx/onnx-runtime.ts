/** ONNX Runtime without its telemetry: the one place that loads the module. */
import "./quiet-runtime.ts";

export { InferenceSession, Tensor } from "onnxruntime-node";
