import type { RunReport } from "../../../src/load/contract/report.ts";
import { buttonClass } from "../components/button.tsx";
import { Empty } from "../components/empty.tsx";
import { DownloadIcon } from "../components/icons.tsx";

/** [file, title, description] */
const FILES = [
  ["report.html", "Report", "All statistics and charts in one file, to read and to share"],
  ["report.json", "Report as JSON", "The whole report, as tepal load --json writes it"],
  ["requests.csv", "Statistics as CSV", "A line for each endpoint, and a total"],
  ["history.csv", "Seconds as CSV", "A line for each second of the run"],
  ["failures.csv", "Failures as CSV", "A line for each kind of failure at each endpoint"],
  ["exceptions.csv", "Exceptions as CSV", "Errors that the script threw"],
] as const;

interface Props {
  readonly report: RunReport;
  readonly source: string;
}

/** Downloads of the run. */
export function DownloadTab({ report, source }: Props) {
  if (report.id === "") {
    return <Empty title="No run yet">After the first run, its reports are available here.</Empty>;
  }
  const base = `api/load/runs/${encodeURIComponent(source)}`;
  return (
    <ul class="cards downloads">
      {FILES.map(([file, title, text]) => (
        <li key={file} class="card download">
          <div>
            <h2>{title}</h2>
            <p class="muted">{text}</p>
          </div>
          <div class="download-actions">
            <a class={buttonClass("plain", true)} href={`${base}/${file}?download`} download>
              <DownloadIcon /> {file}
            </a>
            {file === "report.html" && (
              <a
                class={buttonClass("quiet", true)}
                href={`${base}/${file}`}
                target="_blank"
                rel="noreferrer"
              >
                Open
              </a>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
