import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRecordScanner } from "./record-scanner.ts";

interface Found {
  readonly text: string;
  readonly line: number;
}

/** Scans a string in chunks of these lengths, in turn. */
function scan(text: string, lengths: readonly number[]): Found[] {
  const scanner = createRecordScanner({ delimiter: 44, maxBytes: 1_000 });
  const found: Found[] = [];
  let carried = "";
  let turn = 0;
  for (let from = 0; from < text.length; turn++) {
    const chunk = Buffer.from(text.slice(from, from + (lengths[turn % lengths.length] ?? 1)));
    from += chunk.length;
    for (let at = 0; ; at = scanner.next) {
      const end = scanner.find(chunk, at);
      const stop = end === -1 ? chunk.length : end;
      carried += chunk.toString("latin1", Math.min(scanner.begin, stop), stop);
      if (end === -1) break;
      found.push({ text: carried, line: scanner.line });
      carried = "";
    }
  }
  return found;
}

/** Finds the same records with a regular expression over the whole string. Characters after a closing quote are ordinary, also quotes. */
function cut(text: string): Found[] {
  const quoted = String.raw`[ \t]*"(?:[^"]|"")*"(?!")[^,\r\n]*`;
  const plain = String.raw`(?![ \t]*")[^,\r\n]*`;
  const record = new RegExp(
    String.raw`((?:${quoted}|${plain})(?:,(?:${quoted}|${plain}))*)(\r\n|\r|\n)`,
    "y",
  );
  const found: Found[] = [];
  let line = 1;
  for (let match = record.exec(text); match !== null; match = record.exec(text)) {
    found.push({ text: match[1] ?? "", line });
    line += match[0].match(/\r\n|\r|\n/g)?.length ?? 0;
  }
  return found;
}

const chunkLengths = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });

describe("createRecordScanner", () => {
  it("finds the records of RFC 4180 and their lines, for any bounds of chunks", () => {
    const unit = fc.constantFrom(...'a1!," \t\r\n', '"', '"', '""', "\r\n", ',"', '",');
    const text = fc.string({ unit, maxLength: 40 });
    fc.assert(
      fc.property(text, chunkLengths, (input, lengths) => {
        expect(scan(input, lengths)).toEqual(cut(input));
      }),
      { numRuns: 5_000 },
    );
  });
});
