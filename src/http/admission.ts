import { TepalError, toMessage } from "../kernel/errors.ts";
import type { HostCheck } from "../kernel/host-names.ts";
import { createKeyCheck, type Access } from "./access/authorize.ts";
import type { StoredKey } from "./access/api-keys.ts";
import { checkFraming } from "./access/check-head.ts";
import type { AppParts } from "./http.ts";
import { isRateLimited, toRateError, toRateHeaders, type RateCount } from "./limits/rate-count.ts";
import type { WorkLimits } from "./limits/work-limits.ts";
import type { CheckedRequest, RequestHead } from "./request-head.ts";

/** The decision on a request. */
export interface Decision {
  /** The error of a rejected request, whose body is not read. */
  readonly error: TepalError | undefined;
  /** Headers of the reply, also of an error: lower-case names and values in turn. */
  readonly headers: readonly string[];
  readonly apiKey: StoredKey | null;
}

/** Decides on requests by their heads, with and without the fast path. Nothing else rejects a request before its body is read. */
export interface Admission {
  /** Returns the headers that all replies have, also those to a request that no route sees. */
  toCommonHeaders(id: string): string[];
  /**
   * Decides on a request whose head has arrived: at once, or after the primary process has counted it for the rate limit.
   * @param access the access to its route; undefined for a path without a route
   */
  decide(
    head: RequestHead,
    id: string,
    clientAddress: string,
    access: Access | undefined,
  ): Decision | Promise<Decision>;
}

/** Creates the admission. Its checks run in the order of the code; the first that fails rejects the request. */
export function createAdmission(
  parts: AppParts,
  workLimits: WorkLimits,
  checkHost: HostCheck,
): Admission {
  const { options, countRequest, isDraining, headChecks, logger } = parts;
  const { rateLimit } = options;
  const checkKey = createKeyCheck(parts);
  // Created once: a rejection must not cost more than a prediction, and an error's stack is a tenth of it.
  const rateError = toRateError(rateLimit);

  function toCommonHeaders(id: string): string[] {
    const headers = ["x-request-id", id, "x-content-type-options", "nosniff"];
    if (isDraining()) headers.push("connection", "close");
    return headers;
  }

  /** Runs the checks of the application. One that throws rejects the request with an internal error. */
  function check(request: CheckedRequest, id: string): TepalError | undefined {
    try {
      for (const run of headChecks) {
        const error = run(request);
        if (error !== undefined) return error;
      }
      return undefined;
    } catch (thrown) {
      logger.error({ err: thrown, id }, "a check of the application failed");
      return new TepalError("INTERNAL", toMessage(thrown), { cause: thrown });
    }
  }

  return {
    toCommonHeaders,
    decide(head, id, clientAddress, access) {
      const headers = toCommonHeaders(id);
      const malformed = checkFraming(head) ?? checkHost(head);
      if (malformed !== undefined) {
        // The rest of the connection may not be what the client means.
        if (!isDraining()) headers.push("connection", "close");
        return reject(malformed, headers);
      }
      if (access === undefined) return reject(toNotFound(), headers);
      const { method, url = "" } = head;
      const overloaded = method === "POST" ? workLimits.checkHead(url) : undefined;
      if (overloaded !== undefined) return reject(overloaded, headers);
      const authorized = checkKey(head, access);
      if ("error" in authorized) {
        const { error } = authorized;
        if (error.code === "UNAUTHORIZED") headers.push("www-authenticate", 'Bearer realm="tepal"');
        return reject(error, headers);
      }
      const { key: apiKey } = authorized;
      if (headChecks.length > 0) {
        const apiKeyId = apiKey?.id ?? null;
        const error = check({ method, url, headers: head.headers, clientAddress, apiKeyId }, id);
        if (error !== undefined) return reject(error, headers);
      }
      if (rateLimit === 0 || !isRateLimited(url)) return { error: undefined, headers, apiKey };
      const limit = (counted: RateCount): Decision => {
        headers.push(...toRateHeaders(counted, rateLimit));
        return { error: counted.current > rateLimit ? rateError : undefined, headers, apiKey };
      };
      const counted = countRequest(apiKey?.id ?? clientAddress);
      return counted instanceof Promise ? counted.then(limit) : limit(counted);
    },
  };
}

function reject(error: TepalError, headers: readonly string[]): Decision {
  return { error, headers, apiKey: null };
}

export function toNotFound(): TepalError {
  return new TepalError(
    "NOT_FOUND",
    "There is no route for this path. GET /docs lists all routes.",
  );
}
