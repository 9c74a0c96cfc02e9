import { TepalError } from "../../kernel/errors.ts";
import type { RowFormat } from "../../serving/serving.ts";
import { findQuality, parseAccept } from "./media-range.ts";

/** The format of each media type for streams of rows. The first type of a format is its default. */
const TYPES: Readonly<Record<string, RowFormat>> = {
  "text/csv": "csv",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
  "application/jsonl": "ndjson",
};

export const STREAM_TYPES = Object.keys(TYPES);

/** Returns the format of a Content-Type; undefined if it is not a stream of rows. */
export function toRowFormat(contentType: string | undefined): RowFormat | undefined {
  const [name = ""] = (contentType ?? "").split(";");
  const type = name.trim().toLowerCase();
  return Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}

/** The format of a reply, and its Content-Type. */
export interface ReplyFormat {
  readonly format: RowFormat;
  readonly contentType: string;
}

/**
 * Returns the format that an Accept header prefers (RFC 9110, section 12.5.1); of several equal ones, that of the input.
 * @throws TepalError NOT_ACCEPTABLE
 */
export function chooseReplyFormat(accept: string | undefined, input: RowFormat): ReplyFormat {
  const ranges = parseAccept(accept ?? "*/*");
  let best: { readonly type: string; readonly quality: number } | undefined;
  const preferred = STREAM_TYPES.toSorted(
    (a, b) => Number(TYPES[b] === input) - Number(TYPES[a] === input),
  );
  for (const type of preferred) {
    const quality = findQuality(ranges, type);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  if (best === undefined) {
    throw new TepalError(
      "NOT_ACCEPTABLE",
      `Header Accept: Expected one of: ${STREAM_TYPES.join(", ")}, or */*.`,
    );
  }
  const format = TYPES[best.type] ?? input;
  const parameters = format === "csv" ? "; charset=utf-8; header=present" : "";
  return { format, contentType: `${best.type}${parameters}` };
}
