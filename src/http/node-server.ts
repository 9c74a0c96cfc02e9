import { createServer as createPlainServer, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { RequestListener } from "node:http";
import type { AppParts } from "./http.ts";
import { WholeBodyRequest } from "./fast-path/whole-body-request.ts";

/** Node's HTTP or HTTPS server with our limits. */
export function createNodeServer(
  listener: RequestListener,
  { options, credentials }: Pick<AppParts, "options" | "credentials">,
): Server {
  const { tls } = credentials;
  const milliseconds = options.requestTimeout * 1_000;
  const limits: ServerOptions = {
    IncomingMessage: WholeBodyRequest,
    // Node would refuse it by itself, with a reply that is neither a problem nor counted.
    requireHostHeader: false,
    requestTimeout: milliseconds,
    // Node swaps the two limits when that for the headers is the larger, and its default is 60 s.
    headersTimeout: milliseconds,
    // Node looks for late requests at this interval; its default of 30 s would make the limit a guess.
    connectionsCheckingInterval: Math.min(5_000, milliseconds / 2),
    // Longer than the usual 60 s of a balancer in front, which otherwise meets closed connections.
    keepAliveTimeout: 72_000,
  };
  const server =
    tls === null
      ? createPlainServer(limits, listener)
      : createTlsServer({ ...limits, ...tls, minVersion: "TLSv1.2" }, listener);
  // Nothing else ends a client that takes nothing of its reply, which would hold memory and a place in flight for ever.
  // Twice, so that a request that arrives too slowly is answered 408 before.
  server.timeout = 2 * milliseconds;
  return server;
}
