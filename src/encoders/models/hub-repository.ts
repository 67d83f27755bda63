/** What the hub says of a repository: its commit and its files. Nothing of it becomes a path unread. */
import { modelInfo } from "@huggingface/hub";
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { messageOf } from "../../file-errors.ts";
import { throwIfInterrupted } from "../../run-context.ts";
import { commit } from "./common-manifest.ts";
import { hubFetch } from "./hub-fetch.ts";
import type { DownloadContext } from "./model-download.ts";

export interface HubRepository {
  /** A full commit hash. */
  readonly revision: string;
  readonly files: readonly string[];
  /** As its tags say it; undefined where they do not. */
  readonly licence: string | undefined;
}

const answerSchema = z.object({
  filePaths: z.array(z.string()).catch([]),
  tags: z.array(z.string()).catch([]),
});

/**
 * The repository at a commit, at its latest where none is given. MODEL_MISSING when the hub cannot be asked, MODEL_INVALID when it
 * answers with something else than a commit, or another one.
 */
export async function askRepository(
  encoder: string,
  repository: string,
  revision: string | null,
  context: DownloadContext,
): Promise<HubRepository> {
  const answer = await ask(encoder, repository, revision, context);
  const sha = commit.safeParse(answer.sha);
  const { filePaths, tags } = answerSchema.parse(answer);
  if (sha.success && [null, sha.data].includes(revision)) {
    const licence = tags.find((tag) => /^license:[\w.-]{1,60}$/.test(tag))?.slice("license:".length);
    return { revision: sha.data, files: filePaths, licence };
  }
  const problem = sha.success
    ? `asked for commit ${revision} of ${repository}, the hub gives ${sha.data}`
    : `the hub's latest commit of ${repository} is no commit hash`;
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${encoder}": ${problem}; check the address of the hub, or write the commit into the manifest`,
  );
}

async function ask(
  encoder: string,
  repository: string,
  revision: string | null,
  context: DownloadContext,
): Promise<{ readonly sha?: unknown }> {
  const { hubUrl } = context;
  try {
    return await modelInfo({
      name: repository,
      additionalFields: ["sha", "filePaths", "tags"],
      fetch: hubFetch(context),
      ...(revision !== null && { revision }),
      ...(hubUrl !== undefined && { hubUrl }),
    });
  } catch (cause) {
    throwIfInterrupted(context);
    throw new TailrecError(
      "MODEL_MISSING",
      `encoder "${encoder}": the hub could not be asked for the latest commit of ${repository} (${messageOf(cause)}); connect to it and try again`,
      { cause },
    );
  }
}
