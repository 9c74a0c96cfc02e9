import type { Api } from "../lib/api.ts";
import { countLines, createRecordCutter, splitCells } from "../lib/csv.ts";

/**
 * Predictions of a CSV file. A browser reads a reply only after it has sent the whole request, and the server reads rows no faster than its
 * reply is read: so the file is sent in parts that fit into the buffers of a connection, one after the other.
 */
const PART_CHARACTERS = 48 * 1024;
/** Rows that the page shows as a table. */
const SHOWN_ROWS = 200;

export interface BatchProgress {
  /** Bytes of the input whose rows are predicted. */
  readonly bytes: number;
  readonly totalBytes: number;
  readonly rows: number;
  /** Rows with a column `error`. */
  readonly badRows: number;
  readonly outliers: number;
  readonly header: readonly string[];
  /** The first rows of the reply. */
  readonly shown: readonly (readonly string[])[];
}

/** The reply, as one request for the whole file would give it. */
export interface BatchResult extends BatchProgress {
  readonly csv: Blob;
}

export const NO_PROGRESS: BatchProgress = {
  bytes: 0,
  totalBytes: 0,
  rows: 0,
  badRows: 0,
  outliers: 0,
  header: [],
  shown: [],
};

export interface BatchParts {
  readonly api: Api;
  /** Path of the route, for example models/iris/predict/batch. */
  readonly path: string;
  readonly input: Blob;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BatchProgress) => void;
}

/** Predicts the rows of a file. @throws ApiError, or the reason of the signal */
export async function predictFile({
  api,
  path,
  input,
  signal,
  onProgress,
}: BatchParts): Promise<BatchResult> {
  const collector = createCollector();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const cutter = createRecordCutter();
  let header: string | undefined;
  /** Lines of the input before the part. */
  let lines = 0;
  let part = "";
  let sentBytes = 0;

  async function sendPart(): Promise<void> {
    if (header === undefined) return;
    const reply = await api.send(`${path}?on_bad_row=skip`, {
      method: "POST",
      body: header + part,
      contentType: "text/csv",
      accept: "text/csv",
      signal,
    });
    const offset = lines - countLines(header);
    lines += countLines(part);
    sentBytes += new Blob([part]).size;
    part = "";
    collector.add(await reply.text(), offset);
    report();
  }

  async function take(records: readonly string[]): Promise<void> {
    for (const record of records) {
      if (header === undefined) {
        // The server skips blank lines, also before the header.
        if (/^\s*$/.test(record)) {
          lines += countLines(record);
          continue;
        }
        header = /[\r\n]$/.test(record) ? record : `${record}\n`;
        lines += countLines(header);
        sentBytes += new Blob([header]).size;
        continue;
      }
      part += record;
      if (part.length >= PART_CHARACTERS) await sendPart();
    }
  }

  function report(): void {
    onProgress({ ...collector.state(), bytes: sentBytes, totalBytes: input.size });
  }

  const reader = input.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    signal.throwIfAborted();
    await take(cutter.cut(decoder.decode(value, { stream: !done }), done));
    if (done) break;
  }
  // Without rows, the server states what is wrong with the header.
  if (part !== "" || collector.state().header.length === 0) {
    header ??= "\n";
    await sendPart();
  }
  return {
    ...collector.state(),
    bytes: input.size,
    totalBytes: input.size,
    csv: new Blob(collector.csv, { type: "text/csv" }),
  };
}

/** Puts the replies of parts together. */
function createCollector() {
  // Blobs, which the browser can keep on disk.
  const csv: Blob[] = [];
  const shown: (readonly string[])[] = [];
  let header: readonly string[] = [];
  let [rows, badRows, outliers] = [0, 0, 0];
  return {
    csv,
    /** @param offset number of lines to add to those of the reply */
    add(text: string, offset: number) {
      const [head = "", ...records] = createRecordCutter().cut(text, true);
      if (header.length === 0) {
        header = splitCells(head);
        csv.push(new Blob([head]));
      }
      const [error, isOutlier] = ["error", "is_outlier"].map((name) => header.indexOf(name));
      const moved = records.map((record) =>
        record.replace(/^\d+/, (line) => String(Number(line) + offset)),
      );
      for (const cells of moved.map(splitCells)) {
        rows++;
        if ((cells[error!] ?? "") !== "") badRows++;
        if (cells[isOutlier!] === "true") outliers++;
        if (shown.length < SHOWN_ROWS) shown.push(cells);
      }
      csv.push(new Blob(moved));
    },
    state: () => ({ rows, badRows, outliers, header, shown: [...shown] }),
  };
}
