/** A reply as it was received; its body in latin1. */
export interface RawReply {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Parses the complete replies in what a server sent, without interim ones (1xx). */
export function readReplies(received: string): {
  readonly whole: readonly RawReply[];
  readonly rest: string;
} {
  const whole: RawReply[] = [];
  let rest = received;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    const [first = "", ...lines] = rest.slice(0, Math.max(0, end)).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1]);
    if (end < 0 || Number.isNaN(status)) return { whole, rest };
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    const after = rest.slice(end + 4);
    const body = readBody(status, headers, after);
    if (body === undefined) return { whole, rest };
    rest = after.slice(body.length);
    if (status >= 200) whole.push({ status, headers, body: body.content });
  }
}

/** Returns undefined if the body is incomplete. */
function readBody(
  status: number,
  headers: ReadonlyMap<string, string>,
  text: string,
): { readonly content: string; readonly length: number } | undefined {
  // A reply to HEAD has the length of a body that does not follow; no body here begins like a reply.
  const hasNone = status < 200 || status === 204 || status === 304;
  if (hasNone || text === "" || text.startsWith("HTTP/1.1 ")) return { content: "", length: 0 };
  if (headers.get("transfer-encoding") === "chunked") return readChunks(text);
  const length = Number(headers.get("content-length") ?? 0);
  return text.length < length ? undefined : { content: text.slice(0, length), length };
}

function readChunks(
  text: string,
): { readonly content: string; readonly length: number } | undefined {
  let content = "";
  let at = 0;
  for (;;) {
    const end = text.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const size = Number.parseInt(text.slice(at, end), 16);
    const next = end + 2 + size + 2;
    if (Number.isNaN(size) || text.length < next) return undefined;
    content += text.slice(end + 2, end + 2 + size);
    at = next;
    if (size === 0) return { content, length: at };
  }
}
