import type { RunReport } from "../../../src/load/contract/report.ts";
import type { ScriptDescription } from "../../../src/load/contract/script-description.ts";
import { Empty } from "../components/empty.tsx";
import { formatCount, formatShare } from "../lib/format.ts";
import { toRatios, type ClassRatio } from "./ratios.ts";

interface Props {
  readonly script: ScriptDescription;
  readonly report: RunReport;
  readonly isPast: boolean;
}

/** Share of each task, within its class and in total. */
export function RatioTab({ script, report, isPast }: Props) {
  const ratios = toRatios(script, report.plan);
  if (ratios.length === 0) {
    return <Empty title="No task selected">No class has a task with the selected tags.</Empty>;
  }
  const inTotal = ratios
    .flatMap((group) => group.tasks.map((task) => ({ ...task, group: group.name })))
    .toSorted((a, b) => b.total - a.total);
  return (
    <div class="stack">
      <div class="cards">
        <section class="card">
          <h2>By class</h2>
          <RatioList ratios={ratios} users={report.users_by_class} />
        </section>
        <section class="card">
          <h2>In total</h2>
          <ul class="ratio-tasks">
            {inTotal.map((task) => (
              <Bar
                key={`${task.group} ${task.name}`}
                name={task.name}
                note={ratios.length > 1 ? task.group : undefined}
                share={task.total}
              />
            ))}
          </ul>
        </section>
      </div>
      <p class="field-hint">
        Expected shares, from the weights in the script
        {isPast ? " current script, with the classes and tags of this past run" : ""}.
      </p>
    </div>
  );
}

interface ListProps {
  readonly ratios: readonly ClassRatio[];
  /** Current users by class. */
  readonly users?: Readonly<Record<string, number>>;
}

/** Classes and their tasks. */
export function RatioList({ ratios, users = {} }: ListProps) {
  return (
    <ul class="ratio-classes">
      {ratios.map(({ name, share, tasks }) => (
        <li key={name}>
          <p class="ratio-class">
            <strong>{name}</strong>
            <span class="muted">
              {formatShare(share)} of users
              {users[name] !== undefined && users[name] > 0 && `, ${formatCount(users[name])} now`}
            </span>
          </p>
          <ul class="ratio-tasks">
            {tasks.map((task) => (
              <Bar key={task.name} name={task.name} share={task.share} />
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

interface BarProps {
  readonly name: string;
  readonly note?: string | undefined;
  readonly share: number;
}

function Bar({ name, note, share }: BarProps) {
  return (
    <li class="ratio-task">
      <span class="ratio-name">
        {name}
        {note !== undefined && <span class="muted"> {note}</span>}
      </span>
      <span class="ratio-share">{formatShare(share)}</span>
      <span class="ratio-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </li>
  );
}
