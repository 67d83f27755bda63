/**
 * Layers of `src` from the ground up. A module imports its own folder or a lower floor, and siblings on one floor never meet.
 * `layers.test.ts` holds the code against this list, and the picture in ARCHITECTURE.md is drawn from it.
 */
export const floors: readonly (readonly string[])[] = [
  ["errors", "excerpt", "file-errors", "kinds", "options", "run-context", "yaml"],
  ["math"],
  ["data"],
  ["encoders"],
  ["als", "features", "regressor", "evaluation"],
  ["baselines", "leaks"],
  ["hybrid"],
  ["bundle"],
  ["report"],
  ["serving"],
  ["config"],
  ["experiment"],
  ["cli"],
  ["index"],
];
