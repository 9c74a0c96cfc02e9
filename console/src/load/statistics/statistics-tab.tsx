import { useState } from "preact/hooks";
import type { Invalid, RunReport } from "../../../../src/load/contract/report.ts";
import { Empty } from "../../components/empty.tsx";
import { Notice } from "../../components/notice.tsx";
import { Segments } from "../../components/segments.tsx";
import { formatMs, formatSpan, NO_VALUE } from "../../lib/format.ts";
import { explainVerdict, isInProgress, OUTCOMES } from "../states.ts";
import { EndpointTable, SIZE_NOTE, type TimeKind } from "./endpoint-table.tsx";
import { GeneratorCard } from "./generator-card.tsx";
import { ThresholdsCard } from "./thresholds-card.tsx";
import "./statistics.css";

/** Statistics of every endpoint, and whether they are valid. */
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
        <Empty title={isInProgress(report.state) ? "No completed requests yet" : "No requests"}>
          {isInProgress(report.state)
            ? "Endpoints appear with the first replies."
            : "Endpoints appear when a run sends requests."}
        </Empty>
      ) : (
        <section class="stack-small" aria-label="Endpoints">
          <div class="section-head">
            <h2>Endpoints</h2>
            <Segments label="Time to show" options={options} value={shown} onChange={setChosen} />
          </div>
          <EndpointTable report={report} time={shown} />
          <p class="field-hint">
            {EXPLANATIONS[shown]}
            {isInProgress(report.state)
              ? " Rates: of the last ten seconds. All else: since the start or a reset. "
              : " All values: of the whole run. "}
            {SIZE_NOTE}
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
  service_time: "Times: from sending a request to its complete reply, successes only.",
  response_time:
    "Times: from the scheduled time of a request to its complete reply, including the wait for a slow server, successes only.",
  failure_time:
    "Times: of failed requests, counted apart so that quick errors do not make a server look fast.",
};

const INVALID_TITLES: Readonly<Record<Invalid["cause"], string>> = {
  generator_overloaded: "The generator cannot keep up",
  machine_busy: "The machine is busy",
  incomplete: "Counts are missing",
};

function VerdictNotice({ report }: { readonly report: RunReport }) {
  const { verdict, generator } = report;
  if (verdict === null) {
    return generator.invalid === null ? null : (
      <Notice tone="warn" title={INVALID_TITLES[generator.invalid.cause]} live>
        {generator.invalid.message} The measurements of this run are not valid.
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
        {recovery.baseline_p95_ms === null
          ? NO_VALUE
          : recovery.seconds === null
            ? "not recovered"
            : formatSpan(recovery.seconds)}
      </p>
      <p class="muted">
        {recovery.baseline_p95_ms === null
          ? "No request succeeded before the overload, so there is nothing to compare with."
          : `${
              recovery.seconds === null
                ? "p95 did not recover"
                : "from the end of the overload until p95 recovered, and stayed,"
            } within 1.2 times the ${formatMs(recovery.baseline_p95_ms)} of before.`}
      </p>
    </section>
  );
}
