/**
 * The files beside a model that its graph keeps weights in, as names within the encoder's folder. They decide its vectors as the model
 * file does. A location that leaves the model's own folder is refused: nothing there is the encoder's.
 */
import { dirname, join } from "node:path/posix";
import { TailrecError } from "../../errors.ts";
import { excerpt } from "../../excerpt.ts";
import { readError } from "../../file-errors.ts";
import { externalData } from "../../math/onnx/external-data.ts";
import { staysInside } from "./common-manifest.ts";

/**
 * `model` is the model file's name within the encoder's folder, `path` where it lies. Undefined when it is no ONNX model, which names
 * no files; MODEL_INVALID when it names one elsewhere.
 */
export function graphDataFiles(model: string, path: string): string[] | undefined {
  return locationsOf(path)?.map((location) => {
    if (!staysInside(location)) {
      throw new TailrecError(
        "MODEL_INVALID",
        `${path}: its graph keeps weights in "${excerpt(location)}", which is outside the model's folder; export it again with its data beside it`,
      );
    }
    return join(dirname(model), location);
  });
}

function locationsOf(path: string): string[] | undefined {
  try {
    return externalData(path);
  } catch (cause) {
    throw readError(path, cause);
  }
}
