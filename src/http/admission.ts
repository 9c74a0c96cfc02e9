import { TepalError } from "../kernel/errors.ts";
import type { HostCheck } from "../kernel/host-names.ts";
import { createKeyCheck, type Access } from "./access/authorize.ts";
import type { StoredKey } from "./access/api-keys.ts";
import { checkFraming } from "./access/check-head.ts";
import type { AppParts } from "./http.ts";
import { isRateLimited, toRateError, toRateHeaders } from "./limits/rate-count.ts";
import type { WorkLimits } from "./limits/work-limits.ts";
import type { RequestHead } from "./request-head.ts";

/** A request whose head has arrived. */
export interface Candidate {
  readonly head: RequestHead;
  readonly id: string;
  readonly clientAddress: string;
  /** The access to its route; undefined for a path without a route. */
  readonly access: Access | undefined;
}

/** The decision on a request. */
export interface Decision {
  /** The error of a rejected request, whose body is not read. */
  readonly error: TepalError | undefined;
  /** Headers of the reply, also of an error: lower-case names and values in turn. */
  readonly headers: readonly string[];
  readonly apiKey: StoredKey | null;
}

/** Decides on requests by their heads: the only place that rejects a request before its body is read, on every road. */
export interface Admission {
  /** Returns the headers that all replies have, also those to a request that no route sees. */
  toCommonHeaders(id: string): string[];
  /** @param onDecision called once: at once, or when the primary process has counted the request for the rate limit */
  decide(candidate: Candidate, onDecision: (decision: Decision) => void): void;
}

/** Creates the admission. Its checks run in the order in which they stand here; the first that fails rejects the request. */
export function createAdmission(
  parts: AppParts,
  workLimits: WorkLimits,
  checkHost: HostCheck,
): Admission {
  const { options, countRequest, isDraining, headChecks } = parts;
  const { rateLimit } = options;
  const checkKey = createKeyCheck(parts);
  // Created once: a rejection must not cost more than a prediction, and an error's stack is a tenth of it.
  const rateError = toRateError(rateLimit);

  function toCommonHeaders(id: string): string[] {
    const headers = ["x-request-id", id, "x-content-type-options", "nosniff"];
    if (isDraining()) headers.push("connection", "close");
    return headers;
  }

  return {
    toCommonHeaders,
    decide({ head, id, clientAddress, access }, onDecision) {
      const headers = toCommonHeaders(id);
      const reject = (error: TepalError): void => onDecision({ error, headers, apiKey: null });

      const malformed = checkFraming(head) ?? checkHost(head);
      if (malformed !== undefined) {
        // The rest of the connection may not be what the client means.
        if (!isDraining()) headers.push("connection", "close");
        reject(malformed);
        return;
      }
      if (access === undefined) {
        reject(toNotFound());
        return;
      }
      const { method, url = "" } = head;
      const overloaded = method === "POST" ? workLimits.checkHead(url) : undefined;
      if (overloaded !== undefined) {
        reject(overloaded);
        return;
      }
      const authorized = checkKey(head, access);
      if ("error" in authorized) {
        const { error } = authorized;
        if (error.code === "UNAUTHORIZED") headers.push("www-authenticate", 'Bearer realm="tepal"');
        reject(error);
        return;
      }
      const { key: apiKey } = authorized;
      const { headers: sent } = head;
      for (const check of headChecks) {
        const apiKeyId = apiKey?.id ?? null;
        const error = check({ method, url, headers: sent, clientAddress, apiKeyId });
        if (error !== undefined) {
          reject(error);
          return;
        }
      }
      if (rateLimit === 0 || !isRateLimited(url)) {
        onDecision({ error: undefined, headers, apiKey });
        return;
      }
      countRequest(apiKey?.id ?? clientAddress, (counted) => {
        headers.push(...toRateHeaders(counted, rateLimit));
        const error = counted.current > rateLimit ? rateError : undefined;
        onDecision({ error, headers, apiKey });
      });
    },
  };
}

export function toNotFound(): TepalError {
  return new TepalError(
    "NOT_FOUND",
    "There is no route for this path. GET /docs lists all routes.",
  );
}
