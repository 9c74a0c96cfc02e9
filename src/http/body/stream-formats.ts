import { TepalError } from "../../kernel/errors.ts";
import type { RowFormat } from "../../serving/serving.ts";

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

interface MediaRange {
  readonly name: string;
  readonly quality: number;
}

function parseAccept(header: string): MediaRange[] {
  return header.split(",").map((part) => {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    const given = parameters.find((parameter) => parameter.startsWith("q="));
    const quality = given === undefined ? 1 : Number(given.slice(2));
    return { name, quality: quality >= 0 && quality <= 1 ? quality : 1 };
  });
}

/** Returns the quality of the most specific range that matches. */
function findQuality(ranges: readonly MediaRange[], type: string): number {
  const names = [type, `${type.slice(0, type.indexOf("/"))}/*`, "*/*"];
  for (const name of names) {
    const range = ranges.find((candidate) => candidate.name === name);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
