import type { RunReport } from "../../../src/load/contract/report.ts";
import { Empty } from "../components/empty.tsx";
import { formatCount } from "../lib/format.ts";

/** Errors that the script threw. */
export function ExceptionsTab({ report: { exceptions } }: { readonly report: RunReport }) {
  if (exceptions.length === 0) {
    return (
      <Empty title="No exceptions">
        Errors in the script itself are listed here; failed requests are under Failures.
      </Empty>
    );
  }
  return (
    <ul class="stack-small">
      {exceptions.map(({ message, traceback, count, generators }) => (
        <li key={`${message}${traceback}`} class="card exception">
          <div class="exception-head">
            <h2>{message}</h2>
            <span class="pill is-bad">{formatCount(count)} times</span>
          </div>
          <p class="muted">{generators.join(", ")}</p>
          <details>
            <summary>Thrown at</summary>
            <pre tabIndex={0}>{traceback}</pre>
          </details>
        </li>
      ))}
    </ul>
  );
}
