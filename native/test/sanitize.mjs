/**
 * `npm run test:sanitizers`: builds check-kernels.cc with each sanitizer, assertions on, and runs it; with AddressSanitizer and
 * UndefinedBehaviorSanitizer also the whole addon, which then answers ten thousand random calls (fuzz.mjs) and loses its workers
 * (teardown.mjs). The compiler is g++ or CXX; what it cannot build or run here is named and left out.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { nodeHeaders } from "../node-headers.mjs";

const native = join(import.meta.dirname, "..");
const root = join(native, "..");
const output = join(root, "build", "sanitizers");
const compiler = process.env.CXX ?? "g++";

const AVX2 = ["-mavx2", "-mfma", "-mf16c"];
const AVX512 = [...AVX2, "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl"];
const INSTRUCTION_SETS = {
  Baseline: process.arch === "x64" ? ["-msse4.2", "-mpopcnt"] : [],
  ...(process.arch === "x64" && {
    Avx2: AVX2,
    Avx512: AVX512,
    Avx512Vnni: [...AVX512, "-mavx512vnni"],
  }),
};
const SANITIZERS = {
  "address-undefined": ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  thread: ["-fsanitize=thread"],
};
const COMMON = ["-std=c++17", "-O2", "-g1", "-pthread", "-fPIC", "-Wall", "-Wextra", "-Wno-maybe-uninitialized"];
const SHARED = ["instruction-sets.cc", "job-queue.cc", "ranked-list.cc", "thread-pool.cc"];
const FUZZ_CALLS = 10_000;
const FUZZ_SEED = 1;
const TEARDOWNS = 24;

for (const [name, flags] of Object.entries(SANITIZERS)) {
  if (isUsable(name, flags)) check(name, flags);
  else console.log(`${name}: ${compiler} cannot build and run it here, so the kernel was not checked by it`);
}

/** An empty program: some systems lack the library, others refuse its memory layout. */
function isUsable(name, sanitizer) {
  const folder = join(output, name);
  mkdirSync(folder, { recursive: true });
  const [source, program] = [join(folder, "empty.cc"), join(folder, "empty")];
  writeFileSync(source, "int main() {}\n");
  const built = spawnSync(compiler, [...sanitizer, source, "-o", program], { stdio: "ignore" }).status === 0;
  return built && spawnSync(program, [], { stdio: "ignore" }).status === 0;
}

function check(name, sanitizer) {
  const folder = join(output, name);
  const common = [...COMMON, "-ffp-contract=fast", ...sanitizer];
  if (process.arch === "x64") common.push("-DTAILREC_X86");
  const objects = Object.entries(INSTRUCTION_SETS).map(([set, flags]) => {
    const object = join(folder, `kernels-${set}.o`);
    const names = [`-DTAILREC_TABLE=k${set}Kernels`, `-DTAILREC_NAME="${set.toLowerCase()}"`];
    run(compiler, [...common, ...flags, ...names, "-c", join(native, "kernels.cc"), "-o", object]);
    return object;
  });
  const program = join(folder, "check-kernels");
  run(compiler, [...common, ...pathsOf(["test/check-kernels.cc", ...SHARED]), ...objects, "-o", program]);
  console.log(`${name}:`);
  run(program, []);
  if (name === "address-undefined") checkAddon(join(folder, "addon.node"), [...common, ...objects]);
}

/** Node itself is not instrumented, so the sanitizer's library is loaded before it. */
function checkAddon(addon, inputs) {
  const library = execFileSync(compiler, ["-print-file-name=libasan.so"], { encoding: "utf8" }).trim();
  // Node leaves memory to the end of its process; V8 handles no fault of ours.
  const env = { ...process.env, LD_PRELOAD: library, ASAN_OPTIONS: "detect_leaks=0" };
  if (spawnSync(process.execPath, ["-e", "0"], { env, stdio: "ignore" }).status !== 0) {
    console.log(`node does not start with ${library}, so random calls of the addon were not checked`);
    return;
  }
  const defines = ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS_ALL", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"];
  const flags = [...defines, 'TAILREC_SOURCES="sanitizers"'].map((define) => `-D${define}`);
  const addonApi = dirname(createRequire(import.meta.url).resolve("node-addon-api/package.json"));
  const includes = [join(nodeHeaders(root), "include", "node"), addonApi].map((folder) => `-I${folder}`);
  const sources = pathsOf(["binding.cc", "environment.cc", "job.cc", ...SHARED]);
  run(compiler, ["-shared", "-fvisibility=hidden", ...flags, ...includes, ...sources, ...inputs, "-o", addon]);
  const scripts = join(native, "test");
  run(process.execPath, ["--expose-gc", join(scripts, "fuzz.mjs"), addon, FUZZ_CALLS, FUZZ_SEED].map(String), env);
  run(process.execPath, [join(scripts, "teardown.mjs"), addon, String(TEARDOWNS)], env);
}

function pathsOf(sources) {
  return sources.map((source) => join(native, source));
}

function run(file, parameters, env = process.env) {
  execFileSync(file, parameters, { stdio: "inherit", env });
}
