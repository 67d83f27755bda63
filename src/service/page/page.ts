/** The page with its two files, and the page about the endpoints, under a policy by which it loads and runs nothing else. */
import type { FastifyInstance } from "fastify";
import { PAGE } from "./document.ts";
import { referencePage } from "./reference.ts";
import { SCRIPT } from "./script.ts";
import { STYLESHEET } from "./stylesheet.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** `openApi` is the document of the service, as text. */
export function servePage(app: FastifyInstance, openApi: string): void {
  const files = [
    ["/docs", "text/html", referencePage(openApi)],
    ["/", "text/html", PAGE],
    ["/page.css", "text/css", STYLESHEET],
    ["/page.js", "text/javascript", SCRIPT],
  ] as const;
  for (const [url, type, text] of files) {
    app.get(url, (_, reply) =>
      reply
        .headers({ "content-security-policy": POLICY, "referrer-policy": "no-referrer" })
        .type(`${type}; charset=utf-8`)
        .send(text),
    );
  }
}
