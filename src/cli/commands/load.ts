import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { resolveOptions } from "../../config/resolve-options.ts";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createLoadTest } from "../../load/coordinator/create-load-test.ts";
import { formatLine, formatSummary } from "../../load/reports/terminal-table.ts";
import { renderHtmlReport } from "../../load/reports/html/html-report.ts";
import { CSV_TABLES } from "../../load/reports/locust-csv.ts";
import type { LoadTest } from "../../load/load.ts";
import { openRunHistory } from "../../load/page/run-archive.ts";
import type { RunPlan } from "../../load/contract/plan.ts";
import type { RunReport } from "../../load/contract/report.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { createLiveText } from "../terminal/live-text.ts";
import { LOAD_OPTIONS } from "../options/load-options.ts";
import { LOAD_PAGE_OPTIONS } from "../options/load-page-options.ts";
import { resolveLoadRequest, toPlan, type LoadOptionValues } from "../load/load-request.ts";
import { readVersion } from "../../version.ts";

export function createLoadCommand(): Command {
  const command = new Command("load")
    .description(
      "Puts a server under the load of a script's virtual users, and measures how it does",
    )
    .argument(
      "<script>",
      "TypeScript or JavaScript file with the users, such as examples/iris/loadtest.ts",
    )
    .helpOption("-h, --help", "print this help");
  addDeclaredOptions(command, LOAD_OPTIONS, { variables: false });
  addDeclaredOptions(command, LOAD_PAGE_OPTIONS, { variables: false });
  command
    .option(
      "--threshold <EXPRESSION>",
      "What must hold, as predict:p(95)<50 (milliseconds), failures<0.01 or rps>100; may be given several times",
      collect,
      [],
    )
    .option(
      "--header <HEADER>",
      'Sent with each request, as "Name: value"; may be given several times',
      collect,
      [],
    );
  return command.action(async (script: string, flags: Readonly<Record<string, unknown>>) => {
    const request = await resolveLoadRequest(flags);
    const { options, http } = request;
    const pageOptions = resolveOptions(LOAD_PAGE_OPTIONS, { flags });
    const loadTest = await createLoadTest({ script, generators: options.workers, http });
    try {
      const plan = toPlan(request, loadTest.script, (name) => flags[name] !== undefined);
      if (!options.headless) {
        // A run without the page has nothing of it on its way.
        const { runLoadPage } = await import("../load/run-load-page.ts");
        await runLoadPage(loadTest, plan, pageOptions);
        return;
      }
      const report = await runHeadless(loadTest, plan);
      process.stdout.write(`${formatSummary(report)}\n`);
      await saveReport(report, options);
      await keepReport(report, pageOptions.dataDir);
      process.exitCode = report.verdict?.exit_code ?? 1;
    } finally {
      await loadTest.close();
    }
  });
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

/** Runs a plan until it is over or interrupted, and shows meanwhile how it goes. */
async function runHeadless(loadTest: LoadTest, plan: RunPlan): Promise<RunReport> {
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
    await loadTest.start(plan);
    const stop = (): void => {
      live.print("Stopping; Ctrl-C again ends it at once");
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

async function saveReport(report: RunReport, { json, csv, html }: LoadOptionValues): Promise<void> {
  if (json !== null) await save(json, `${JSON.stringify(report, null, 2)}\n`);
  if (html !== null) await save(html, renderHtmlReport(report, readVersion()));
  if (csv === null) return;
  for (const [table, format] of Object.entries(CSV_TABLES)) {
    await save(`${csv}_${table}.csv`, format(report));
  }
}

/** Where the page finds it. */
async function keepReport(report: RunReport, folder: string | null): Promise<void> {
  if (folder === null || report.id === "") return;
  const history = await openRunHistory(folder, {
    clock: systemClock,
    onWarning: (message) => process.stderr.write(`${message}\n`),
  });
  await history.save(report);
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
    process.stderr.write(`Wrote ${file}\n`);
  } catch (error) {
    throw new TepalError("CANNOT_WRITE", `${file} cannot be written: ${toMessage(error)}`, {
      cause: error,
    });
  }
}
