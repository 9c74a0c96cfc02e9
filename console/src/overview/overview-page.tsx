import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { formatSpan } from "../lib/format.ts";
import { readClockOffset } from "../lib/server-clock.ts";
import { toModelLink } from "./links.ts";
import type { PageProps } from "../shell/page-props.ts";
import { useReply } from "../shell/use-reply.ts";
import { ChangeList, EventList } from "./lists.tsx";
import { loadCurrent, loadNumbers, loadPast } from "./load-overview.ts";
import { HISTORY_SECONDS, type OverviewNumber } from "./numbers.ts";
import { SAMPLES, sendSamples } from "./sample-rows.ts";
import { AlertTile, NumberTile } from "./tiles.tsx";
import { usePolled } from "./use-polled.ts";
import { evaluate, type Verdict } from "./verdict.ts";
import "./overview.css";

/** A prediction is in the history after one scrape, by default 5 s, and on the page after one of these. */
const CURRENT_MS = 3_000;
const PAST_MS = 30_000;
/** A history that has just begun grows visibly. */
const YOUNG_PAST_MS = 10_000;
const YOUNG_SECONDS = 600;

/** The start page: is it well? */
export function OverviewPage(props: PageProps) {
  const { data, problem } = useReply((signal) => loadNumbers(props.client, signal), [props.client]);
  if (data !== undefined) return <OverviewView {...props} numbers={data} />;
  if (problem === undefined) return <Loading what="Loading the overview…" />;
  return <Empty title="Cannot load the overview">{problem}</Empty>;
}

interface ViewProps extends PageProps {
  readonly numbers: readonly OverviewNumber[];
}

function OverviewView({ client, api, server, numbers }: ViewProps) {
  const current = usePolled((signal) => loadCurrent(client, numbers, signal), CURRENT_MS, [
    client,
    numbers,
  ]);
  const [isYoung, setYoung] = useState(true);
  const past = usePolled(
    async (signal) => {
      const loaded = await loadPast(client, numbers, signal);
      setYoung(loaded.historySeconds < YOUNG_SECONDS);
      return loaded;
    },
    isYoung ? YOUNG_PAST_MS : PAST_MS,
    [client, numbers],
  );
  const { values, firing = [], pending = 0, uptimeSeconds } = current.data ?? {};
  const predictions = values && (values.get("predictions") ?? 0);
  const verdict = evaluate({
    server,
    firing,
    pending,
    errorShare: values?.get("errors"),
    predictions,
  });
  const skewSeconds = Math.round(Math.abs(readClockOffset()) / 1_000);
  return (
    <>
      <section class={`verdict is-${values === undefined ? "info" : verdict.tone}`}>
        <div>
          <h1>{values === undefined ? "Overview" : verdict.title}</h1>
          <p class="verdict-text" role="status">
            {values === undefined ? "" : describe(verdict)}
          </p>
        </div>
        <dl class="verdict-facts">
          <div>
            <dt>Model</dt>
            <dd>
              {server.model === null ? (
                "None"
              ) : (
                <a href={toModelLink(server.model.name)}>
                  {server.model.name} version {server.model.version}
                </a>
              )}
            </dd>
          </div>
          {uptimeSeconds !== undefined && (
            <div>
              <dt>Running for</dt>
              <dd>{formatSpan(toCoarse(uptimeSeconds))}</dd>
            </div>
          )}
          {server.version !== null && (
            <div>
              <dt>Tepal</dt>
              <dd>{server.version}</dd>
            </div>
          )}
        </dl>
      </section>
      {current.problem !== undefined && (
        <Notice tone="warn" title="The values are not up to date" live>
          {current.problem} The page tries again each second.
        </Notice>
      )}
      {skewSeconds > 30 && (
        <Notice tone="info" title="The clocks differ">
          The clock of this browser is {formatSpan(skewSeconds)}{" "}
          {readClockOffset() > 0 ? "behind" : "ahead of"} the server's. The console follows the
          server's.
        </Notice>
      )}
      {predictions === 0 && <FirstStep api={api} server={server} onSent={current.again} />}
      <div class="tiles-frame">
        <ul class="tiles" aria-label="Current values">
          {numbers.map((number) => (
            <NumberTile
              key={number.name}
              number={number}
              value={values?.get(number.name)}
              history={past.data?.histories.get(number.name)}
            />
          ))}
          <AlertTile firing={firing} isKnown={values !== undefined} />
        </ul>
      </div>
      {past.data !== undefined && (
        <p class="muted tiles-note">{describeHistory(past.data.historySeconds)}</p>
      )}
      <div class="overview-lists">
        <ChangeList past={past.data} numbers={numbers} problem={past.problem} />
        <EventList past={past.data} problem={past.problem} />
      </div>
    </>
  );
}

function describe({ tone, reasons }: Verdict): string {
  if (reasons.length > 0) return reasons.join(" ");
  return tone === "good"
    ? "No alert is firing, and no request of the last minute failed."
    : "The server is ready, and no alert is firing.";
}

function describeHistory(seconds: number): string {
  return seconds >= HISTORY_SECONDS
    ? "Sparklines cover the last hour."
    : `Sparklines cover the last ${formatSpan(toCoarse(seconds))}, since the history began.`;
}

/** Drops seconds from minutes on, and minutes from days on. */
function toCoarse(seconds: number): number {
  const unit = seconds < 60 ? 1 : seconds < 86_400 ? 60 : 3_600;
  return Math.floor(seconds / unit) * unit;
}

type StepProps = Pick<PageProps, "api" | "server"> & { readonly onSent: () => void };

/** The offer to send sample predictions, while there are none. */
function FirstStep({ api, server, onSent }: StepProps) {
  const [sent, setSent] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const mayPredict = server.allows.includes("predict");
  const { model } = server;

  async function send(name: string): Promise<void> {
    setSent(0);
    setProblem(undefined);
    try {
      await sendSamples(api, name, setSent);
      onSent();
    } catch (error) {
      setSent(undefined);
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <Empty
      title="No predictions yet"
      action={
        <>
          {model !== null && mayPredict && (
            <Button look="primary" busy={sent !== undefined} onClick={() => void send(model.name)}>
              {sent === undefined
                ? `Send ${SAMPLES} sample predictions`
                : sent < SAMPLES
                  ? `Sending ${sent} of ${SAMPLES}…`
                  : "Sent. They appear within seconds…"}
            </Button>
          )}
          {problem !== undefined && (
            <Notice tone="bad" title="The samples were not sent" live>
              {problem}
            </Notice>
          )}
        </>
      }
    >
      {model === null
        ? "No model is ready. The page Model shows the reason."
        : mayPredict
          ? `Requests, latencies, errors and outliers appear here within ten seconds of a prediction. The samples are rows for ${model.name}; the last one is an outlier.`
          : "Requests, latencies, errors and outliers appear here within ten seconds of a prediction. Your key cannot send any: that takes the role predict, load or admin."}{" "}
      New to Prometheus? <a href="#/learn">Learn</a> explains each page, step by step.
    </Empty>
  );
}
