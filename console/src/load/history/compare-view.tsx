import { useState } from "preact/hooks";
import type { RunReport } from "../../../../src/load/contract/report.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Empty, Loading } from "../../components/empty.tsx";
import { Notice } from "../../components/notice.tsx";
import { TableFrame } from "../../components/table-frame.tsx";
import { Segments } from "../../components/segments.tsx";
import { formatClock, formatDateTime } from "../../lib/format.ts";
import { useFormatProfile } from "../profile-text.ts";
import { toStateText } from "../states.ts";
import { useSurroundings } from "../surroundings.ts";
import { useRequest } from "../use-request.ts";
import { CompareCharts } from "./compare-charts.tsx";
import { compareEndpoints, findEndpoint, findLoadDifferences, listEndpoints } from "./compare.ts";
import "../statistics/statistics.css";
import "./history.css";

interface Props {
  readonly first: string;
  readonly second: string;
}

/** Two runs side by side; the first is the base. */
export function CompareView({ first, second }: Props) {
  const { toHash } = useSurroundings();
  const a = useRequest<RunReport>(`api/load/runs/${encodeURIComponent(first)}`);
  const b = useRequest<RunReport>(`api/load/runs/${encodeURIComponent(second)}`);
  const problem = a.problem ?? b.problem;
  return (
    <>
      <header class="view-head">
        <h1>Two runs compared</h1>
        <span class="button-row">
          <a class={buttonClass("quiet")} href={toHash("history")}>
            Back to the history
          </a>
          <a class={buttonClass("plain")} href={toHash("compare", second, first)}>
            Swap A and B
          </a>
        </span>
      </header>
      {problem !== null ? (
        <Empty
          title="One of these runs cannot be read"
          action={
            <Button
              onClick={() => {
                a.again();
                b.again();
              }}
            >
              Try again
            </Button>
          }
        >
          {problem}
        </Empty>
      ) : a.data === null || b.data === null ? (
        <Loading what="Loading two runs…" />
      ) : (
        <Compared a={a.data} b={b.data} />
      )}
    </>
  );
}

function Compared({ a, b }: { readonly a: RunReport; readonly b: RunReport }) {
  const names = listEndpoints(a, b);
  const [name, setName] = useState(names[0] ?? "");
  const formatProfile = useFormatProfile();
  const differences = findLoadDifferences(a.plan, b.plan, formatProfile);
  const isSameLoad = differences.length === 0;
  const mixed = (a.total.response_time === null) !== (b.total.response_time === null);
  return (
    <div class="stack">
      <div class="cards">
        <RunCard letter="A" report={a} />
        <RunCard letter="B" report={b} />
      </div>
      {!isSameLoad && (
        <Notice tone="warn" title="These runs had different loads">
          The measurements differ because of the load, too, so no change is rated better or worse.
          <dl class="load-differences">
            {differences.map(({ label, first, second }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>
                  <Letter letter="A" /> {first}
                </dd>
                <dd>
                  <Letter letter="B" /> {second}
                </dd>
              </div>
            ))}
          </dl>
          {mixed &&
            "One run is of an open model, the other of a closed one: response time is compared with service time, which leaves waiting out."}
        </Notice>
      )}
      <section class="stack-small" aria-label="Figures">
        <div class="section-head">
          <h2>Figures</h2>
          <Segments
            label="Endpoint"
            options={names.map((option) => [option, option] as const)}
            value={name}
            onChange={setName}
          />
        </div>
        <TableFrame label="Statistics of both runs">
          <table class="table compare-table">
            <thead>
              <tr>
                <th scope="col">{name}</th>
                <th scope="col" class="align-end">
                  <Letter letter="A" />
                </th>
                <th scope="col" class="align-end">
                  <Letter letter="B" />
                </th>
                <th scope="col" class="align-end">
                  Change
                </th>
              </tr>
            </thead>
            <tbody>
              {compareEndpoints(findEndpoint(a, name), findEndpoint(b, name), { isSameLoad }).map(
                (row) => (
                  <tr key={row.label}>
                    <th scope="row">{row.label}</th>
                    <td class="align-end">{row.first}</td>
                    <td class="align-end">{row.second}</td>
                    <td class={`align-end compare-change ${row.tone}`}>
                      {row.change}
                      {row.tone !== "plain" && (
                        <span class="visually-hidden">
                          {row.tone === "good" ? ", better" : ", worse"}
                        </span>
                      )}
                    </td>
                  </tr>
                ),
              )}
            </tbody>
          </table>
        </TableFrame>
        {isSameLoad && (
          <p class="field-hint">
            Changes of more than 5 % are colored. One run each proves little: repeat both before you
            conclude.
          </p>
        )}
      </section>
      <CompareCharts a={a} b={b} />
    </div>
  );
}

function RunCard({ letter, report }: { readonly letter: "A" | "B"; readonly report: RunReport }) {
  const { toHash } = useSurroundings();
  const [text, tone] = toStateText(report);
  const formatProfile = useFormatProfile();
  return (
    <section class="card compare-run">
      <h2>
        <Letter letter={letter} />
        <a href={toHash("runs", report.id)}>{formatDateTime(report.started_at_ms)}</a>
        <span class={`pill is-${tone}`}>{text}</span>
      </h2>
      <p>{formatProfile(report.plan.profile)}</p>
      <p class="muted">
        <span class="mono">{report.plan.host}</span> · {formatClock(report.elapsed_seconds)} · seed{" "}
        {report.plan.seed}
      </p>
    </section>
  );
}

function Letter({ letter }: { readonly letter: "A" | "B" }) {
  return <span class={`letter is-${letter}`}>{letter}</span>;
}
