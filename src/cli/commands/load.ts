import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { resolveOptions } from "../../config/resolve-options.ts";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { PLAN_FIELDS } from "../../load/contract/plan.ts";
import type { RunReport } from "../../load/contract/report.ts";
import { createLoadTest } from "../../load/coordinator/create-load-test.ts";
import type { HostHeaders } from "../../load/generator/http-options.ts";
import type { LoadTest } from "../../load/load.ts";
import { openRunArchive } from "../../load/page/open-run-archive.ts";
import { renderHtmlReport } from "../../load/reports/html/html-report.ts";
import { CSV_TABLES } from "../../load/reports/locust-csv.ts";
import { formatLine, formatSummary } from "../../load/reports/terminal-table.ts";
import { readVersion } from "../../version.ts";
import { initScript } from "../load/init-script.ts";
import {
  resolveLoadRequest,
  toPlan,
  type LoadOptionValues,
  type LoadRequest,
} from "../load/load-request.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";
import { LOAD_OPTIONS } from "../options/load-options.ts";
import { LOAD_PAGE_OPTIONS } from "../options/load-page-options.ts";
import { PROFILE_OPTIONS } from "../options/profile-options.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { createLiveText } from "../terminal/live-text.ts";
import { print, printError } from "../terminal/print.ts";

export function createLoadCommand(): Command {
  const command = new Command("load")
    .description("Run a load test with virtual users from a script, and report the results")
    .argument("<script>", "TypeScript or JavaScript file, for example examples/iris/loadtest.ts")
    .helpOption("-h, --help", "Print this help");
  for (const options of [LOAD_OPTIONS, PROFILE_OPTIONS, LOAD_PAGE_OPTIONS]) {
    addDeclaredOptions(command, options, { variables: false });
  }
  command
    .option("--threshold <EXPRESSION>", PLAN_FIELDS.thresholds.description, append)
    .option(
      "--header <HEADER>",
      'Header of every request to --host, for example "X-Team: ml"; repeatable',
      append,
    );
  return command.action(async (script: string, flags: Readonly<Record<string, unknown>>) => {
    const request = await resolveLoadRequest(flags);
    const { options, http } = request;
    if (options.init) {
      const { model, rows } = await initScript(script, request, options.model);
      print(`${describeScript(script, model, rows)}
`);
      return;
    }
    const pageOptions = resolveOptions(LOAD_PAGE_OPTIONS, { flags });
    const loadTest = await createLoadTest({
      script,
      http,
      readHeaders: keepHeaders(request),
      toDefaults: (read) => toPlan(request, read, (name) => flags[name] !== undefined),
    });
    try {
      if (!options.headless) {
        // A run without the page does not load the page's modules.
        const { runLoadPage } = await import("../load/run-load-page.ts");
        await runLoadPage(loadTest, pageOptions);
        return;
      }
      const report = await runHeadless(loadTest);
      print(`${formatSummary(report)}
`);
      await writeReports(report, options);
      await archiveRun(report, pageOptions.dataDir);
      process.exitCode = report.verdict?.exit_code ?? 1;
    } finally {
      await loadTest.close();
    }
  });
}

function describeScript(script: string, model: string, rows: number): string {
  const content =
    rows > 1
      ? `${rows} training rows`
      : "one typical row, because the server shows no training rows of numbers. Add rows of yours";
  return `Wrote ${script} for the model ${model}, with ${content}. Run it: tepal load ${script}`;
}

/** Reads the headers again for each run. If the file of the key is invalid by then, the run has the earlier ones. */
function keepHeaders({ http, readHeaders }: LoadRequest): () => Promise<HostHeaders | null> {
  let { headers } = http;
  return async () => {
    try {
      headers = await readHeaders();
    } catch (error) {
      printError(`Cannot read --key-file again, using the earlier key: ${toMessage(error)}\n`);
    }
    return headers;
  };
}

function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Runs the default plan until it ends or is interrupted, and shows its progress. */
async function runHeadless(loadTest: LoadTest): Promise<RunReport> {
  using interrupt = onInterrupt();
  const live = createLiveText();
  const { promise: ended, resolve } = Promise.withResolvers<RunReport>();
  const unsubscribe = loadTest.subscribe((event) => {
    if (event.type === "log") {
      live.print(`${event.line.level}: ${event.line.message}`);
    } else if (event.type === "second") {
      const report = loadTest.report();
      live.show(
        () => formatSummary(report),
        () => formatLine(report),
      );
    } else {
      resolve(event.report);
    }
  });
  try {
    await loadTest.start(loadTest.defaults);
    const stop = (): void => {
      live.print("Stopping… Press Ctrl-C again to exit at once.");
      void loadTest.stop();
    };
    if (interrupt.signal.aborted) stop();
    else interrupt.signal.addEventListener("abort", stop);
    return await ended;
  } finally {
    unsubscribe();
    live.end();
  }
}

async function writeReports(
  report: RunReport,
  { json, csv, html }: LoadOptionValues,
): Promise<void> {
  if (json !== null) await write(json, `${JSON.stringify(report, null, 2)}\n`);
  if (html !== null) await write(html, renderHtmlReport(report, readVersion()));
  if (csv === null) return;
  for (const [table, format] of Object.entries(CSV_TABLES)) {
    await write(`${csv}_${table}.csv`, format(report));
  }
}

/** Adds a run to the archive that the page shows. */
async function archiveRun(report: RunReport, folder: string | null): Promise<void> {
  if (folder === null || report.id === "") return;
  const archive = await openRunArchive(folder, {
    clock: systemClock,
    onWarning: (message) => printError(`${message}\n`),
  });
  await archive.save(report);
}

async function write(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
    printError(`Wrote ${file}\n`);
  } catch (error) {
    throw new TepalError("CANNOT_WRITE", `Cannot write ${file}: ${toMessage(error)}`, {
      cause: error,
    });
  }
}
