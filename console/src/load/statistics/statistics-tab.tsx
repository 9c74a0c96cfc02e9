import { useState } from "preact/hooks";
import type { RunReport } from "../../../../src/load/contract/report.ts";
import { Empty } from "../../components/empty.tsx";
import { Notice } from "../../components/notice.tsx";
import { Segments } from "../../components/segments.tsx";
import { formatMs, formatSpan } from "../../lib/format.ts";
import { explainVerdict, isGoing, OUTCOMES } from "../states.ts";
import { EndpointTable, type TimeKind } from "./endpoint-table.tsx";
import { GeneratorCard } from "./generator-card.tsx";
import { ThresholdsCard } from "./thresholds-card.tsx";
import "./statistics.css";

/** Every endpoint in figures, and whether the figures can be trusted. */
export function StatisticsTab({ report }: { readonly report: RunReport }) {
  const [chosen, setChosen] = useState<TimeKind | null>(null);
  const isOpen = report.total.response_time !== null;
  const kind = chosen === null || (chosen === "response_time" && !isOpen) ? null : chosen;
  const shown: TimeKind = kind ?? (isOpen ? "response_time" : "service_time");
  const options: readonly (readonly [TimeKind, string])[] = [
    ...(isOpen ? [["response_time", "Response time"] as const] : []),
    ["service_time", "Service time"],
    ["failure_time", "Time of failures"],
  ];
  return (
    <div class="stack">
      <VerdictNotice report={report} />
      {report.endpoints.length === 0 ? (
        <Empty title={isGoing(report.state) ? "No request is complete yet" : "No request was made"}>
          {isGoing(report.state)
            ? "Endpoints appear here as soon as the first replies come."
            : "Endpoints appear here when a run makes requests."}
        </Empty>
      ) : (
        <section class="stack-small" aria-label="Endpoints">
          <div class="section-head">
            <h2>Endpoints</h2>
            <Segments
              label="Which time is shown"
              options={options}
              value={shown}
              onChange={setChosen}
            />
          </div>
          <EndpointTable report={report} time={shown} />
          <p class="field-hint">
            {EXPLANATIONS[shown]}
            {isGoing(report.state) && " Rates are those of the last ten seconds."}
          </p>
        </section>
      )}
      {report.notes.map((note) => (
        <Notice key={note} tone="info">
          {note}
        </Notice>
      ))}
      <div class="cards">
        {report.thresholds.length > 0 && (
          <ThresholdsCard thresholds={report.thresholds} isFinal={report.verdict !== null} />
        )}
        {report.recovery !== null && <RecoveryCard recovery={report.recovery} />}
        {report.id !== "" && <GeneratorCard generator={report.generator} isOpen={isOpen} />}
      </div>
    </div>
  );
}

const EXPLANATIONS: Readonly<Record<TimeKind, string>> = {
  service_time: "From sending a request to its complete reply; successes only.",
  response_time:
    "From when a request was due to its complete reply, so waiting for a slow server counts; successes only.",
  failure_time:
    "How long failures took. They are kept apart, so that quick errors do not make a server look fast.",
};

function VerdictNotice({ report }: { readonly report: RunReport }) {
  const { verdict, generator } = report;
  if (verdict === null) {
    return generator.overloaded === null ? null : (
      <Notice tone="warn" title="The generator cannot keep up" live>
        {generator.overloaded} Figures of such a run are not to be trusted.
      </Notice>
    );
  }
  const [text, tone] = OUTCOMES[verdict.outcome];
  return (
    <Notice tone={tone === "good" || tone === "warn" ? tone : "bad"} title={text}>
      {explainVerdict(report)}
    </Notice>
  );
}

function RecoveryCard({ recovery }: { readonly recovery: NonNullable<RunReport["recovery"]> }) {
  return (
    <section class="card">
      <h2>Recovery</h2>
      <p class="big-figure">
        {recovery.seconds === null ? "not recovered" : formatSpan(recovery.seconds)}
      </p>
      <p class="muted">
        {recovery.seconds === null
          ? "p95 did not come back"
          : "from the end of the overload until p95 was back, and stayed,"}{" "}
        within 1.2 times the {formatMs(recovery.baseline_p95_ms)} of before.
      </p>
    </section>
  );
}
