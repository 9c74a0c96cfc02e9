import { useMemo } from "preact/hooks";
import { Button, buttonClass } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { toExploreFragment } from "../explore/explore-place.ts";
import type { Api } from "../lib/api.ts";
import { formatDayTime, formatSpan } from "../lib/format.ts";
import type { Client, Labels } from "../prometheus/client.ts";
import { useReply } from "../shell/use-reply.ts";
import { toHistoryQuery, toHistoryRange, toTimelines } from "./alert-history.ts";
import type { ActiveAlert, Silence } from "./alert-types.ts";
import { isSilenced, toPairs, toRunbookName, toState, type ListedRule } from "./rule-list.ts";
import { Runbook } from "./runbook.tsx";
import { formatRest } from "./silence-form.ts";
import { Timelines } from "./timeline.tsx";

interface Props {
  readonly listed: ListedRule;
  readonly api: Api;
  readonly client: Client;
  readonly tick: number;
  readonly startMs: number | undefined;
  /** Undefined if this server has no silences for the alerts. */
  readonly silences: readonly Silence[] | undefined;
  readonly onSilence: (labels: Labels) => void;
}

/** All of a rule: its alerts as a notification states them, its last day, and beside them the runbook. */
export function RuleDetails(props: Props) {
  const { listed, api, client, tick, startMs, silences, onSilence } = props;
  const { rule, group, alerts } = listed;
  const { data: history, problem } = useReply(
    async (signal) => {
      const range = toHistoryRange(Date.now(), group.interval, startMs);
      const [start, end, step] = [range.fromMs, range.toMs, range.stepMs].map((ms) => ms / 1_000);
      const reply = await client.queryRange(
        toHistoryQuery(rule, range),
        start!,
        end!,
        step!,
        signal,
      );
      const series = reply.resultType === "matrix" ? reply.result : [];
      return { range, timelines: toTimelines(series, range) };
    },
    [client, listed.id, tick],
  );
  const runbookUrl = (alerts[0]?.annotations ?? rule.annotations ?? {})["runbook_url"];
  const runbook = toRunbookName(runbookUrl);
  const facts = useMemo(() => listFacts(listed), [listed]);
  return (
    <div class={`rule-details${runbook === undefined ? "" : " has-runbook"}`}>
      <div class="rule-main">
        {rule.lastError !== undefined && rule.lastError !== "" && (
          <Notice tone="bad" title="The rule cannot be evaluated">
            {rule.lastError}
          </Notice>
        )}
        {alerts.map((alert) => (
          <AlertCard key={toPairs(alert.labels).join()} {...{ alert, silences, onSilence }} />
        ))}
        <section>
          <h3>Rule</h3>
          <p class="rule-query">
            <code>{rule.query}</code>
          </p>
          <p class="rule-links">
            <a class={buttonClass("plain", true)} href={toExploreFragment([rule.query], undefined)}>
              Explore
            </a>
            {silences !== undefined && alerts.length === 0 && (
              <Button small onClick={() => onSilence({ alertname: rule.name })}>
                Silence
              </Button>
            )}
            {runbookUrl !== undefined && runbook === undefined && /^https?:/.test(runbookUrl) && (
              <a href={runbookUrl}>Runbook</a>
            )}
          </p>
          <dl class="rule-facts">
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          {alerts.length === 0 && (
            <dl class="rule-annotations">
              {["summary", "description"].map((name) => {
                const text = rule.annotations?.[name];
                return (
                  text !== undefined && (
                    <div key={name}>
                      <dt>{name}</dt>
                      <dd class="mono">{text}</dd>
                    </div>
                  )
                );
              })}
            </dl>
          )}
        </section>
        <section>
          <h3>History</h3>
          {problem !== undefined && (
            <Notice tone="bad" title="The history cannot be read">
              {problem}
            </Notice>
          )}
          {history === undefined && problem === undefined && <p class="muted">Loading…</p>}
          {history !== undefined && <Timelines {...{ listed, startMs, ...history }} />}
        </section>
      </div>
      {runbook !== undefined && <Runbook name={runbook} api={api} />}
    </div>
  );
}

function listFacts({ rule, group }: ListedRule): readonly (readonly [string, string])[] {
  const labels = toPairs(rule.labels).join(", ");
  return [
    ["Fires after", formatSpan(rule.duration ?? 0)],
    ...(rule.keepFiringFor !== undefined && rule.keepFiringFor > 0
      ? [["Keeps firing for", formatSpan(rule.keepFiringFor)] as const]
      : []),
    ...(labels === "" ? [] : [["Labels", labels] as const]),
    ["Group", `${group.name} (${group.file.split("/").at(-1)})`],
    ...(group.interval === undefined
      ? []
      : [["Evaluated every", formatSpan(group.interval)] as const]),
  ];
}

interface CardProps {
  readonly alert: ActiveAlert;
  readonly silences: readonly Silence[] | undefined;
  readonly onSilence: (labels: Labels) => void;
}

/** An alert as the engineer on call gets it. */
function AlertCard({ alert, silences, onSilence }: CardProps) {
  const { labels, annotations, value, activeAt } = alert;
  const state = toState(alert.state);
  const { summary = labels["alertname"], description } = annotations;
  const dashboard = annotations["dashboard_url"];
  return (
    <article class={`alert-card is-${state}`} data-state={state}>
      <p class="alert-card-head">
        <span class={`alert-state is-${state}`}>{state}</span>
        <span class="muted">
          since {formatDayTime(Date.parse(activeAt ?? ""), Date.now())}, value{" "}
          <Value written={value} />
        </span>
      </p>
      <p class="alert-summary">{summary}</p>
      {description !== undefined && <p class="alert-description">{description}</p>}
      <p class="alert-labels">
        {toPairs(labels).map((pair) => (
          <code key={pair}>{pair}</code>
        ))}
      </p>
      {isSilenced(alert) && <SilencedBy alert={alert} silences={silences ?? []} />}
      <p class="rule-links">
        {dashboard !== undefined && /^https?:/.test(dashboard) && (
          <a class={buttonClass("plain", true)} href={dashboard}>
            Dashboard
          </a>
        )}
        {silences !== undefined && (
          <Button small onClick={() => onSilence(labels)}>
            Silence
          </Button>
        )}
      </p>
    </article>
  );
}

function Value({ written }: { readonly written: string }) {
  const value = Number(written);
  return (
    <span class="mono" title={written}>
      {Number.isFinite(value) ? Number(value.toPrecision(4)) : written}
    </span>
  );
}

function SilencedBy({
  alert,
  silences,
}: {
  readonly alert: ActiveAlert;
  readonly silences: readonly Silence[];
}) {
  const found = silences.filter(({ id }) => alert.silencedBy?.includes(id) === true);
  return (
    <Notice tone="info" title="Silenced: no webhook gets this alert">
      {found.map(({ id, comment, endsAt }) => (
        <p key={id}>
          {comment}, for {formatRest(endsAt, Date.now())} more
        </p>
      ))}
    </Notice>
  );
}
