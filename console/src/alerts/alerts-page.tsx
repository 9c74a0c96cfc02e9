import type { ComponentChildren } from "preact";
import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { Empty, Loading } from "../components/empty.tsx";
import { ChevronIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { Segments } from "../components/segments.tsx";
import { formatDayTime, formatPlural } from "../lib/format.ts";
import { useTick } from "../lib/use-tick.ts";
import type { Labels } from "../prometheus/client.ts";
import { changeParameters, navigate, toFragment } from "../shell/location.ts";
import type { PageProps } from "../shell/page-props.ts";
import { useReply } from "../shell/use-reply.ts";
import { loadAlerts, type AlertData } from "./alerts-api.ts";
import { ReceiversList } from "./receivers-list.tsx";
import { RuleDetails } from "./rule-details.tsx";
import {
  countStates,
  filterRules,
  listRules,
  type ListedRule,
  type StateFilter,
} from "./rule-list.ts";
import { SilenceDialog } from "./silence-dialog.tsx";
import { SilencesList } from "./silences-list.tsx";
import "./alerts.css";

const REFRESH_MS = 5_000;
const STATES = [
  ["all", "All"],
  ["firing", "Firing"],
  ["pending", "Pending"],
  ["inactive", "Inactive"],
  ["silenced", "Silenced"],
] as const;

/** All alerting rules with their alerts, silences and receivers. */
export function AlertsPage({ place, client, api }: PageProps) {
  const [tick, again] = useTick(REFRESH_MS);
  const { data, problem } = useReply((signal) => loadAlerts(api, signal), [api, tick]);
  const [silencing, setSilencing] = useState<Labels>();
  const { parameters, path } = place;
  const filter = STATES.find(([id]) => id === parameters.get("state"))?.[0] ?? "all";
  const search = parameters.get("search") ?? "";
  const opened = parameters.get("rule");
  const rules = useMemo(() => listRules(data?.groups ?? []), [data]);
  const shown = filterRules(rules, filter, search);
  const counts = countStates(rules);

  const change = (name: string, value: string): void =>
    navigate(
      toFragment(path, changeParameters(parameters, { [name]: value === "" ? [] : [value] })),
      true,
    );

  return (
    <>
      <div class="page-head">
        <div class="page-titles">
          <h1>Alerts</h1>
          {data !== undefined && <p class="muted">{describeCounts(counts)}</p>}
        </div>
        <div class="page-controls">
          <Segments<StateFilter>
            label="State"
            options={STATES.map(([id, text]) => [id, `${text} ${counts[id]}`])}
            value={filter}
            onChange={(state) => change("state", state === "all" ? "" : state)}
          />
          <label class="alert-search">
            <span class="visually-hidden">Search rules</span>
            <input
              type="search"
              class="field-input"
              placeholder="Search names, labels, messages"
              value={search}
              onInput={({ currentTarget }) => change("search", currentTarget.value)}
            />
          </label>
        </div>
      </div>
      {data !== undefined && problem !== undefined && (
        <Notice tone="bad" title="The alerts are not current" live>
          {problem}
        </Notice>
      )}
      {typeof data?.prometheusUrl === "string" && (
        <RemoteNotice data={data} url={data.prometheusUrl} />
      )}
      {data === undefined &&
        (problem === undefined ? (
          <Loading what="Loading the alerts…" />
        ) : (
          <Empty title="The alerts cannot be read">{problem}</Empty>
        ))}
      {data !== undefined && (
        <>
          {shown.length === 0 && (
            <Nothing hasRules={rules.length > 0} onReset={() => navigate(toFragment(path), true)} />
          )}
          <ul class="rules" onKeyDown={moveFocus}>
            {shown.map((listed) => (
              <RuleItem
                key={listed.id}
                listed={listed}
                isOpen={opened === listed.id}
                onToggle={() => change("rule", opened === listed.id ? "" : listed.id)}
              >
                <RuleDetails
                  {...{ listed, api, client, tick }}
                  startMs={data.startMs}
                  silences={data.silences}
                  onSilence={setSilencing}
                />
              </RuleItem>
            ))}
          </ul>
          {data.silences !== undefined && (
            <SilencesList
              api={api}
              silences={data.silences}
              alertmanagers={data.alertmanagers}
              onCreate={() => setSilencing({})}
              onChange={again}
            />
          )}
          {data.receivers !== undefined && (
            <ReceiversList api={api} receivers={data.receivers} onTested={again} />
          )}
        </>
      )}
      {silencing !== undefined && (
        <SilenceDialog
          api={api}
          labels={silencing}
          onClose={() => setSilencing(undefined)}
          onDone={() => {
            setSilencing(undefined);
            again();
          }}
        />
      )}
    </>
  );
}

function describeCounts({ firing, pending, all }: Readonly<Record<StateFilter, number>>): string {
  if (firing + pending === 0)
    return `No alert is active. ${formatPlural(all, "rule")} are evaluated.`;
  return `${formatPlural(firing, "rule")} firing, ${pending} pending, of ${all}`;
}

function RemoteNotice({ data, url }: { readonly data: AlertData; readonly url: string }) {
  return (
    <Notice tone="info" title={`These are the alerts of the Prometheus at ${url}`}>
      Its Alertmanager sends and silences them
      {data.alertmanagers.length === 0
        ? "; it has none, so no notification is sent."
        : `: ${data.alertmanagers.join(", ")}`}
    </Notice>
  );
}

function Nothing({
  hasRules,
  onReset,
}: {
  readonly hasRules: boolean;
  readonly onReset: () => void;
}) {
  if (!hasRules) {
    return (
      <Empty title="No alerting rule is evaluated">
        Rules appear here with their state. The built-in monitor evaluates the default rules, or the
        files of <code>--rules</code>.
      </Empty>
    );
  }
  return (
    <Empty
      title="No rule has this state and these words"
      action={
        <button type="button" class="button button-plain" onClick={onReset}>
          Show all rules
        </button>
      }
    />
  );
}

interface ItemProps {
  readonly listed: ListedRule;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly children: ComponentChildren;
}

function RuleItem({ listed, isOpen, onToggle, children }: ItemProps) {
  const { rule, state, alerts, isSilenced, sinceMs, summary } = listed;
  const id = useId();
  const severity = rule.labels?.["severity"];
  const isBroken = rule.health === "err";
  const [element, setElement] = useState<HTMLLIElement | null>(null);
  // A link leads to the rule.
  useEffect(() => {
    if (isOpen) element?.scrollIntoView({ block: "nearest" });
  }, [element]);
  return (
    <li ref={setElement} class={`rule is-${state}`} data-rule={rule.name} data-severity={severity}>
      <button
        type="button"
        class="rule-head"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={onToggle}
      >
        <span class={`alert-state is-${state}`}>{state}</span>
        <span class="rule-name">
          {rule.name}
          {severity !== undefined && <span class="rule-severity"> {severity}</span>}
        </span>
        <span class="rule-summary">{summary}</span>
        <span class="rule-tags">
          {isBroken && <span class="rule-tag is-bad">error</span>}
          {isSilenced && <span class="rule-tag">silenced</span>}
          {alerts.length > 1 && <span class="rule-tag">{alerts.length} alerts</span>}
          {sinceMs !== undefined && (
            <span class="muted">since {formatDayTime(sinceMs, Date.now())}</span>
          )}
        </span>
        <ChevronIcon />
      </button>
      {isOpen && <div id={id}>{children}</div>}
    </li>
  );
}

/** Arrow keys move between rules. */
function moveFocus(event: KeyboardEvent): void {
  const { target, currentTarget, key } = event;
  if (!(target instanceof HTMLElement) || !(currentTarget instanceof HTMLElement)) return;
  if (!target.classList.contains("rule-head") || (key !== "ArrowDown" && key !== "ArrowUp")) return;
  const heads = [...currentTarget.querySelectorAll<HTMLElement>(".rule-head")];
  const next = heads[heads.indexOf(target) + (key === "ArrowDown" ? 1 : -1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
