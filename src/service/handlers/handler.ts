/** What answers an endpoint: a function of the parsed request and of what is known of the call. */
import type { AnswerOf, EndpointName, ParsedRequestOf } from "../contract/contract.ts";

export interface Call {
  readonly requestId: string;
  readonly signal?: AbortSignal;
  /** Milliseconds since the request came. */
  readonly elapsed: () => number;
}

export type Handlers = {
  readonly [Name in EndpointName]: (request: ParsedRequestOf<Name>, call: Call) => Promise<AnswerOf<Name>>;
};
