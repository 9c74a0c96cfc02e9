/** Time after which an idle connection is closed. Longer than the usual 60 s of a load balancer, which would send requests on closed ones. */
export const KEEP_ALIVE_SECONDS = 72;

/**
 * Returns the time without progress after which a connection is closed whose client does not read its reply: it would hold memory and a
 * request in flight for ever. Twice the time for a request, so that one that arrives too slowly gets its 408 first.
 */
export function toUnreadSeconds(requestTimeout: number): number {
  return 2 * requestTimeout;
}
