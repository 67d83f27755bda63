/** The OpenAPI 3.1 document of the service, from the schemas that check requests. `docs/openapi.json` is this document. */
import { z } from "zod";
import { ERROR_TABLE } from "../errors.ts";
import { contract, type EndpointName, endpointNames } from "./contract/contract.ts";
import { type Endpoint, pathNames } from "./contract/endpoint.ts";
import { PROBLEM_TYPE } from "./problem.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** The whole document, as JSON. */
export function openApiDocument(version: string): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const name of endpointNames) {
    const { path, method } = contract[name];
    const template = path.replace(/:(\w+)/g, "{$1}");
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation(name, contract[name]) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "tailrec", version, description: "Similar items, lists for people, vectors of new items." },
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: { Problem: problemSchema() },
    },
  };
}

function operation(name: EndpointName, { method, path, scope, summary, request, answer }: Endpoint): JsonSchema {
  const inPath = pathNames(path);
  const { properties = {}, required = [] } = schemaOf(request, "input");
  const named = Object.entries(properties).filter(([key]) => method === "GET" || inPath.includes(key));
  const parameters = named.map(([key, schema]) => ({
    name: key,
    in: inPath.includes(key) ? "path" : "query",
    required: inPath.includes(key) || required.includes(key),
    schema,
  }));
  const body = Object.fromEntries(
    Object.entries(properties).filter(([key]) => !named.some(([other]) => other === key)),
  );
  const needed = required.filter((key) => key in body);
  const content = { type: "object", properties: body, additionalProperties: false, required: needed };
  return {
    operationId: name,
    summary,
    ...(scope !== "open" && { security: [{ key: [scope] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(Object.keys(body).length > 0 && { requestBody: { required: true, content: jsonContent(content) } }),
    responses: {
      200: { description: "the answer", content: jsonContent(schemaOf(answer, "output")) },
      default: {
        description: "a failure",
        content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function jsonContent(schema: unknown): JsonSchema {
  return { "application/json": { schema } };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): ObjectSchema {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return plain as ObjectSchema;
}

function problemSchema(): JsonSchema {
  const text = { type: "string" };
  return {
    type: "object",
    properties: {
      type: text,
      title: text,
      status: { type: "integer" },
      detail: text,
      code: { type: "string", enum: Object.keys(ERROR_TABLE) },
      remedy: text,
      requestId: text,
    },
    required: ["type", "title", "status", "detail", "code", "remedy", "requestId"],
  };
}
