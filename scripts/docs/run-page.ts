import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { toMessage } from "../../src/kernel/errors.ts";
import { compareJson, findPointer, formatJson, parseJson, updateJson } from "./compare-json.ts";
import { compareText, formatLike, isNear, parseTolerance } from "./compare-text.ts";
import type { Edit } from "./edit.ts";
import type { Block, Page, Problem, Value } from "./page.ts";
import { createPageFolder, type PageFolder } from "./page-folder.ts";
import { normalizeOutput, toExpectedOutput } from "./programs.ts";
import type { Ports } from "./ports.ts";
import { formatSamples, queryInstant } from "./query.ts";

export interface PageRun {
  readonly problems: readonly Problem[];
  /** Rewrite replies and values that are out of date. */
  readonly edits: readonly Edit[];
  /** Blocks that ran. */
  readonly ran: number;
}

/** A query finds its samples, and a command with `wait` its reply, within this time. */
const WAIT_MS = 60_000;

/** Commands that start the server or send it requests; others, for example those that train, run without it. */
const NEEDS_SERVER =
  /:(?:8000|8089)\b|npm (?:start|run demo)\b|examples\/tutorial\/|tepal -- load\b/;

/** The outcome of comparing an output with what the page shows. */
interface Comparison {
  readonly difference: string;
  /** The content that the page should have; undefined if it has parts that are left out. */
  readonly update: string | undefined;
}

/** True if a page has blocks that run on a server. */
export function isRunnable({ blocks, values }: Page): boolean {
  return values.some(isComputed) || blocks.some((block) => isCommand(block) && !isLeftOut(block));
}

/** True for a value of the run; others are from bench/results/. */
function isComputed({ attributes }: Value): boolean {
  return !attributes.has("bench");
}

function isCommand(block: Block): boolean {
  return /^(?:sh|http|promql)$/.test(block.language) || isProgramOfPage(block);
}

/** True for a program that sends requests to the page's server. */
export function isProgramOfPage({ language, text, attributes }: Block): boolean {
  return language === "ts" && /:(?:8000|8089)\b/.test(text) && !attributes.has("file");
}

function isLeftOut({ attributes }: Block): boolean {
  return ["not-run", "not-checked", "full-stack"].some((name) => attributes.has(name));
}

function isReply({ language, attributes, isAdjacent }: Block): boolean {
  return (isAdjacent || attributes.has("reply")) && /^(?:json|csv|text)$/.test(language);
}

/** Runs the blocks of a page in order in a folder of its own, on a server of its own, and compares the replies. */
export async function runPage(page: Page, root: string, ports: Ports): Promise<PageRun> {
  const items = [...page.blocks, ...page.values.filter(isComputed)].toSorted(
    (a, b) => a.start - b.start,
  );
  const problems: Problem[] = [];
  const edits: Edit[] = [];
  await using folder = await createPageFolder(root, ports);
  const runner = createRunner(folder, ports);
  let output: string | undefined;
  let ran = 0;
  for (const [index, item] of items.entries()) {
    const fail = (message: string): number =>
      problems.push({ path: page.path, line: item.line, message });
    try {
      if (item.kind === "value") {
        ran += 1;
        const { difference, update } = (await runner.compute(item, output)) ?? {};
        if (difference !== undefined) fail(difference);
        if (update !== undefined)
          edits.push({ line: item.line, start: item.start, end: item.end, text: update });
        continue;
      }
      const file = item.attributes.get("file");
      if (file !== undefined) await folder.write(file, ports.map(item.text));
      if (!isCommand(item)) continue;
      if (isLeftOut(item)) {
        output = undefined;
        continue;
      }
      ran += 1;
      const next = items[index + 1];
      const reply = next?.kind === "block" && isReply(next) ? next : undefined;
      const result = await runner.run(item, reply);
      output = result.output;
      if (result.comparison === undefined || reply === undefined) continue;
      const { difference, update } = result.comparison;
      problems.push({ path: page.path, line: reply.line, message: `Reply: ${difference}` });
      if (update === undefined) continue;
      const text = update.replaceAll(/^(?=.)/gm, reply.indent);
      edits.push({ line: reply.line, start: reply.start, end: reply.end, text });
    } catch (error) {
      output = undefined;
      fail(toMessage(error));
    }
  }
  return { problems, edits, ran };
}

