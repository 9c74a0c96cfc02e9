import { useState } from "preact/hooks";
import { Empty, Loading } from "../components/empty.tsx";
import { TextField } from "../components/field.tsx";
import { Notice } from "../components/notice.tsx";
import type { Client } from "../prometheus/client.ts";
import { toFragment } from "../shell/location.ts";
import { useReply } from "../shell/use-reply.ts";
import { listDashboards, type DashboardSummary } from "./list-dashboards.ts";

/** With fewer dashboards, all are in view. */
const SEARCH_FROM = 10;

/** All dashboards of the server. */
export function DashboardList({ client }: { readonly client: Client }) {
  const { data, problem } = useReply((signal) => listDashboards(client, signal), [client]);
  const [words, setWords] = useState("");
  if (problem !== undefined) return <Empty title="Cannot list the dashboards">{problem}</Empty>;
  if (data === undefined) return <Loading what="Loading the dashboards…" />;
  const found = data.dashboards.filter((each) => matches(each, words));
  return (
    <>
      <div class="page-head">
        <h1>Dashboards</h1>
        {data.dashboards.length >= SEARCH_FROM && (
          <TextField label="Find" value={words} onInput={setWords} />
        )}
      </div>
      {data.problem !== undefined && (
        <Notice tone="warn" title="Some dashboards are missing">
          {data.problem}
        </Notice>
      )}
      <ul class="dashboard-cards">
        {found.map((each) => (
          <Card key={each.name} dashboard={each} />
        ))}
      </ul>
      {found.length === 0 && <p class="muted">No dashboard has these words.</p>}
      <p class="muted list-note">
        Grafana dashboards as JSON files in the folder of <code>--dashboards</code> appear here.
      </p>
    </>
  );
}

function Card({ dashboard }: { readonly dashboard: DashboardSummary }) {
  const { name, title, description, problem, tags } = dashboard;
  if (problem !== undefined) {
    return (
      <li class="dashboard-card is-broken">
        <h2>{title}</h2>
        <p class="dashboard-card-text">
          <strong>Cannot be drawn.</strong> {problem} Correct the file and reload this page.
        </p>
      </li>
    );
  }
  return (
    <li class="dashboard-card">
      <h2>
        <a class="dashboard-card-link" href={toFragment(["dashboards", name])}>
          {title}
        </a>
      </h2>
      <p class="dashboard-card-text">{description || tags.join(", ")}</p>
    </li>
  );
}

function matches({ title, description, tags }: DashboardSummary, words: string): boolean {
  const text = [title, description, ...tags].join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
