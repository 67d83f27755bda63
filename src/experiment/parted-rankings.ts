/** Rankings that an engine does in parts: the question is written, the engine is asked, and its answers are read. */
import { join } from "node:path";
import type { RankElsewhere } from "../evaluation/ranking/contender-ranks.ts";
import { askOnce } from "../execution/question-folder.ts";
import { readAnswers } from "../execution/ranking-answers.ts";
import { writeQuestion } from "../execution/ranking-question.ts";
import type { PipelineContext } from "./pipeline-context.ts";

/** Undefined where no engine ranks. A question that was answered before is not asked again. */
export function rankingOf({ stageFolder, rankByEngine }: PipelineContext): RankElsewhere | undefined {
  if (stageFolder === undefined || rankByEngine === undefined) return undefined;
  return async (contenders, request, context) => {
    const folder = await writeQuestion(join(stageFolder, "rankings"), contenders, request, context);
    await askOnce(folder, rankByEngine);
    return readAnswers(folder, contenders.length, request);
  };
}
