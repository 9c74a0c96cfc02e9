import { useEffect, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { Table } from "../components/table.tsx";
import { formatCount, formatShare } from "../lib/format.ts";
import { CHARTS, TABLE_TOGGLE } from "../lib/table-key.ts";
import type { Client } from "../prometheus/client.ts";
import { useReply } from "../shell/use-reply.ts";
import { BinChart } from "./bin-chart.tsx";
import { loadDistributions, type Distribution } from "./distributions.ts";
import { DriftText } from "./drift-text.tsx";
import type { Manifest } from "./manifest.ts";

interface Props {
  readonly client: Client;
  readonly manifest: Manifest;
}

const REFRESH_MS = 10_000;
const OUTPUTS: Readonly<Record<string, string>> = {
  prediction: "Predictions",
  confidence: "Confidence",
  p_value: "p-values",
};

/** The distributions of the last hour over those of training: outputs, and features, with their distance by the drift rule. */
export function LiveCard({ client, manifest }: Props) {
  const [nowMs, setNow] = useState(() => Date.now());
  const [isTable, setTable] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const { data, problem } = useReply(
    (signal) => loadDistributions(client, manifest, nowMs / 1_000, signal),
    [client, manifest, nowMs],
  );
  const all = data === undefined ? [] : [...data.outputs, ...data.features];
  const rows = Math.max(0, ...all.map((each) => each.rows));
  return (
    <section class="model-card is-wide" aria-labelledby="live-title" {...CHARTS}>
      <div class="model-card-head">
        <h2 id="live-title">Last hour over training</h2>
        <div class="model-card-controls">
          <span class="bin-legend">
            <i /> training <b /> last hour
          </span>
          <Button small aria-pressed={isTable} onClick={() => setTable(!isTable)} {...TABLE_TOGGLE}>
            Table
          </Button>
        </div>
      </div>
      {problem !== undefined && data === undefined && (
        <Empty title="The history cannot be read">
          {problem} The distributions come from the built-in monitor: start the server with{" "}
          <code>--monitor</code>.
        </Empty>
      )}
      {problem === undefined && data === undefined && <Loading what="Loading distributions…" />}
      {data !== undefined && all.length === 0 && (
        <Empty title="Nothing to compare with yet">
          The first scrape is a few seconds away, or the model has no trust parameters: import it
          with <code>--data FILE</code>.
        </Empty>
      )}
      {all.length > 0 && rows === 0 && (
        <p>
          No rows in the last hour.{" "}
          <a href={`#/try/${encodeURIComponent(manifest.name)}`}>Predict some</a>.
        </p>
      )}
      {isTable ? (
        <BinTable distributions={all} />
      ) : (
        <>
          {data !== undefined && data.outputs.length > 0 && (
            <div class="distributions">
              {data.outputs.map((each) => (
                <DistributionView
                  key={each.name}
                  title={OUTPUTS[each.name] ?? each.name}
                  distribution={each}
                />
              ))}
            </div>
          )}
          {data !== undefined && data.features.length > 0 && (
            <div class="distributions">
              {data.features.map((each) => (
                <DistributionView key={each.name} title={each.name} distribution={each} />
              ))}
            </div>
          )}
        </>
      )}
      {all.length > 0 && (
        <p class="muted">
          The distance is 0 for equal shares and 4 for disjoint ones. Below its limit, chance
          explains it; the limit is higher with fewer rows. These are the values of the drift
          alerts, over 5 or 30 minutes, or 6 hours of a quiet service.{" "}
          <a href="#/dashboards/tepal-model">The Model dashboard</a> shows the history.
        </p>
      )}
    </section>
  );
}

function DistributionView({
  title,
  distribution,
}: {
  readonly title: string;
  readonly distribution: Distribution;
}) {
  const { bins, rows } = distribution;
  const first = bins[0]?.label ?? "";
  const last = bins.at(-1)?.label ?? "";
  return (
    <div class="distribution" data-name={distribution.name}>
      <h3>{title}</h3>
      <p class="distribution-facts">
        <DriftText drift={distribution.drift} />
      </p>
      <BinChart label={title} bins={bins} rows={rows} />
      <p class="bin-ends">
        <span>{first}</span>
        <span>{bins.length > 1 ? last : ""}</span>
      </p>
    </div>
  );
}

function BinTable({ distributions }: { readonly distributions: readonly Distribution[] }) {
  const rows = distributions.flatMap(({ name, bins, rows: all, drift }) =>
    bins.map((bin) => ({ ...bin, name, drift, live: all === 0 ? 0 : bin.rows / all })),
  );
  return (
    <Table
      caption="Shares by bin"
      columns={[
        { id: "name", label: "Distribution", key: ({ name }) => name, cell: ({ name }) => name },
        { id: "drift", label: "Drift rule", cell: ({ drift }) => <DriftText drift={drift} /> },
        { id: "bin", label: "Bin", cell: ({ label }) => label },
        {
          id: "reference",
          label: "Training",
          key: ({ reference }) => reference,
          cell: ({ reference }) => formatShare(reference),
          align: "end",
        },
        {
          id: "live",
          label: "Last hour",
          key: ({ live }) => live,
          cell: ({ live }) => formatShare(live),
          align: "end",
        },
        {
          id: "rows",
          label: "Rows",
          key: (row) => row.rows,
          cell: (row) => formatCount(Math.round(row.rows)),
          align: "end",
        },
      ]}
      rows={rows}
      rowKey={({ name, label }) => `${name} ${label}`}
    />
  );
}
