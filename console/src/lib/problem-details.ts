/** A problem of the request. */
export interface Problem {
  /** Location, as in the server's problem details. */
  readonly at: string;
  readonly message: string;
}

export interface ProblemDetails {
  /** Can be shown to the user. */
  readonly message: string;
  readonly problems: readonly Problem[];
}

/** Parses problem details (RFC 9457), with a default message for replies without them. */
export function parseProblemDetails(status: number, text: string): ProblemDetails {
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
  return { message: String(message ?? `The server responded with status ${status}.`), problems };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    // Of Alertmanager's API.
    if (typeof value === "string") return { detail: value };
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
