import { TepalError } from "./errors.ts";

/** As many as Go's HTTP server accepts. */
const MAX_PARTS = 1_000;

/**
 * Parses a body of the type `multipart/form-data` (RFC 7578), as `curl -F` sends it. Returns its text fields in order, like those of an
 * urlencoded form, and skips files.
 *
 * @param contentType the Content-Type header, which holds the boundary
 * @throws TepalError MALFORMED_REQUEST
 */
export function parseMultipartForm(body: Buffer, contentType: string): URLSearchParams {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) {
    throw new TepalError(
      "MALFORMED_REQUEST",
      "Header Content-Type: Expected a boundary, got none. Let the HTTP client set this header.",
    );
  }
  const fields = new URLSearchParams();
  let parts = 0;
  for (const part of splitParts(body, `--${boundary}`)) {
    parts += 1;
    if (parts > MAX_PARTS) {
      throw new TepalError("MALFORMED_REQUEST", `Body: Expected at most ${MAX_PARTS} parts.`);
    }
    const [name, value] = parsePart(part, parts);
    if (value !== undefined) fields.append(name, value);
  }
  return fields;
}

/** Yields what stands between the delimiters, without the line ends that belong to them. */
function* splitParts(body: Buffer, delimiter: string): Generator<Buffer> {
  const separator = `\r\n${delimiter}`;
  // Text before the first delimiter does not count.
  let at = body.indexOf(delimiter) === 0 ? 0 : body.indexOf(separator) + 2;
  if (at === 1) throw createSplitError(delimiter);
  for (;;) {
    const start = at + delimiter.length;
    if (body.toString("latin1", start, start + 2) === "--") return;
    const lineEnd = body.indexOf("\r\n", start);
    const end = body.indexOf(separator, lineEnd);
    const isDelimiter = /^[ \t]*$/.test(body.toString("latin1", start, lineEnd));
    if (lineEnd === -1 || end === -1 || !isDelimiter) throw createSplitError(delimiter);
    yield body.subarray(lineEnd + 2, Math.max(lineEnd + 2, end));
    at = end + 2;
  }
}

/** @returns the name, and the value unless the part is a file */
function parsePart(part: Buffer, number: number): readonly [string, string | undefined] {
  const headEnd = part.indexOf("\r\n\r\n");
  const head = part.toString("utf8", 0, Math.max(headEnd, 0));
  const [, parameters = ""] = /^content-disposition:\s*form-data\s*(;.*)$/im.exec(head) ?? [];
  const [, quoted, bare] = /;\s*name=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(parameters) ?? [];
  const name = quoted?.replaceAll(/\\(.)/g, "$1") ?? bare;
  if (name === undefined) {
    throw new TepalError(
      "MALFORMED_REQUEST",
      `Body, part ${number}: Expected a header Content-Disposition: form-data; name="…".`,
    );
  }
  const isFile = /;\s*filename\*?=/i.test(parameters);
  return [name, isFile ? undefined : part.toString("utf8", headEnd + 4)];
}

function createSplitError(delimiter: string): TepalError {
  return new TepalError(
    "MALFORMED_REQUEST",
    `Body: Expected parts between lines of ${delimiter.slice(0, 80)}, and ${delimiter.slice(0, 80)}-- at the end, as Content-Type announces.`,
  );
}
