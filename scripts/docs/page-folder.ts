import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync } from "node:fs";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createFolder } from "../../test/support/folders.ts";
import type { Ports } from "./ports.ts";
import { signalGroup, stopGroup } from "./process-group.ts";

const SHIMS = fileURLToPath(new URL("shims", import.meta.url));
/** Copied, since commands may write there. */
const COPIED = new Set(["deploy", "examples", "compose.yaml", "compose.tls.yaml"]);
/** Folders of a server, which a reader's empty folder does not have. */
const LEFT_OUT = new Set([".git", ".tepal", "models", "secrets"]);
/** A command that has not ended by then fails. */
const TIMEOUT_MS = 180_000;

/** An ended command. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder of a page, with the programs that its commands start. Its disposal stops them. */
export interface PageFolder extends AsyncDisposable {
  /** Runs shell text; variables remain for the next one. */
  run(text: string): Promise<Ended>;
  /** Starts shell text that continues to run, and waits until a program listens at `host:port`. */
  start(text: string, ready: string): Promise<void>;
  write(path: string, text: string): Promise<void>;
}

export async function createPageFolder(root: string, ports: Ports): Promise<PageFolder> {
  const temporary = await createFolder();
  const [folder, state] = [join(temporary.path, "page"), join(temporary.path, "state")];
  await Promise.all([folder, state].map((path) => mkdir(path)));
  for (const name of await readdir(root)) {
    if (LEFT_OUT.has(name)) continue;
    const [from, to] = [join(root, name), join(folder, name)];
    await (COPIED.has(name) ? cp(from, to, { recursive: true }) : symlink(from, to));
  }
  for (const name of globSync("examples/**/*.{ts,sh,json,yml,yaml}", { cwd: folder })) {
    const text = await readFile(join(folder, name), "utf8");
    const mapped = ports.map(text);
    if (mapped !== text) await writeFile(join(folder, name), mapped);
  }
  const variables = join(state, "variables.sh");
  await writeFile(variables, "");
  const env = {
    PATH: `${SHIMS}:${join(root, "node_modules/.bin")}:${process.env["PATH"]}`,
    HOME: state,
    LANG: "C.UTF-8",
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
    DOCS_ROOT: root,
    DOCS_STATE: state,
    DOCS_PORT: String(ports.get(8000)),
    DOCS_LOAD_PORT: String(ports.get(8089)),
  };
  const groups = new Set<number>();
  const listGroups = (): readonly number[] => {
    const pid = join(state, "server.pid");
    return existsSync(pid) ? [...groups, Number(readFileSync(pid, "utf8"))] : [...groups];
  };
  const stopAll = (): void => {
    for (const group of listGroups()) signalGroup(group, "SIGTERM");
  };
  process.once("exit", stopAll);

  // Detached, a shell leads a group of processes, which contains all programs that it starts.
  const spawnShell = (text: string) => {
    const child = spawn("sh", ["-c", text], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const group = child.pid!;
    groups.add(group);
    return { child, group };
  };

  return {
    async run(text) {
      const { child, group } = spawnShell(
        `. ${variables}\ntrap 'export -p > ${variables}' EXIT\nset -ea\n${text}`,
      );
      let [stdout, stderr] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
      const timer = setTimeout(() => void stopGroup(group), TIMEOUT_MS);
      await once(child, "close");
      clearTimeout(timer);
      groups.delete(group);
      return { code: child.exitCode, stdout, stderr };
    },
    async start(text, ready) {
      const { child } = spawnShell(`. ${variables}\n${text}`);
      let log = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (chunk: string) => (log += chunk));
      }
      const deadline = performance.now() + TIMEOUT_MS;
      while (!(await answers(ready))) {
        if (child.exitCode !== null) throw new Error(`The command ended: ${log}`);
        if (performance.now() > deadline) throw new Error(`${ready} does not answer: ${log}`);
        await sleep(50);
      }
    },
    async write(path, text) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    async [Symbol.asyncDispose]() {
      process.off("exit", stopAll);
      await Promise.all(listGroups().map((group) => stopGroup(group)));
      await temporary[Symbol.asyncDispose]();
    },
  };
}

/** True if a program listens at `host:port`. */
async function answers(address: string): Promise<boolean> {
  const [host, port] = address.split(":");
  const socket = connect(Number(port), host);
  const isOpen = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}
