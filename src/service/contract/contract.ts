/** Every endpoint by its name: server, client, OpenAPI and tests are made from this record. */
import type { z } from "zod";
import { itemEndpoints } from "./items.ts";
import { listEndpoints } from "./lists.ts";
import { liveEndpoints } from "./live.ts";
import { operationEndpoints } from "./operation.ts";

export const contract = { ...listEndpoints, ...itemEndpoints, ...liveEndpoints, ...operationEndpoints };

export type Contract = typeof contract;
export type EndpointName = keyof Contract;
/** What a caller sends: defaults may be left out. */
export type RequestOf<Name extends EndpointName> = z.input<Contract[Name]["request"]>;
/** What a handler is given: defaults are filled in. */
export type ParsedRequestOf<Name extends EndpointName> = z.output<Contract[Name]["request"]>;
export type AnswerOf<Name extends EndpointName> = z.output<Contract[Name]["answer"]>;

export const endpointNames = Object.keys(contract) as readonly EndpointName[];
