import type { RequestListener } from "node:http";
import { isClosing } from "../reply-headers.ts";

/**
 * Serves the requests of a connection one at a time, as the fast path does. Node's HTTP server would begin them all at once, also those behind
 * a reply that closes the connection: they would be predicted and counted, and get no reply.
 */
export function inTurn(listener: RequestListener): RequestListener {
  return (request, response) => {
    const serve = (): void => {
      if (!isClosing(request.socket)) listener(request, response);
    };
    // Node gives the socket to a response once all earlier ones are sent.
    if (response.socket === null) response.once("socket", serve);
    else serve();
  };
}
