/** LanceDB in process. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeContract } from "./store-contract.ts";

storeContract("LanceDB", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tailrec-lance-"));
  return { url: `lancedb:${folder}`, stop: () => rm(folder, { recursive: true }) };
});
