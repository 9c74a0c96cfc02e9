/** A media range of an Accept header (RFC 9110, section 12.5.1). */
interface MediaRange {
  readonly name: string;
  /** In lower case, without the quality. */
  readonly parameters: readonly string[];
  readonly quality: number;
}

/** Parses an Accept header. A range with a malformed quality counts fully. */
export function parseAccept(header: string): readonly MediaRange[] {
  return header.split(",").map((part) => {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    const given = parameters.find((parameter) => parameter.startsWith("q="));
    const quality = given === undefined ? 1 : Number(given.slice(2));
    return {
      name,
      parameters: parameters.filter((parameter) => parameter !== given),
      quality: quality >= 0 && quality <= 1 ? quality : 1,
    };
  });
}

/** Returns the quality of the most specific range that matches a media type. */
export function findQuality(ranges: readonly MediaRange[], type: string): number {
  const names = [type, `${type.slice(0, type.indexOf("/"))}/*`, "*/*"];
  for (const name of names) {
    const range = ranges.find((candidate) => candidate.name === name);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
