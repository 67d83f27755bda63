/**
 * `npm run test:sanitizers`: builds check-kernels.cc with each sanitizer, assertions on, and runs it. The compiler is g++ or
 * CXX; a sanitizer that it cannot build or run here is named and left out.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const native = join(import.meta.dirname, "..");
const output = join(native, "..", "build", "sanitizers");
const compiler = process.env.CXX ?? "g++";

const AVX2 = ["-mavx2", "-mfma", "-mf16c"];
const INSTRUCTION_SETS = {
  Baseline: process.arch === "x64" ? ["-msse4.2", "-mpopcnt"] : [],
  ...(process.arch === "x64" && {
    Avx2: AVX2,
    Avx512: [...AVX2, "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl"],
  }),
};
const SANITIZERS = {
  "address-undefined": ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  thread: ["-fsanitize=thread"],
};

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
  const common = [
    "-std=c++17",
    "-O2",
    "-g1",
    "-pthread",
    "-Wall",
    "-Wextra",
    "-Wno-maybe-uninitialized",
    "-ffp-contract=fast",
    ...sanitizer,
  ];
  if (process.arch === "x64") common.push("-DTAILREC_X86");
  const objects = Object.entries(INSTRUCTION_SETS).map(([set, flags]) => {
    const object = join(folder, `kernels-${set}.o`);
    const names = [`-DTAILREC_TABLE=k${set}Kernels`, `-DTAILREC_NAME="${set.toLowerCase()}"`];
    run(compiler, [...common, ...flags, ...names, "-c", join(native, "kernels.cc"), "-o", object]);
    return object;
  });
  const sources = ["test/check-kernels.cc", "instruction-sets.cc", "ranked-list.cc", "thread-pool.cc"];
  const program = join(folder, "check-kernels");
  run(compiler, [...common, ...sources.map((source) => join(native, source)), ...objects, "-o", program]);
  console.log(`${name}:`);
  run(program, []);
}

function run(file, parameters) {
  execFileSync(file, parameters, { stdio: "inherit" });
}
