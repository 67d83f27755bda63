/**
 * Layers of `src` from the ground up. A module imports its own folder or a lower floor, and siblings on one floor never meet.
 * A folder within another may have a floor of its own: what a pipeline file may name lies below what runs it.
 * `layers.test.ts` holds the code against this list, and the picture in ARCHITECTURE.md is drawn from it.
 */
export const floors: readonly (readonly string[])[] = [
  ["errors", "excerpt", "file-errors", "kinds", "once", "optional-package", "options", "run-context", "yaml"],
  ["math"],
  ["data", "networks"],
  ["encoders"],
  ["als", "features", "regressor", "evaluation"],
  ["baselines", "leaks", "rules"],
  ["hybrid", "stores", "execution"],
  ["bundle"],
  ["report"],
  ["serving"],
  ["traffic", "worker"],
  ["service"],
  ["experiment/models"],
  ["experiment/measurement"],
  ["experiment/protocols"],
  ["config"],
  ["experiment"],
  ["cli"],
  ["index"],
];
