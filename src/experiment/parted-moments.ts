/** Moments that an engine adds up from the items it has encoded: the question is written, the engine is asked, its parts are summed. */
import { join } from "node:path";
import { readMoments } from "../execution/moments-answers.ts";
import { type MomentsItems, writeMomentsQuestion } from "../execution/moments-question.ts";
import { askOnce } from "../execution/question-folder.ts";
import type { AddUp } from "../regressor/moments.ts";
import type { PipelineContext } from "./pipeline-context.ts";

/** Undefined where no engine adds up. A question that was answered before is not asked again. */
export function addingOf({ stageFolder, addUpByEngine }: PipelineContext, items: MomentsItems): AddUp | undefined {
  if (stageFolder === undefined || addUpByEngine === undefined) return undefined;
  return async (request) => {
    const folder = await writeMomentsQuestion(join(stageFolder, "moments"), items, request);
    await askOnce(folder, addUpByEngine);
    return readMoments(folder, request.rows.length);
  };
}
