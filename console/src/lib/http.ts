/** One thing that is wrong with what was sent. */
export interface Problem {
  /** Where, as the server says it. */
  readonly at: string;
  readonly message: string;
}

/** A question that the server did not answer as hoped. Its message can be shown to people. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  /** 0 when there was no reply. */
  readonly status: number;
  readonly problems: readonly Problem[];

  constructor(message: string, status: number, problems: readonly Problem[] = []) {
    super(message);
    this.status = status;
    this.problems = problems;
  }
}

/**
 * Asks the server that this page came from, and gives its JSON. The caller says what shape that has: page and server are of one version.
 *
 * @throws RequestError without a reply, or with one of 400 and above
 */
export async function ask<T>(path: string, method = "GET", body?: unknown): Promise<T> {
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
    throw new RequestError("The load tester does not answer. Is it still running?", 0);
  }
  const text = await reply.text();
  if (!reply.ok) throw toRequestError(reply.status, text);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** What problem details (RFC 9457) say, or what can be said without them. */
export function toRequestError(status: number, text: string): RequestError {
  const details = parseObject(text);
  const message = [details["detail"], details["title"], details["message"]].find(
    (candidate) => typeof candidate === "string" && candidate !== "",
  );
  const listed = details["errors"] ?? details["problems"];
  const problems = (Array.isArray(listed) ? listed : []).map((entry: Record<string, unknown>) => ({
    at: String(entry["pointer"] ?? entry["at"] ?? ""),
    message: String(entry["detail"] ?? entry["message"] ?? ""),
  }));
  return new RequestError(String(message ?? `The server answered ${status}.`), status, problems);
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