function createRunner(folder: PageFolder, ports: Ports) {
  const url = `http://127.0.0.1:${ports.get(8000)}`;
  let isStarted = false;

  /** Starts the server before the first block that needs it, unless the page starts it itself. */
  async function prepare(text: string): Promise<void> {
    const startsItself = /\bnpm (?:start|run demo)\b/.test(text);
    if (!isStarted && !startsItself) {
      const { code, stderr } = await folder.run("npm start");
      if (code !== 0) throw new Error(`The server does not start: ${stderr}`);
    }
    isStarted = true;
  }

  async function runOnce(block: Block): Promise<string> {
    const text = ports.map(block.text);
    if (block.language === "sh") return ports.unmap(await runShell(block, text));
    if (block.language === "ts") return ports.unmap(await runProgram(block, text));
    if (block.language === "http") return ports.unmap(await sendRequest(block, text, url));
    const samples = await queryInstant(`${url}/prometheus`, text.trim());
    return `${formatSamples(samples)}\n`;
  }

  async function runProgram({ line }: Block, text: string): Promise<string> {
    const file = `block-${line}.ts`;
    await folder.write(file, text);
    const { code, stdout, stderr } = await folder.run(`node ${file}`);
    if (code !== 0) throw new Error(`The program ends with ${code}: ${stderr.trim()}`);
    if (toExpectedOutput(text).test(normalizeOutput(stdout))) return stdout;
    throw new Error(`The program prints ${stdout.trim()}, not what its comments state.`);
  }

  async function runShell({ attributes }: Block, text: string): Promise<string> {
    const ready = attributes.get("background");
    if (ready !== undefined) {
      await folder.start(text, ports.map(ready));
      return "";
    }
    const expected = Number(attributes.get("exit") ?? 0);
    const { code, stdout, stderr } = await folder.run(text);
    if (code !== expected) {
      throw new Error(`Exit code ${code}, expected ${expected}:\n${(stderr + stdout).trim()}`);
    }
    return stdout;
  }

  return {
    /** Runs a block. A query, and a command with `wait`, is repeated until its reply is as shown. */
    async run(block: Block, reply: Block | undefined) {
      if (block.language !== "sh" || NEEDS_SERVER.test(block.text)) await prepare(block.text);
      const isQuery = block.language === "promql";
      const mayWait = isQuery || block.attributes.has("wait");
      const deadline = performance.now() + (mayWait ? WAIT_MS : 0);
      for (;;) {
        const output = await runOnce(block);
        const comparison = reply === undefined ? undefined : compare(reply, output);
        const isEmpty = isQuery && !block.attributes.has("empty") && output.trim() === "";
        if (comparison === undefined && !isEmpty) return { output, comparison };
        if (performance.now() < deadline) await sleep(250);
        else if (comparison === undefined) throw new Error("The query returns nothing.");
        else return { output, comparison };
      }
    },
    /** Computes a value; returns the difference from the one shown. */
    async compute(value: Value, output: string | undefined): Promise<Comparison | undefined> {
      const pointer = value.attributes.get("reply");
      await prepare("");
      if (pointer !== undefined) {
        const document = (await fetchDocument(value, url)) ?? output;
        if (document === undefined) throw new Error("There is no reply above this value.");
        return compareValue(value, findPointer(parseJson(document), pointer));
      }
      const query = value.attributes.get("promql") ?? "";
      const deadline = performance.now() + WAIT_MS;
      for (;;) {
        const [sample] = await queryInstant(`${url}/prometheus`, query);
        const comparison = compareValue(value, sample?.value);
        if (comparison === undefined || performance.now() > deadline) return comparison;
        await sleep(250);
      }
    },
  };
}

