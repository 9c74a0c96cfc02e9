import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { Table } from "../components/table.tsx";
import { ApiError, type Api } from "../lib/api.ts";
import { formatDateTime } from "../lib/format.ts";
import { toFragment } from "../shell/location.ts";
import type { ModelStatus, VersionStatus } from "./manifest.ts";

interface Reload {
  readonly loaded: readonly { readonly name: string; readonly version: number }[];
  readonly failed: readonly {
    readonly name: string;
    readonly version: number;
    readonly reason: string;
  }[];
  readonly removed: readonly { readonly name: string; readonly version: number }[];
  readonly problems: readonly { readonly part: string; readonly message: string }[];
}

interface Props {
  readonly api: Api;
  readonly models: readonly ModelStatus[];
  /** Called after a reload. */
  readonly onReload: () => void;
}

interface Result {
  readonly tone: "good" | "warn" | "bad";
  readonly title: string;
  readonly lines: readonly string[];
}

/** All versions of all models, and the button that loads new ones. */
export function VersionsCard({ api, models, onReload }: Props) {
  const [isBusy, setBusy] = useState(false);
  const [result, setResult] = useState<Result>();
  const rows = models.flatMap((model) =>
    model.versions.toReversed().map((version) => ({ model, version })),
  );

  async function reload(): Promise<void> {
    setBusy(true);
    try {
      setResult(describeReload(await api.json<Reload>("admin/reload", { method: "POST" })));
      onReload();
    } catch (error) {
      const message = error instanceof ApiError ? error.message : String(error);
      setResult({ tone: "bad", title: "Not reloaded", lines: [message] });
    }
    setBusy(false);
  }

  return (
    <section class="model-card is-wide" aria-labelledby="versions-title">
      <div class="model-card-head">
        <h2 id="versions-title">Versions</h2>
        <Button small busy={isBusy} onClick={() => void reload()}>
          Reload models
        </Button>
      </div>
      {result !== undefined && (
        <Notice tone={result.tone} title={result.title} live>
          {result.lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </Notice>
      )}
      {rows.length === 0 ? (
        <p>
          The models folder is empty. <code>tepal train data.csv --target COLUMN</code> writes a
          model; then press Reload models.
        </p>
      ) : (
        <Table
          caption="Versions of all models"
          columns={[
            {
              id: "model",
              label: "Version",
              cell: ({ model, version }) =>
                version.state === "READY" ? (
                  <a href={toFragment(["model", model.name, String(version.version)])}>
                    {model.name} {version.version}
                  </a>
                ) : (
                  `${model.name} ${version.version}`
                ),
            },
            {
              id: "state",
              label: "State",
              cell: ({ model, version }) => describeState(model, version),
            },
            {
              id: "loaded",
              label: "Loaded",
              cell: ({ version: { loaded_at } }) =>
                formatDateTime(loaded_at === null ? null : Date.parse(loaded_at)),
            },
            {
              id: "reason",
              label: "Reason",
              cell: ({ version: { reason } }) => <span class="version-reason">{reason ?? ""}</span>,
            },
          ]}
          rows={rows}
          rowKey={({ model, version }) => `${model.name} ${version.version}`}
        />
      )}
    </section>
  );
}

function describeState(model: ModelStatus, { version, state }: VersionStatus): string {
  if (state === "FAILED") return "Failed";
  if (state === "NOT_LOADED") return "Not loaded: newer versions serve";
  if (version !== model.serving) return "Ready";
  return model.is_default ? "Serves, also /predict" : "Serves";
}

function describeReload({ loaded, failed, removed, problems }: Reload): Result {
  const list = (versions: Reload["loaded"]): string =>
    versions.map(({ name, version }) => `${name} ${version}`).join(", ");
  const lines = [
    ...(loaded.length > 0 ? [`Loaded: ${list(loaded)}.`] : []),
    ...(removed.length > 0 ? [`Removed: ${list(removed)}.`] : []),
    ...failed.map(({ name, version, reason }) => `${name} ${version} failed: ${reason}`),
    ...problems.map(({ message }) => message),
  ];
  const isGood = failed.length === 0 && problems.length === 0;
  return {
    tone: isGood ? "good" : "warn",
    title: isGood ? "Reloaded" : "Reloaded in part",
    lines: lines.length === 0 ? ["Nothing has changed."] : lines,
  };
}
