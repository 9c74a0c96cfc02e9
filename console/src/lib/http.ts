/** A problem of the request. */
export interface Problem {
  /** Location, as in the server's problem details. */
  readonly at: string;
  readonly message: string;
}

/** A failed request. Its message can be shown to the user. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  /** 0 without a reply. */
  readonly status: number;
  readonly problems: readonly Problem[];

  constructor(message: string, status: number, problems: readonly Problem[] = []) {
    super(message);
    this.status = status;
    this.problems = problems;
  }
}

/**
 * Sends a request to the server of this page and returns its JSON. The caller states the type: page and server have the same version.
 *
 * @throws RequestError without a reply, or if its status is 400 or above
 */
export async function request<T>(path: string, method = "GET", body?: unknown): Promise<T> {
  let reply: Response;
  try {
    reply = await fetch(path, {
      method,
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new RequestError("The load tester does not respond. Check that it is still running.", 0);
  }
  const text = await reply.text();
  if (!reply.ok) throw toRequestError(reply.status, text);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** Converts problem details (RFC 9457) to an error, with a default message for replies without them. */
export function toRequestError(status: number, text: string): RequestError {
  const details = parseObject(text);
  const message = [
    details["detail"],
    // Of the Prometheus API.
    details["error"],
    details["title"],
    details["message"],
  ].find((candidate) => typeof candidate === "string" && candidate !== "");
  const listed = details["errors"] ?? details["problems"];
  const problems = (Array.isArray(listed) ? listed : []).map((entry: Record<string, unknown>) => ({
    at: String(entry["pointer"] ?? entry["at"] ?? ""),
    message: String(entry["detail"] ?? entry["message"] ?? ""),
  }));
  return new RequestError(
    String(message ?? `The server responded with status ${status}.`),
    status,
    problems,
  );
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
