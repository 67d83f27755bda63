/**
 * apache-arrow in its CommonJS form. Every task of an engine starts a worker, and as ES modules its 134 files take twice as long to load.
 */
import { createRequire } from "node:module";

export const arrow: typeof import("apache-arrow") = createRequire(import.meta.url)("apache-arrow");
