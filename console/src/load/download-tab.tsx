import type { RunReport } from "../../../src/load/contract/report.ts";
import { useState } from "preact/hooks";
import { Button, buttonClass } from "../components/button.tsx";
import { Empty } from "../components/empty.tsx";
import { DownloadIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { ApiError } from "../lib/api.ts";
import { saveFile } from "./save-file.ts";
import { useSurroundings } from "./surroundings.ts";

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
  const { api, linkBase } = useSurroundings();
  const [problem, setProblem] = useState<string | null>(null);
  if (report.id === "") {
    return <Empty title="No run yet">After the first run, its reports are available here.</Empty>;
  }
  const base = `api/load/runs/${encodeURIComponent(source)}`;

  async function save(file: string) {
    setProblem(null);
    try {
      await saveFile(api, `${base}/${file}?download`, file);
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
  }

  const list = (
    <ul class="cards downloads">
      {FILES.map(([file, title, text]) => (
        <li key={file} class="card download">
          <div>
            <h2>{title}</h2>
            <p class="muted">{text}</p>
          </div>
          <div class="download-actions">
            {linkBase === undefined ? (
              <Button small onClick={() => void save(file)}>
                <DownloadIcon /> {file}
              </Button>
            ) : (
              <a
                class={buttonClass("plain", true)}
                href={`${linkBase}${base}/${file}?download`}
                download
              >
                <DownloadIcon /> {file}
              </a>
            )}
            {file === "report.html" && linkBase !== undefined && (
              <a
                class={buttonClass("quiet", true)}
                href={`${linkBase}${base}/${file}`}
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
  return problem === null ? (
    list
  ) : (
    <div class="stack-small">
      <Notice tone="bad" title="The file was not downloaded" live>
        {problem}
      </Notice>
      {list}
    </div>
  );
}
