import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startUp, stopProgram, type RunningServer } from "../servers/start-up.ts";

const ROOT = join(import.meta.dirname, "../..");
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
  let server = await startServer([]).catch(async (error: unknown) => {
    await rm(folder, { recursive: true });
    throw error;
  });
  let hasOptions = false;
  let receiver: ChildProcess | undefined;

  async function startServer(options: readonly string[]): Promise<RunningServer> {
    return startUp(folder, { port, loadPort }, options);
  }

  async function restart(): Promise<void> {
    await mkdir(dashboards, { recursive: true });
    await server[Symbol.asyncDispose]();
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
        receiver ??= await startReceiver(folder);
      }
    },
    async performInTerminal(id) {
      const perform = performances[id];
      if (perform === undefined) throw new Error(`${id} has neither an action nor a performance.`);
      await perform();
      return "outside of the browser";
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([
        server[Symbol.asyncDispose](),
        receiver === undefined ? undefined : stopProgram(receiver),
      ]);
      await rm(folder, { recursive: true });
    },
  };
}

/** Starts the receiver of alerts of page 2.11. @throws Error if it ends, for example since its port is in use */
async function startReceiver(folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["examples/tutorial/listener.ts"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // It prints once it listens.
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  if (child.exitCode !== null) throw new Error("The receiver of alerts has ended.");
  child.stdout.resume();
  return child;
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
