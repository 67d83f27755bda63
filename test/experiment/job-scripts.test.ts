/** The scripts of examples/jobs: the one for a shell runs as it is printed, those for schedulers are well-formed and agree with themselves. */
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { parseYaml } from "../../src/yaml.ts";
import { root } from "../cli/tailrec.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";

const scripts = join(root, "examples", "jobs");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "job-scripts-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const script = (name: string) => readFile(join(scripts, name), "utf8");

/** As batch/v1 has it, of what the example uses: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ */
const jobSchema = z.strictObject({
  apiVersion: z.literal("batch/v1"),
  kind: z.literal("Job"),
  metadata: z.strictObject({ name: z.string().regex(/^[a-z0-9-]{1,63}$/) }),
  spec: z.strictObject({
    completionMode: z.literal("Indexed"),
    completions: z.int().positive(),
    parallelism: z.int().positive(),
    backoffLimitPerIndex: z.int().nonnegative(),
    template: z.strictObject({
      spec: z.strictObject({
        restartPolicy: z.literal("Never"),
        containers: z.tuple([
          z.strictObject({
            name: z.string(),
            image: z.string(),
            command: z.array(z.string()),
            args: z.tuple([z.string()]),
            resources: z.strictObject({ requests: z.record(z.enum(["cpu", "memory"]), z.string()) }),
            volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string().startsWith("/") })),
          }),
        ]),
        volumes: z.array(
          z.strictObject({ name: z.string(), persistentVolumeClaim: z.strictObject({ claimName: z.string() }) }),
        ),
      }),
    }),
  }),
});

describe("the job scripts", () => {
  it.each(["xargs.sh", "slurm.sh"])("%s is a script that bash reads", (name) => {
    const { status, stderr } = spawnSync("bash", ["-n", join(scripts, name)], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("of xargs makes the bundle as it is printed", async () => {
    const command = join(folder, "tailrec");
    await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${join(root, "dist", "cli", "main.js")}" "$@"\n`);
    await chmod(command, 0o755);
    const pipeline = join(folder, "tiny.yaml");
    const asked = "evaluation: { models: [popularity] }\nexecution: { engine: jobs, shards: 3 }\n";
    await writeFile(pipeline, tinyPipeline(tiny, join(folder, "out")) + asked);
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
    const words = [join(scripts, "xargs.sh"), pipeline, "3"];
    const { status, stderr } = spawnSync("sh", words, { cwd: folder, env, encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const manifest = JSON.parse(await readFile(join(folder, "out", "bundle", "manifest.json"), "utf8"));
    expect(manifest.dataset).toBe("tiny");
  });

  it("of Slurm has as many array tasks as shards, each with its own number", async () => {
    const text = await script("slurm.sh");
    const [, tasks] = /^#SBATCH --array=1-(\d+)$/m.exec(text) ?? [];
    expect(text).toContain(`--stage encode --shard "$SLURM_ARRAY_TASK_ID/${tasks}"`);
  });

  it("of Kubernetes is an indexed job with as many completions as shards, whose volumes are there", async () => {
    const { spec } = jobSchema.parse(parseYaml(await script("kubernetes.yaml"), "kubernetes.yaml").value);
    const { containers, volumes } = spec.template.spec;
    const [{ args, volumeMounts }] = containers;
    expect(args[0]).toContain(`--shard $((JOB_COMPLETION_INDEX + 1))/${spec.completions} `);
    expect(spec.parallelism).toBeLessThanOrEqual(spec.completions);
    expect(volumeMounts.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name));
  });
});
