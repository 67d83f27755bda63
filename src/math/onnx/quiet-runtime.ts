/**
 * Keeps ONNX Runtime to itself. Version 1.30 reads the machine's id, writes a queue of events below the home folder and looks up a
 * collector, unless ORT_DISABLE_TELEMETRY is set before its library is loaded. Whoever loads the runtime, or starts a thread that
 * will, imports this module first. Only the main thread can change the environment that native code reads, so it sets it for all.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";
