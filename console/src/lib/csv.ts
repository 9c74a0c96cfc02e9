/**
 * Finds the ends of CSV records (RFC 4180) in text that arrives in parts. A line end within quotes does not end a record; a quote counts
 * at the start of a cell only, so that a stray one within a cell does not swallow the rows after it.
 */
export interface RecordCutter {
  /**
   * Takes more text and returns the complete records, with their line ends.
   * @param isLast true if no text follows: the rest is a record, too
   */
  cut(text: string, isLast?: boolean): readonly string[];
}

export function createRecordCutter(): RecordCutter {
  let rest = "";
  let at = 0;
  let start = 0;
  /** State before `rest[at]`. */
  let isQuoted = false;
  let isCellStart = true;
  return {
    cut(text, isLast = false) {
      const records: string[] = [];
      rest = rest.slice(start) + text;
      at -= start;
      start = 0;
      for (; at < rest.length; at++) {
        const character = rest[at];
        if (isQuoted) {
          if (character === '"') {
            // An escaped quote: the next character opens the quotes again.
            isQuoted = false;
            isCellStart = true;
          }
          continue;
        }
        if (character === '"' && isCellStart) isQuoted = true;
        else if (character === "\n" || character === "\r") {
          // The line end may be CRLF, whose second half has not arrived.
          if (character === "\r" && at + 1 === rest.length && !isLast) break;
          if (character === "\r" && rest[at + 1] === "\n") at++;
          records.push(rest.slice(start, at + 1));
          start = at + 1;
          isCellStart = true;
        } else isCellStart = character === ",";
      }
      if (isLast && start < rest.length) {
        records.push(rest.slice(start));
        start = rest.length;
      }
      return records;
    },
  };
}

/** Returns the cells of one record. */
export function splitCells(record: string): readonly string[] {
  const cells: string[] = [];
  const text = record.replace(/\r?\n$|\r$/, "");
  let at = 0;
  do {
    if (text[at] === '"') {
      const found = /^"((?:[^"]|"")*)"?[^,]*/.exec(text.slice(at))!;
      cells.push(found[1]!.replaceAll('""', '"'));
      at += found[0].length + 1;
    } else {
      const end = text.indexOf(",", at);
      cells.push(text.slice(at, end < 0 ? undefined : end));
      at = end < 0 ? text.length + 1 : end + 1;
    }
  } while (at <= text.length);
  return cells;
}

/** Returns the number of line ends within a record, its own included. */
export function countLines(record: string): number {
  return record.match(/\r\n|\r|\n/g)?.length ?? 0;
}
