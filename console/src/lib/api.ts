import { parseProblemDetails, type Problem } from "./problem-details.ts";

/** The reason of a failed request. */
export type Failure =
  /** No key, or an unknown one. */
  | "key"
  /** The key lacks a role. */
  | "role"
  /** The server has no such route, or no such resource. */
  | "absent"
  /** No reply. */
  | "unreachable"
  /** An error in the request, or in the server. */
  | "error";

/** A failed request. Its message can be shown to the user. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly failure: Failure;
  /** HTTP status; 0 without a reply. */
  readonly status: number;
  /** The values that the server rejected. */
  readonly problems: readonly Problem[];

  constructor(message: string, failure: Failure, status = 0, problems: readonly Problem[] = []) {
    super(message);
    this.failure = failure;
    this.status = status;
    this.problems = problems;
  }
}

export interface ApiRequest {
  /** Default: GET. */
  readonly method?: string;
  /** Sent as JSON, unless `contentType` is set. */
  readonly body?: unknown;
  /** Type of a body that is sent unchanged: a string, a form, a file. */
  readonly contentType?: string;
  /** Accepted type of the reply. Default: application/json */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Parses the body of a reply. Default: JSON.parse */
  readonly parse?: (text: string) => Promise<unknown>;
}

/**
 * The HTTP API of the server that this page comes from, with the session's key. Paths are relative to the server's root
 * (`models/iris`), so that they hold below every path that a proxy strips.
 */
export interface Api {
  /** Returns the JSON of a reply. The caller states the type: page and server have the same version. @throws ApiError */
  json<T>(path: string, request?: ApiRequest): Promise<T>;
  /** Returns a successful reply, for bodies that are read in parts. @throws ApiError */
  send(path: string, request?: ApiRequest): Promise<Response>;
}

export interface ApiParts {
  /** API key; empty for none. */
  readonly key: () => string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The server's root relative to this page. Default: its parent, for the console. */
  readonly root?: string;
}

export function createApi({ key, fetch, root = "../" }: ApiParts): Api {
  async function send(path: string, request: ApiRequest = {}): Promise<Response> {
    const { method = "GET", body, contentType, accept = "application/json", signal } = request;
    const headers: Record<string, string> = { accept };
    if (key() !== "") headers["authorization"] = `Bearer ${key()}`;
    if (body !== undefined) headers["content-type"] = contentType ?? "application/json";
    const content =
      contentType === undefined ? JSON.stringify(body) : (body as NonNullable<RequestInit["body"]>);
    const reply = await failUnreachable(signal, () =>
      fetch(`${root}${path}`, {
        method,
        headers,
        ...(signal !== undefined && { signal }),
        ...(body !== undefined && { body: content }),
      }),
    );
    if (reply.ok) return reply;
    throw toApiError(reply.status, await reply.text().catch(() => ""));
  }

  return {
    send,
    async json<T>(path: string, request: ApiRequest = {}): Promise<T> {
      const reply = await send(path, request);
      const text = await failUnreachable(request.signal, () => reply.text());
      try {
        return (await (request.parse ?? JSON.parse)(text)) as T;
      } catch {
        throw new ApiError(`The reply to ${path} is no JSON.`, "error", reply.status);
      }
    },
  };
}

/** @throws the reason of an aborted signal, or ApiError if the step fails */
async function failUnreachable<T>(
  signal: AbortSignal | undefined,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError("The server does not respond.", "unreachable");
  }
}

const FAILURES: Readonly<Record<number, Failure>> = { 401: "key", 403: "role", 404: "absent" };

function toApiError(status: number, text: string): ApiError {
  const { message, problems } = parseProblemDetails(status, text);
  return new ApiError(message, FAILURES[status] ?? "error", status, problems);
}

/** Returns an API whose paths are below `prefix`. */
export function prefixApi(api: Api, prefix: string): Api {
  return {
    send: (path, request) => api.send(`${prefix}${path}`, request),
    json: (path, request) => api.json(`${prefix}${path}`, request),
  };
}