/** Sends the request of a value: GET of a path, or a prediction of a row. Undefined if it has none. */
async function fetchDocument({ attributes }: Value, url: string): Promise<string | undefined> {
  const path = attributes.get("get");
  if (path !== undefined) return (await request(`${url}${path}`)).body.text();
  const row = attributes.get("row");
  if (row === undefined) return undefined;
  const { body } = await request(`${url}/predict/batch`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ instances: [row.split(/[\s,]+/).map(Number)] }),
  });
  const text = await body.text();
  return JSON.stringify(findPointer(parseJson(text), "/predictions/0") ?? text);
}

/** Compares a shown number with the computed one, in as many digits as are shown. */
function compareValue({ text, attributes }: Value, actual: unknown): Comparison | undefined {
  if (typeof actual !== "number") {
    return typeof actual === "string" && actual === text
      ? undefined
      : { difference: `Value ${text}: the run has ${JSON.stringify(actual)}.`, update: undefined };
  }
  const computed = actual * Number(attributes.get("scale") ?? 1);
  const update = formatLike(text, computed);
  const shown = Number(text.replaceAll(",", ""));
  if (update === text || isNear(shown, computed, parseTolerance(attributes.get("tolerance"))))
    return;
  return { difference: `Value ${text}: the run has ${update}.`, update };
}

/** Compares an output with the block below its command. */
export function compare(reply: Block, output: string): Comparison | undefined {
  const tolerance = parseTolerance(reply.attributes.get("tolerance"));
  const any = new Set((reply.attributes.get("any") ?? "").split(/[\s,]+/).filter(Boolean));
  if (reply.language !== "json") {
    const shown = [...any].reduce((text, part) => text.replaceAll(part, "…"), reply.text);
    const difference = compareText(shown, output, tolerance);
    if (difference === undefined) return undefined;
    const isWhole = !shown.includes("…");
    return { difference, update: isWhole ? `${output.trimEnd()}\n` : undefined };
  }
  const [shown, actual] = [parseDocument(reply.text), parseDocument(output)];
  const [difference] = compareJson(shown, actual, { any, tolerance });
  if (difference === undefined) return undefined;
  const updated = updateJson(shown, actual, { any, tolerance });
  const width = reply.text.trim().includes("\n") ? 110 : Infinity;
  const update = width === Infinity ? JSON.stringify(updated) : formatJson(updated);
  return { difference, update: `${update}\n` };
}

/** Parses JSON, or lines of NDJSON as an array. */
function parseDocument(text: string) {
  try {
    return parseJson(text);
  } catch (error) {
    const lines = text.trim().split("\n");
    if (lines.length < 2 || !lines.every((line) => line.startsWith("{"))) {
      throw new Error(`Expected JSON, got ${text.slice(0, 200)}`, { cause: error });
    }
    return lines.map(parseJson);
  }
}

/** Sends a request line, headers and a body. */
async function sendRequest({ attributes }: Block, text: string, url: string): Promise<string> {
  const [head = "", ...rest] = text.split(/\n\s*\n/);
  const [first = "", ...lines] = head.trim().split("\n");
  const [, method = "GET", target = "/"] = /^([A-Z]+) (\S+)/.exec(first) ?? [];
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  delete headers["host"];
  const body = rest.join("\n\n").trim();
  const reply = await request(target.startsWith("/") ? `${url}${target}` : target, {
    method,
    headers,
    body: body === "" ? null : body,
  });
  const answer = await reply.body.text();
  const expected = attributes.get("status");
  const isExpected =
    expected === undefined ? reply.statusCode < 300 : reply.statusCode === Number(expected);
  if (!isExpected) {
    throw new Error(`Status ${reply.statusCode}, expected ${expected ?? "2xx"}: ${answer}`);
  }
  return answer;
}
