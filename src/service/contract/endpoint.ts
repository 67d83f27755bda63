/** What an endpoint promises: where it is, what it takes, what it gives, and which scope a key needs. One record makes server, client and OpenAPI. */
import type { z } from "zod";

/** What a key may do. `open` needs none. */
export type Scope = "open" | "read" | "events" | "admin";

export interface Endpoint<Request extends z.ZodObject = z.ZodObject, Answer extends z.ZodType = z.ZodType> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:name` takes a key of the request from the path; the others lie in the query of a GET, else in the body. */
  readonly path: `/${string}`;
  readonly scope: Scope;
  /** One line for people. */
  readonly summary: string;
  readonly request: Request;
  readonly answer: Answer;
}

/** The record itself, with its schemas' own types. */
export function endpoint<Request extends z.ZodObject, Answer extends z.ZodType>(
  promised: Endpoint<Request, Answer>,
): Endpoint<Request, Answer> {
  return promised;
}

/** Names that the path takes from the request, in order. */
export function pathNames(path: string): string[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name);
}
