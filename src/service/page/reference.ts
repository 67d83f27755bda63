/** The page at `/docs`: every endpoint with what it takes and gives, written out of the OpenAPI document. No script, nothing from elsewhere. */

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly summary: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}

interface ReferenceDocument {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The page as HTML, of the document as text. */
export function referencePage(openApi: string): string {
  const { info, paths }: ReferenceDocument = JSON.parse(openApi);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const links = operations.map(
    ({ method, path }) => `<li><a href="#${anchor(method, path)}"><b>${method}</b> ${escaped(path)}</a></li>`,
  );
  const sections = operations.map(({ method, path, operation }) => sectionOf(method, path, operation));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)} endpoints</title>
<link rel="stylesheet" href="/page.css">
</head>
<body class="reference">
<header>
  <h1>${escaped(info.title)} <small>${escaped(info.version)}</small></h1>
  <p>Every failure is a problem document (RFC 9457) with a code. The same as a file: <a href="/openapi.json">openapi.json</a>.</p>
</header>
<main>
<nav aria-label="Endpoints"><ul>${links.join("\n")}</ul></nav>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

function sectionOf(method: string, path: string, operation: Operation): string {
  const { summary, security = [], parameters = [], requestBody, responses } = operation;
  const scopes = security.flatMap((one) => Object.values(one).flat());
  const given = parameters.map((one) => propertyLine(one.name, one.schema, one.required, `in the ${one.in}`));
  return `<section id="${anchor(method, path)}">
<h2><b>${method}</b> <code>${escaped(path)}</code></h2>
<p>${escaped(summary)}. <span class="muted">${scopes.length === 0 ? "Open to all." : `Scope: ${escaped(scopes.join(", "))}.`}</span></p>
${given.length === 0 ? "" : `<h3>Parameters</h3><ul>${given.join("")}</ul>`}
${requestBody === undefined ? "" : `<h3>Body</h3>${schemaList(jsonSchema(requestBody.content))}`}
<details><summary>Answer</summary>${schemaList(jsonSchema(responses[200]?.content ?? {}))}</details>
</section>`;
}

function jsonSchema(content: Content): Schema {
  return content["application/json"]?.schema ?? {};
}

/** What a schema holds, nested; a value that holds nothing is its own type. */
function schemaList(schema: Schema): string {
  const { properties = {}, required = [] } = schema;
  const lines = Object.entries(properties).map(([name, own]) => propertyLine(name, own, required.includes(name)));
  if (lines.length > 0) return `<ul>${lines.join("")}</ul>`;
  const parts = [...(schema.items ? [schema.items] : []), ...(schema.oneOf ?? schema.anyOf ?? [])];
  return parts
    .filter(({ properties: inner, items, oneOf }) => inner ?? items ?? oneOf)
    .map((part) => schemaList(part))
    .join("");
}

function propertyLine(name: string, schema: Schema, isRequired: boolean, place = ""): string {
  const facts = [
    typeOf(schema),
    place,
    isRequired || schema.default !== undefined ? "" : "optional",
    schema.default === undefined ? "" : `default ${JSON.stringify(schema.default)}`,
  ].filter((fact) => fact !== "");
  const about = schema.description === undefined ? "" : `: ${escaped(schema.description)}`;
  return `<li><code>${escaped(name)}</code> <span class="muted">${escaped(facts.join(", "))}</span>${about}${schemaList(schema)}</li>`;
}

function typeOf({ type, items, enum: named, const: only, anyOf, oneOf }: Schema): string {
  if (only !== undefined) return JSON.stringify(only);
  if (named !== undefined) return named.map((value) => JSON.stringify(value)).join(" or ");
  const alternatives = anyOf ?? oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeOf))].join(" or ");
  const plain = typeof type === "string" ? type : (type ?? ["any value"]).join(" or ");
  return plain === "array" && items !== undefined ? `list of ${typeOf(items)}` : plain;
}

function anchor(method: string, path: string): string {
  return `${method}-${path}`.replace(/[^A-Za-z0-9]+/g, "-").toLowerCase();
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
