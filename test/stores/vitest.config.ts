import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/stores/**/*.contract.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});
