import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = join(import.meta.dirname, "../..");
const START_SECONDS = 60;
/** The options that page 2.9 starts the server with, and that later pages need. */
const OPTIONS = [
  "--config=examples/tutorial/tepal.json",
  "--load-script=examples/tutorial/load.ts",
];
const WITH_OPTIONS = /^hands-on\/(?:09|1\d)-/;
const WITH_RECEIVER = /^hands-on\/11-/;

/** A learner's machine: the server, a terminal and an editor. Disposing ends all programs. */
export interface Learner extends AsyncDisposable {
  readonly url: string;
  /** Starts what the page assumes and no step of it does. */
  prepare(path: string): Promise<void>;
  /** Does a step that the console cannot do. @returns its label */
  performInTerminal(id: string): Promise<string>;
}

/** Starts a server of a folder of its own, as `npm start` does in a new clone. */
export async function startLearner(port: number): Promise<Learner> {
  const loadPort = port === 8_000 ? 8_089 : port + 1;
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), "tepal-learner-"));
  for (const name of ["examples", "deploy"]) await symlink(join(ROOT, name), join(folder, name));
  const dashboards = join(folder, "my-dashboards");
  const mine = join(dashboards, "mine.json");
  let server = await startServer([]);
  let hasOptions = false;
  let receiver: ChildProcess | undefined;

  async function startServer(options: readonly string[]): Promise<ChildProcess> {
    const words = ["up", `--port=${port}`, `--load-port=${loadPort}`, ...options];
    const started = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), ...words], {
      cwd: folder,
      stdio: "ignore",
    });
    await waitForPage(url, started);
    await waitForPage(`http://127.0.0.1:${loadPort}`, started);
    return started;
  }

  async function restart(): Promise<void> {
    await mkdir(dashboards, { recursive: true });
    await stop(server);
    server = await startServer(OPTIONS);
    hasOptions = true;
  }

  const copyDashboard = async (name: string): Promise<void> => {
    await mkdir(dashboards, { recursive: true });
    const source = join(ROOT, "examples/tutorial/dashboards/mean-and-median.json");
    await copyFile(source, join(dashboards, name));
  };

  async function edit(change: (text: string) => string): Promise<void> {
    await writeFile(mine, change(await readFile(mine, "utf8")));
  }

  const performances: Readonly<Record<string, () => Promise<void>>> = {
    "09-dashboards/restart": restart,
    "09-dashboards/import": () => copyDashboard("mine.json"),
    "09-dashboards/edit": () =>
      edit((text) => text.replace('"title": "Mean and median"', '"title": "My dashboard"')),
    "10-mean-and-median/file": () => copyDashboard("mean-and-median.json"),
    "14-cpu/panel": () => edit(addCpuPanel),
  };

  return {
    url,
    async prepare(path) {
      const isRestarted = path.startsWith("hands-on/09-");
      if (WITH_OPTIONS.test(path) && !isRestarted && !hasOptions) {
        await restart();
        await copyDashboard("mine.json");
      }
      if (WITH_RECEIVER.test(path)) {
        receiver ??= spawn(process.execPath, ["examples/tutorial/listener.ts"], {
          cwd: folder,
          stdio: "ignore",
        });
      }
    },
    async performInTerminal(id) {
      const perform = performances[id];
      if (perform === undefined) throw new Error(`${id} has neither an action nor a performance.`);
      await perform();
      return "outside of the browser";
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([stop(server), receiver === undefined ? undefined : stop(receiver)]);
      await rm(folder, { recursive: true });
    },
  };
}

async function waitForPage(url: string, program: ChildProcess): Promise<void> {
  const end = performance.now() + START_SECONDS * 1_000;
  while (performance.now() < end) {
    if (program.exitCode !== null) throw new Error(`tepal up ended: is ${url} free?`);
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(200);
  }
  throw new Error(`${url} did not respond within ${START_SECONDS} s.`);
}

async function stop(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, "exit");
  program.kill("SIGTERM");
  await ended;
}

/** Adds a panel to a dashboard as page 2.14 describes. */
function addCpuPanel(text: string): string {
  const dashboard = JSON.parse(text) as { readonly panels: readonly Record<string, unknown>[] };
  const panel = {
    ...dashboard.panels.at(-1),
    id: 5,
    title: "CPU of the server",
    gridPos: { x: 0, y: 20, w: 24, h: 8 },
    targets: [{ refId: "A", expr: "rate(process_cpu_seconds_total[1m])" }],
  };
  return JSON.stringify({ ...dashboard, panels: [...dashboard.panels, panel] }, null, 2);
}
