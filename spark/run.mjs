/**
 * `npm run test:spark`: makes the package's environment in spark/.venv, checks its types and runs its tests on a Spark of two executors.
 * Status 4 says that they cannot run here: no Java, no Python, or no registry to install pyspark from.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const python = join(here, ".venv", "bin", "python");

const NOT_INSTALLED = 4;
/** Beside the package's own dependencies; one version, so that a new one cannot break old code. */
const packages = ["pyspark==4.1.1", "pyarrow", "numpy", "pandas", "pytest", "mypy"];

function skip(reason) {
  console.error(`the Spark package could not be tested: ${reason}`);
  process.exit(NOT_INSTALLED);
}

const run = (command, args) => spawnSync(command, args, { cwd: here, stdio: "inherit" }).status ?? 1;
const answers = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

if (!answers("java", ["-version"])) skip("there is no Java");
const isInstalled = existsSync(python) && answers(python, ["-c", "import pyspark, pyarrow, pytest, mypy, pandas"]);
if (!isInstalled) {
  if (run("python3", ["-m", "venv", "--clear", join(here, ".venv")]) !== 0) skip("python3 makes no environment");
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages];
  if (run(python, install) !== 0) skip("pyspark could not be installed");
}
const types = run(python, ["-m", "mypy", "tailrec_spark"]);
if (types !== 0) process.exit(types);
process.exit(run(python, ["-m", "pytest", "-q", ...process.argv.slice(2)]));
