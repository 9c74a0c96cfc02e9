import { useEffect, useRef, useState } from "preact/hooks";
import { Button, buttonClass } from "../components/button.tsx";
import { Empty } from "../components/empty.tsx";
import { AreaField } from "../components/field.tsx";
import { DownloadIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { Table } from "../components/table.tsx";
import { ApiError, type Api } from "../lib/api.ts";
import { formatBytes, formatCount, formatPlural } from "../lib/format.ts";
import type { Manifest } from "../model/manifest.ts";
import { NO_PROGRESS, predictFile, type BatchProgress } from "./batch.ts";
import type { ReferenceReply } from "./reply.ts";
import type { Row } from "./row.ts";

interface Props {
  readonly api: Api;
  readonly path: string;
  readonly manifest: Manifest;
  readonly example: Row;
}

/** The state of a batch. */
interface Batch {
  readonly state: "none" | "running" | "finished" | "cancelled" | "failed";
  readonly progress: BatchProgress;
  readonly problem?: string;
  readonly problems?: readonly string[];
  readonly result?: Blob;
}

const SAMPLE_ROWS = 20;
/** A larger text in a field makes the page slow; it can be selected as a file. */
const MAX_TEXT = 1_000_000;

/** A file of rows, or pasted rows: progress, cancel, the first rows of the reply as a table, and all of it as a file. */
export function BatchView({ api, path, manifest, example }: Props) {
  const [text, setText] = useState("");
  const [file, setFile] = useState<File>();
  const [batch, setBatch] = useState<Batch>({ state: "none", progress: NO_PROGRESS });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const { state, progress } = batch;
  const isRunning = state === "running";
  const input: Blob | undefined = file ?? (text.trim() === "" ? undefined : new Blob([text]));

  async function run(rows: Blob): Promise<void> {
    const controller = new AbortController();
    running.current = controller;
    setBatch({ state: "running", progress: { ...NO_PROGRESS, totalBytes: rows.size } });
    let last = NO_PROGRESS;
    try {
      const { csv, ...end } = await predictFile({
        api,
        path: `${path}/predict/batch`,
        input: rows,
        signal: controller.signal,
        onProgress: (now) => {
          last = now;
          if (!controller.signal.aborted) setBatch({ state: "running", progress: now });
        },
      });
      setBatch({ state: "finished", progress: end, result: csv });
    } catch (error) {
      if (controller.signal.aborted) setBatch({ state: "cancelled", progress: last });
      else {
        const problems = error instanceof ApiError ? error.problems : [];
        setBatch({
          state: "failed",
          progress: last,
          problem: error instanceof Error ? error.message : String(error),
          problems: problems.map(({ at, message }) => `${at === "" ? "" : `${at}: `}${message}`),
        });
      }
    }
  }

  async function fillSample(): Promise<void> {
    const names = manifest.features.map(({ name }) => name);
    const reference = await api
      .json<ReferenceReply>(`${path}/reference?limit=${SAMPLE_ROWS}`)
      .catch(() => undefined);
    const rows =
      reference === undefined || reference.rows.length === 0
        ? [names.map((name) => example[name] ?? "")]
        : reference.rows.map(({ values }) => values.map((value) => value ?? ""));
    setFile(undefined);
    setText(`${[names, ...rows].map((cells) => cells.join(",")).join("\n")}\n`);
  }

  return (
    <div class="try-grid is-batch">
      <form
        class="try-card"
        aria-labelledby="batch-title"
        onSubmit={(event) => {
          event.preventDefault();
          if (input !== undefined && !isRunning) void run(input);
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          setFile(event.dataTransfer?.files[0]);
        }}
      >
        <div class="try-card-head">
          <h2 id="batch-title">Rows as CSV</h2>
          <div class="try-card-controls">
            <Button small onClick={() => void fillSample()}>
              Sample rows
            </Button>
            <label class={`${buttonClass("plain", true)} file-button`}>
              <input
                type="file"
                accept=".csv,text/csv"
                class="cover-input"
                aria-label="Select a CSV file"
                onChange={({ currentTarget }) => setFile(currentTarget.files?.[0])}
              />
              Select a file
            </label>
          </div>
        </div>
        {file === undefined ? (
          <AreaField
            label="CSV"
            rows={9}
            value={text}
            placeholder={manifest.features.map(({ name }) => name).join(",")}
            hint="A header with the names of the features in any order, then rows. Other columns are ignored. Files can be dropped here, too."
            problem={
              text.length > MAX_TEXT
                ? "Select the file instead of pasting so much text."
                : undefined
            }
            onInput={setText}
          />
        ) : (
          <p class="chosen-file">
            <strong>{file.name}</strong> <span class="muted">{formatBytes(file.size)}</span>{" "}
            <Button small look="quiet" onClick={() => setFile(undefined)}>
              Remove
            </Button>
          </p>
        )}
        <div class="try-actions">
          <Button
            type="submit"
            look="primary"
            busy={isRunning}
            disabled={input === undefined && !isRunning}
          >
            Predict
          </Button>
          {isRunning && <Button onClick={() => running.current?.abort()}>Cancel</Button>}
        </div>
        <p class="field-hint">
          The rows count in the server's metrics. For large files,{" "}
          <code>tepal score FILE --out SCORED.csv</code> is faster and resumes after an
          interruption.
        </p>
      </form>
      <section class="try-card" aria-labelledby="result-title" aria-busy={isRunning}>
        <div class="try-card-head">
          <h2 id="result-title">Predictions</h2>
          {batch.result !== undefined && <Download csv={batch.result} name={file?.name} />}
        </div>
        {state === "none" && (
          <Empty title="No predictions yet">
            The predictions of the rows appear here, and can be downloaded as CSV.
          </Empty>
        )}
        {state !== "none" && (
          <>
            <progress
              max={Math.max(progress.totalBytes, 1)}
              value={state === "finished" ? Math.max(progress.totalBytes, 1) : progress.bytes}
              aria-label="Progress"
            />
            <p role="status" class="batch-facts">
              {describe(batch)}
            </p>
          </>
        )}
        {state === "failed" && (
          <Notice tone="bad" title="The server rejected the file" live>
            {batch.problem} {batch.problems?.join(" ")}
          </Notice>
        )}
        {progress.shown.length > 0 && (
          <>
            <Table
              caption="First rows of the predictions"
              columns={progress.header.map((name, i) => ({
                id: name,
                label: name,
                cell: (cells: readonly string[]) => cells[i] ?? "",
              }))}
              rows={progress.shown}
              rowKey={(cells) => cells[0] ?? ""}
            />
            {progress.rows > progress.shown.length && (
              <p class="muted">
                The first {formatCount(progress.shown.length)} of{" "}
                {formatPlural(progress.rows, "row")}.
              </p>
            )}
          </>
        )}
      </section>
    </div>
  );
}

function describe({ state, progress }: Batch): string {
  const { rows, badRows, outliers } = progress;
  const facts = [
    formatPlural(rows, "row"),
    `${formatCount(outliers)} unlike the training data`,
    formatPlural(badRows, "bad row"),
  ].join(", ");
  switch (state) {
    case "running":
      return `Predicting… ${facts}`;
    case "cancelled":
      return `Cancelled after ${facts}`;
    case "failed":
      return `Failed after ${facts}`;
    default:
      return facts;
  }
}

/** A link to the reply, as a file. */
function Download({ csv, name }: { readonly csv: Blob; readonly name: string | undefined }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(csv);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [csv]);
  const base = (name ?? "rows.csv").replace(/\.csv$/i, "");
  return (
    <a class={buttonClass("plain", true)} href={url} download={`${base}-predicted.csv`}>
      <DownloadIcon />
      Download CSV
    </a>
  );
}
