import { TepalError } from "../../kernel/errors.ts";
import type { RowFormat } from "../../serving/encode/row-writer.ts";

/** Media types of streams of rows, each a name of a format; the first of a format is the usual one. */
const TYPES: Readonly<Record<string, RowFormat>> = {
  "text/csv": "csv",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
  "application/jsonl": "ndjson",
};

export const STREAM_TYPES = Object.keys(TYPES);

/** The format that a Content-Type names. */
export function toRowFormat(contentType: string | undefined): RowFormat | undefined {
  const [name = ""] = (contentType ?? "").split(";");
  const type = name.trim().toLowerCase();
  return Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}

/** How a reply is written, and what its Content-Type says. */
export interface ReplyFormat {
  readonly format: RowFormat;
  readonly contentType: string;
}

/**
 * Chooses what an Accept header likes best (RFC 9110, section 12.5.1); where it likes several as much, that of the input.
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
      `Accept allows none of what there is: ${STREAM_TYPES.join(", ")}`,
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
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const given = parameters.find((parameter) => parameter.startsWith("q="));
    const quality = given === undefined ? 1 : Number(given.slice(2));
    return { name, quality: quality >= 0 && quality <= 1 ? quality : 1 };
  });
}

/** The most exact range that matches has its say. */
function findQuality(ranges: readonly MediaRange[], type: string): number {
  const names = [type, `${type.slice(0, type.indexOf("/"))}/*`, "*/*"];
  for (const name of names) {
    const range = ranges.find((candidate) => candidate.name === name);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
