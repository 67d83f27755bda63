/** The answer where nothing answers: with the methods that would, since a wrong one is the most frequent reason. */
import { TailrecError } from "../errors.ts";
import { contract, endpointNames } from "./contract/contract.ts";

/** `url` as it was asked for. */
export function unknownAddress(method: string, url: string): TailrecError {
  const [path] = url.split("?");
  const known = endpointNames.map((name) => contract[name]).filter((endpoint) => patternOf(endpoint.path).test(path));
  const methods = [...new Set(known.map((endpoint) => endpoint.method))];
  const remedy = methods.length === 0 ? "" : `, ${methods.join(" and ")} ${methods.length === 1 ? "does" : "do"}`;
  return new TailrecError("UNKNOWN_ADDRESS", `nothing answers ${method} at this address${remedy}`);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`);
}
