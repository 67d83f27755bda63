/** The tasks that encoders can do. A new one is a module that says what `EncoderTask` asks, and a line here. */
import { TailrecError } from "../errors.ts";
import type { EncoderTask } from "./encoder-task.ts";
import { imageTask } from "./image/image-task.ts";
import { textTask } from "./text/text-task.ts";

/** Every task, those that recognise a folder by special files first. */
export const encoderTasks = [textTask, imageTask] as const;

export type BuiltInTask = (typeof encoderTasks)[number];

/** Names as manifests and options have them. */
export const taskNames: readonly BuiltInTask["name"][] = encoderTasks.map(({ name }) => name);

/** MODEL_INVALID when there is no task of that name. */
export function taskNamed(name: string): EncoderTask {
  const found = encoderTasks.find((task) => task.name === name);
  if (found !== undefined) return found;
  throw new TailrecError("MODEL_INVALID", `there is no task "${name}"; known tasks: ${taskNames.join(", ")}`);
}
