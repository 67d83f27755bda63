/**
 * `npm run test:arm64`: compiles the kernel and check-kernels.cc for arm64 with Debian's cross compiler, assertions on. It runs them
 * under qemu-user, every job on NEON against its naive loop. On arm64 itself the compiler of the machine does. Where the tools are
 * missing it says so and ends well.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const native = join(import.meta.dirname, "..");
const output = join(native, "..", "build", "arm64");
const isCross = process.arch !== "arm64";
const compiler = process.env.CXX ?? (isCross ? "aarch64-linux-gnu-g++" : "g++");
const emulator = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"];
const FLAGS = ["-std=c++17", "-O2", "-pthread", "-ffp-contract=fast", "-Wall", "-Wextra", "-Wno-maybe-uninitialized"];
const TABLE = ["-DTAILREC_TABLE=kBaselineKernels", '-DTAILREC_NAME="neon"'];
const SOURCES = ["test/check-kernels.cc", "instruction-sets.cc", "job-queue.cc", "ranked-list.cc", "thread-pool.cc"];

const missing = [compiler, ...(isCross ? [emulator[0]] : [])].filter(
  (tool) => spawnSync(tool, ["--version"], { stdio: "ignore" }).status !== 0,
);
if (missing.length > 0) {
  console.log(`${missing.join(" and ")} missing (Debian: g++-aarch64-linux-gnu, qemu-user), so NEON was not checked`);
} else check();

function check() {
  mkdirSync(output, { recursive: true });
  const [kernels, program] = [join(output, "kernels.o"), join(output, "check-kernels")];
  run([compiler, ...FLAGS, ...TABLE, "-c", join(native, "kernels.cc"), "-o", kernels]);
  run([compiler, ...FLAGS, ...SOURCES.map((source) => join(native, source)), kernels, "-o", program]);
  run([...(isCross ? emulator : []), program]);
}

function run([file, ...parameters]) {
  execFileSync(file, parameters, { stdio: "inherit" });
}
