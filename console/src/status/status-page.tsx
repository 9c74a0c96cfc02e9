import { describeDeliveries, toKind } from "../alerts/receivers-list.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { formatPlural } from "../lib/format.ts";
import { useTick } from "../lib/use-tick.ts";
import { toFragment } from "../shell/location.ts";
import type { PageProps } from "../shell/page-props.ts";
import { useReply } from "../shell/use-reply.ts";
import { HistorySection } from "./history-section.tsx";
import { loadStatus } from "./load-status.ts";
import { Facts, Section, SECTIONS } from "./section.tsx";
import type { StatusData } from "./status-types.ts";
import { FlagsTable, formatWhen, ProcessesTable, RulesTable, TargetsTable } from "./tables.tsx";
import "./status.css";

const REFRESH_MS = 10_000;
const ABSENT = "The server has no built-in monitor, or the key lacks the role metrics.";

/** Targets, rules, receivers, history, processes and configuration, as the Status pages of Prometheus. */
export function StatusPage({ place, api }: PageProps) {
  const [tick] = useTick(REFRESH_MS);
  const { data, problem } = useReply((signal) => loadStatus(api, signal), [api, tick]);
  const selected = place.path[1];
  return (
    <>
      <div class="page-head">
        <h1>Status</h1>
        <nav class="status-links" aria-label="Sections">
          {SECTIONS.map(([id, title]) => (
            <a
              key={id}
              href={toFragment(["status", id])}
              {...(id === selected && { "aria-current": "location" })}
            >
              {title}
            </a>
          ))}
        </nav>
      </div>
      {data !== undefined && problem !== undefined && (
        <Notice tone="bad" title="The status is not current" live>
          {problem}
        </Notice>
      )}
      {data === undefined ? (
        problem === undefined ? (
          <Loading what="Loading the status…" />
        ) : (
          <Empty title="The status cannot be read">{problem}</Empty>
        )
      ) : (
        <Sections data={data} selected={selected} />
      )}
    </>
  );
}

interface Props {
  readonly data: StatusData;
  readonly selected: string | undefined;
}

function Sections({ data, selected }: Props) {
  const { targets, groups, server, monitor, prometheusUrl, yaml } = data;
  const rules = groups?.flatMap((group) => group.rules) ?? [];
  const failing = rules.filter(({ health }) => health === "err").length;
  const down = targets?.filter(({ health }) => health !== "up").length ?? 0;
  return (
    <div class="status">
      {prometheusUrl !== null && (
        <Notice tone="info">
          Targets, rules, history, flags and configuration are those of the Prometheus at{" "}
          {prometheusUrl}.
        </Notice>
      )}
      <Section
        id="targets"
        selected={selected}
        note={targets && `${formatPlural(targets.length, "target")}, ${down} not up`}
      >
        {targets === undefined ? <Absent /> : <TargetsTable targets={targets} />}
      </Section>
      <Section
        id="rules"
        selected={selected}
        note={
          groups &&
          `${formatPlural(rules.length, "rule")} in ${formatPlural(groups.length, "group")}, ${failing} failing`
        }
      >
        {groups === undefined ? <Absent /> : <RulesTable groups={groups} />}
      </Section>
      <Section id="receivers" selected={selected}>
        <Receivers data={data} />
      </Section>
      <Section id="history" selected={selected}>
        <HistorySection data={data} />
      </Section>
      <Section id="processes" selected={selected}>
        {server === undefined ? <Absent /> : <ProcessesTable processes={server.processes} />}
      </Section>
      <Section id="build" selected={selected}>
        <Build data={data} />
      </Section>
      <Section
        id="flags"
        selected={selected}
        note={
          server && `${server.options.filter(({ source }) => source !== "default").length} are set`
        }
      >
        {server === undefined ? <Absent /> : <FlagsTable options={server.options} />}
        {prometheusUrl !== null && data.flags !== undefined && (
          <FlagsTable
            options={Object.entries(data.flags).map(([name, value]) => ({
              name,
              value,
              default: "",
              source: "Prometheus",
            }))}
          />
        )}
      </Section>
      <Section
        id="configuration"
        selected={selected}
        note={monitor && "In the form of Prometheus's configuration, without secrets"}
      >
        {yaml === undefined ? (
          <Absent />
        ) : (
          <pre class="status-yaml" tabIndex={0}>
            {yaml}
          </pre>
        )}
      </Section>
    </div>
  );
}

function Absent() {
  return <p class="muted">{ABSENT}</p>;
}

function Receivers({ data: { monitor, alertmanagers = [] } }: { readonly data: StatusData }) {
  const receivers = monitor?.receivers ?? [];
  if (receivers.length === 0 && alertmanagers.length === 0) {
    return (
      <p class="muted">
        Alerts have no receiver. <code>--alert-webhook</code> and <code>--alertmanager-url</code>{" "}
        add some.
      </p>
    );
  }
  return (
    <>
      <ul class="status-receivers">
        {receivers.map((receiver) => (
          <li key={receiver.id} data-id={receiver.id}>
            <strong>{toKind(receiver)}</strong> <code>{receiver.origin}</code>
            <span class="muted"> {describeDeliveries(receiver)}</span>
          </li>
        ))}
        {receivers.length === 0 &&
          alertmanagers.map((url) => (
            <li key={url}>
              <strong>Alertmanager</strong> <code>{url}</code>
            </li>
          ))}
      </ul>
      {receivers.length > 0 && <a href={toFragment(["alerts"])}>Send a test notification</a>}
    </>
  );
}

function Build({ data: { server, build, runtime, prometheusUrl } }: { readonly data: StatusData }) {
  const facts: (readonly [string, string])[] = [];
  if (server !== undefined) {
    facts.push(
      ["Tepal", server.version],
      ["Commit", server.commit ?? "not known"],
      ["Node.js", server.node],
      ["Platform", server.platform],
    );
  }
  if (build?.["version"] !== undefined) {
    facts.push([
      prometheusUrl === null ? "API and PromQL of Prometheus" : "Prometheus",
      build["version"],
    ]);
  }
  for (const [name, title] of [
    ["startTime", "Monitor started"],
    ["lastConfigTime", "Configuration read"],
    ["storageRetention", "Retention"],
    ["CWD", "Working folder"],
  ] as const) {
    const value = runtime?.[name];
    if (typeof value !== "string" || value === "") continue;
    facts.push([title, name.endsWith("Time") ? formatWhen(value) : value]);
  }
  return facts.length === 0 ? <Absent /> : <Facts facts={facts} />;
}
