import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { RequestListener } from "node:http";
import type { AppParts } from "../http.ts";
import { markClosing } from "../reply-headers.ts";
import { ContinueRequest } from "./continue-request.ts";
import { KEEP_ALIVE_SECONDS, toUnreadSeconds } from "./idle-times.ts";
import { inTurn } from "./in-turn.ts";

/** Creates Node's HTTP or HTTPS server with Tepal's limits. */
export function createNodeServer(
  listener: RequestListener,
  { options, credentials }: Pick<AppParts, "options" | "credentials">,
): Server {
  const { tls } = credentials;
  const milliseconds = options.requestTimeout * 1_000;
  const limits: ServerOptions = {
    IncomingMessage: ContinueRequest,
    // Node would reject such a request itself, without problem details and without counting it.
    requireHostHeader: false,
    requestTimeout: milliseconds,
    // Node swaps the two limits if the one for the headers is larger, and its default is 60 s.
    headersTimeout: milliseconds,
    // Node checks for late requests at this interval; its default of 30 s would make the limit imprecise.
    connectionsCheckingInterval: Math.min(5_000, milliseconds / 2),
    keepAliveTimeout: 1_000 * KEEP_ALIVE_SECONDS,
  };
  const serveInTurn = inTurn((request, response) => {
    // Node drops the bytes behind such a request that it has read, and would read the rest of them as other requests.
    const loses = request.headers.upgrade !== undefined;
    if (loses) response.shouldKeepAlive = false;
    listener(request, response);
    if (loses) markClosing(request.socket);
  });
  const server =
    tls === null
      ? createPlainServer(limits, serveInTurn)
      : createTlsServer({ ...limits, ...tls }, serveInTurn);
  const continueInTurn = inTurn((request, response) => {
    const waits = hasBody(request);
    if (waits && request instanceof ContinueRequest) request.expectContinue(response);
    listener(request, response);
    // Without a body, no 100 Continue comes before the reply, and Node then closes the connection.
    if (!waits) markClosing(request.socket);
  });
  // Without this, Node sends 100 Continue before it calls the listener, also to a body that is too large.
  server.on("checkContinue", continueInTurn);
  server.timeout = 1_000 * toUnreadSeconds(options.requestTimeout);
  return server;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
