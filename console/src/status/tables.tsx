import type { RuleGroup } from "../alerts/alert-types.ts";
import { Table, type Column } from "../components/table.tsx";
import { toExploreFragment } from "../explore/explore-place.ts";
import { formatBytes, formatCount, formatDayTime, formatMs, NO_VALUE } from "../lib/format.ts";
import { toFragment } from "../shell/location.ts";
import type { Option, Process, Target } from "./status-types.ts";

/** Formats a time of the API; Go's zero time and no time are a dash. */
export function formatWhen(written: string | null | undefined): string {
  const timeMs = Date.parse(written ?? "");
  return Number.isNaN(timeMs) || timeMs <= 0 ? NO_VALUE : formatDayTime(timeMs, Date.now());
}

const toMs = (seconds: number | undefined): string =>
  seconds === undefined ? NO_VALUE : formatMs(seconds * 1_000);

function Health({ state }: { readonly state: string }) {
  const tone = state === "up" || state === "ok" ? "good" : state === "unknown" ? "" : "bad";
  return <span class={`status-health is-${tone}`}>{state}</span>;
}

const TARGET_COLUMNS: readonly Column<Target>[] = [
  {
    id: "target",
    label: "Target",
    key: ({ labels }) => `${labels["job"]} ${labels["instance"]}`,
    cell: ({ labels, scrapePool }) => (
      <>
        {labels["job"] ?? scrapePool} <span class="muted">{labels["instance"]}</span>
      </>
    ),
  },
  {
    id: "health",
    label: "Health",
    key: ({ health }) => health,
    cell: ({ health }) => <Health state={health} />,
  },
  {
    id: "scrape",
    label: "Last scrape",
    key: ({ lastScrape = "" }) => lastScrape,
    cell: ({ lastScrape }) => formatWhen(lastScrape),
  },
  {
    id: "duration",
    label: "Duration",
    align: "end",
    key: ({ lastScrapeDuration = 0 }) => lastScrapeDuration,
    cell: ({ lastScrapeDuration }) => toMs(lastScrapeDuration),
  },
  { id: "interval", label: "Interval", cell: ({ scrapeInterval = NO_VALUE }) => scrapeInterval },
  { id: "url", label: "URL", cell: ({ scrapeUrl }) => <code>{scrapeUrl}</code> },
  {
    id: "error",
    label: "Last error",
    cell: ({ lastError = "" }) =>
      lastError === "" ? NO_VALUE : <span class="status-error">{lastError}</span>,
  },
];

export function TargetsTable({ targets }: { readonly targets: readonly Target[] }) {
  if (targets.length === 0) {
    return (
      <p class="muted">
        Nothing is scraped. <code>--scrape JOB=URL</code> adds a target.
      </p>
    );
  }
  return (
    <Table
      caption="Scrape targets"
      columns={TARGET_COLUMNS}
      rows={targets}
      rowKey={({ scrapeUrl, labels }) => `${scrapeUrl} ${labels["job"]}`}
      initialSort={{ column: "health", descending: false }}
    />
  );
}

const GROUP_COLUMNS: readonly Column<RuleGroup>[] = [
  { id: "group", label: "Group", key: ({ name }) => name, cell: ({ name }) => name },
  { id: "file", label: "File", cell: ({ file }) => file.split("/").at(-1) ?? file },
  {
    id: "rules",
    label: "Rules",
    align: "end",
    key: ({ rules }) => rules.length,
    cell: ({ rules }) => rules.length,
  },
  {
    id: "interval",
    label: "Interval",
    align: "end",
    cell: ({ interval }) => (interval === undefined ? NO_VALUE : `${interval} s`),
  },
  {
    id: "evaluation",
    label: "Last evaluation",
    key: ({ lastEvaluation = "" }) => lastEvaluation,
    cell: ({ lastEvaluation }) => formatWhen(lastEvaluation),
  },
  {
    id: "duration",
    label: "Duration",
    align: "end",
    key: ({ evaluationTime = 0 }) => evaluationTime,
    cell: ({ evaluationTime }) => toMs(evaluationTime),
  },
  {
    id: "health",
    label: "Health",
    cell: ({ rules }) => (
      <Health state={rules.some(({ health }) => health === "err") ? "err" : "ok"} />
    ),
  },
];

/** Groups, and below them the rules that fail. */
export function RulesTable({ groups }: { readonly groups: readonly RuleGroup[] }) {
  const failing = groups.flatMap(({ name, rules }) =>
    rules.filter(({ lastError = "" }) => lastError !== "").map((rule) => ({ group: name, rule })),
  );
  if (groups.length === 0) return <p class="muted">No rule is evaluated.</p>;
  return (
    <>
      <Table
        caption="Rule groups"
        columns={GROUP_COLUMNS}
        rows={groups}
        rowKey={({ file, name }) => `${file} ${name}`}
      />
      {failing.length > 0 && (
        <ul class="status-failing">
          {failing.map(({ group, rule }) => (
            <li key={`${group} ${rule.name} ${rule.query}`}>
              <strong>{rule.name}</strong> <span class="muted">of {group}:</span>{" "}
              <span class="status-error">{rule.lastError}</span>{" "}
              <a href={toExploreFragment([rule.query], undefined)}>Explore</a>
            </li>
          ))}
        </ul>
      )}
      <a href={toFragment(["alerts"])}>Alerting rules with their state</a>
    </>
  );
}

const PROCESS_COLUMNS: readonly Column<Process>[] = [
  {
    id: "process",
    label: "Process",
    cell: ({ role, number }) => (number === null ? role : `${role} ${number}`),
  },
  { id: "pid", label: "Process ID", align: "end", cell: ({ pid }) => pid },
  {
    id: "serves",
    label: "State",
    cell: ({ serves, role }) =>
      role === "primary" ? NO_VALUE : <Health state={serves ? "up" : "starting"} />,
  },
  { id: "started", label: "Started", cell: (process) => formatWhen(process.started_at) },
  {
    id: "memory",
    label: "Memory",
    align: "end",
    cell: (process) => formatBytes(process.memory_bytes),
  },
  {
    id: "rows",
    label: "Rows",
    align: "end",
    cell: ({ rows }) => (rows === null ? NO_VALUE : formatCount(rows)),
  },
  { id: "restarts", label: "Restarts", align: "end", cell: ({ restarts }) => restarts },
];

export function ProcessesTable({ processes }: { readonly processes: readonly Process[] }) {
  return (
    <Table
      caption="Processes of the server"
      columns={PROCESS_COLUMNS}
      rows={processes}
      rowKey={({ pid }) => String(pid)}
    />
  );
}

const FLAG_COLUMNS: readonly Column<Option>[] = [
  { id: "name", label: "Flag", key: ({ name }) => name, cell: ({ name }) => <code>--{name}</code> },
  {
    id: "value",
    label: "Value",
    cell: ({ value }) => (value === "" ? <span class="muted">none</span> : <code>{value}</code>),
  },
  { id: "source", label: "Source", key: ({ source }) => source, cell: ({ source }) => source },
  { id: "default", label: "Default", cell: (option) => option.default || NO_VALUE },
];

export function FlagsTable({ options }: { readonly options: readonly Option[] }) {
  return (
    <Table
      caption="Options with their values"
      columns={FLAG_COLUMNS}
      rows={options.toSorted(
        (a, b) => Number(a.source === "default") - Number(b.source === "default"),
      )}
      rowKey={({ name }) => name}
      rowClass={({ source }) => (source === "default" ? "is-default" : "")}
    />
  );
}
