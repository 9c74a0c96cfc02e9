import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createLoadTest } from "../../load/coordinator/create-load-test.ts";
import { formatLine, formatSummary } from "../../load/formats/terminal-table.ts";
import type { LoadTest } from "../../load/load.ts";
import type { RunPlan } from "../../load/plan.ts";
import type { RunReport } from "../../load/report.ts";
import { addDeclaredOptions } from "../declared-options.ts";
import { onInterrupt } from "../interrupt.ts";
import { createLiveText } from "../live-text.ts";
import { LOAD_OPTIONS } from "../load-options.ts";
import { resolveLoadRequest, toPlan, type LoadOptionValues } from "../load-request.ts";

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
    if (!options.headless) {
      throw new TepalError("INVALID_OPTION", "Only --headless is there yet");
    }
    const loadTest = await createLoadTest({ script, generators: options.workers, http });
    try {
      const plan = toPlan(request, loadTest.script, (name) => flags[name] !== undefined);
      const report = await runHeadless(loadTest, plan);
      process.stdout.write(`${formatSummary(report)}\n`);
      await saveReport(report, options);
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
    const stop = (): void => void loadTest.stop();
    if (interrupt.signal.aborted) stop();
    else interrupt.signal.addEventListener("abort", stop);
    return await ended;
  } finally {
    unsubscribe();
    live.end();
  }
}

async function saveReport(report: RunReport, { json }: LoadOptionValues): Promise<void> {
  if (json !== null) await save(json, `${JSON.stringify(report, null, 2)}\n`);
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
