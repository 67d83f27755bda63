/** Every error code, from the error table: what it means, what to do, and the statuses it gives. */
import { ERROR_TABLE } from "../src/errors.ts";
import { tableOf } from "./markdown.ts";

export function errorsPage(): string {
  const rows = Object.entries(ERROR_TABLE).map(([code, { exit, http, meaning, remedy }]) => [
    `\`${code}\``,
    meaning,
    remedy,
    String(exit),
    String(http),
  ]);
  return `# Errors

Every failure has a code. A message says what was expected, what was received, where, and what to do. This page is generated from
\`src/errors.ts\` by \`npm run docs\`.

${tableOf(["code", "meaning", "what to do", "exit", "HTTP"], rows)}

## Exit statuses

| status | meaning |
|---|---|
| 0 | done |
| 1 | a fault of ours, an output that could not be written, or a run that was cancelled |
| 2 | bad input or configuration |
| 3 | missing model or data |

HTTP is the status that a service in front of the library should give.

## In code

Every failure is a \`TailrecError\` with \`code\`, \`message\` and \`cause\`. The command prints the chain of causes with their
stacks when the variable \`TAILREC_DEBUG\` is set.

\`\`\`ts
import { loadBundle, TailrecError } from "tailrec";

try {
  await loadBundle("out/shop/bundle");
} catch (error) {
  if (error instanceof TailrecError && error.code === "BUNDLE_MISSING") console.log("run the pipeline first");
  else throw error;
}
\`\`\`
`;
}
