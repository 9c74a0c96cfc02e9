import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { OPTIONS } from "../../src/config/config.ts";
import { toVariableName } from "../../src/config/names.ts";
import { createProgram } from "../../src/cli/program.ts";
import { listCommands } from "./commands.ts";
import type { Page, Part, Problem } from "./page.ts";

/** The flags and variables that exist. */
export interface KnownFlags {
  /** Flags of `tepal` by command (`keys add`); "" has those of all commands. */
  readonly byCommand: ReadonlyMap<string, ReadonlySet<string>>;
  /** In the sources of scripts, benchmarks and npm scripts. */
  readonly ofScripts: ReadonlySet<string>;
  /** The flags in a script of package.json and in the file that it runs, by its name. */
  readonly byScript: ReadonlyMap<string, ReadonlySet<string>>;
  readonly variables: ReadonlySet<string>;
}

/** Flags of other programs that pages name without the program. */
const FLAGS_OF_OTHERS = [
  // Node.js
  "--cpu-prof --heap-growing-percent --max-old-space-size --max-semi-space-size",
  // Docker
  "--cap-drop --init --privileged --profile --publish --read-only",
  // npm
  "--loglevel --workspace",
  // Prometheus
  "--enable-feature --storage.tsdb.retention.time --web.enable-remote-write-receiver",
  "--web.enable-admin-api --web.enable-lifecycle",
  // curl
  "--interface",
  // Locust, where a page compares
  "--class-picker",
  // "A switch is `--name` or `--no-name`."
  "--name --no-name",
].flatMap((line) => line.split(" "));

const FLAG = /^--[a-z][\w.-]*/;

export async function readKnownFlags(root: string): Promise<KnownFlags> {
  const byCommand = new Map<string, Set<string>>();
  const all = new Set<string>(["--help", "--version"]);
  const visit = (command: Command, name: string): void => {
    const flags = new Set(["--help"]);
    for (const { long } of command.options) if (typeof long === "string") flags.add(long);
    for (const flag of flags) all.add(flag);
    byCommand.set(name, flags);
    for (const child of command.commands) visit(child, `${name} ${child.name()}`.trim());
  };
  visit(await createProgram(), "");
  byCommand.set("", all);

  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const manifest: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
  const sources = globSync(["scripts/**/*.ts", "bench/**/*.ts", "test/**/*.ts"], {
    cwd: root,
    // It changes flags by hand.
    exclude: ["test/project/docs.test.ts"],
  });
  const byScript = new Map(
    Object.entries(manifest.scripts).map(([name, command]) => {
      const files = [...command.matchAll(/\b(?:scripts|bench)\/[\w-]+\.ts/g)].map(([file]) => file);
      const folders = files.flatMap((file) =>
        globSync(`${file.replace(/(?:main)?\.ts$/, "")}/**/*.ts`, { cwd: root }),
      );
      return [name, listFlags([command, ...files.concat(folders).map(read)].join("\n"))];
    }),
  );
  const text = [...sources.map(read), ...Object.values(manifest.scripts)].join("\n");
  const settings = globSync(
    ["src/**/*.ts", "compose*.yaml", "Dockerfile", "deploy/**/*.{yml,sh}"],
    {
      cwd: root,
    },
  ).map(read);
  return {
    byCommand,
    byScript,
    ofScripts: listFlags(text),
    variables: new Set([
      ...Object.keys(OPTIONS).map(toVariableName),
      ...Array.from([text, ...settings].join("\n").matchAll(/\bTEPAL_[A-Z_]+/g), ([name]) => name),
    ]),
  };
}

/** Lists flags in sources: in full, or as the names of options of parseArgs. */
function listFlags(source: string): ReadonlySet<string> {
  return new Set([
    ...Array.from(source.matchAll(/--[a-z][\w-]*/g), ([flag]) => flag),
    ...Array.from(
      source.matchAll(/"?([\w-]+)"?: \{ type: "(?:string|boolean)"/g),
      ([, name = ""]) => `--${name}`,
    ),
  ]);
}

/** Checks the flags in commands and in inline code, and the variables TEPAL_…. */
export function checkFlags(page: Page, known: KnownFlags, root: string): Problem[] {
  const shell = page.blocks.filter(({ language }) => language === "sh");
  const parts: Part[] = [
    ...shell.map(({ text, line }) => ({ text, line: line + 1 })),
    ...page.spans.filter(({ text }) => /(?:^|\s)--[a-z]/.test(text)),
  ];
  const flags = parts.flatMap(({ text, line }) =>
    listCommands(text).flatMap((words) =>
      findUnknownFlags(words, known, root).map((message) => ({ path: page.path, line, message })),
    ),
  );
  const texts = [...page.spans, ...page.blocks];
  const variables = texts.flatMap(({ text, line }) =>
    Array.from(text.matchAll(/\bTEPAL_[A-Z_]+\b/g), ([name]) => name)
      .filter((name) => !known.variables.has(name))
      .map((name) => ({ path: page.path, line, message: `Variable ${name} is not declared.` })),
  );
  return [...flags, ...variables];
}

function findUnknownFlags(words: readonly string[], known: KnownFlags, root: string): string[] {
  const flags = words.flatMap((word) => FLAG.exec(word)?.[0] ?? []);
  const { owner, declared } = findOwner(words, known, root);
  if (declared === undefined) return [];
  return flags
    .filter((flag) => !declared.has(flag))
    .map((flag) => `Flag ${flag} is not an option of ${owner}.`);
}

interface Owner {
  readonly owner: string;
  /** Undefined for a program of others. */
  readonly declared: ReadonlySet<string> | undefined;
}

function findOwner(words: readonly string[], known: KnownFlags, root: string): Owner {
  const [program = "", second = "", third = ""] = words;
  const after = words.slice(words.indexOf("--") + 1);
  if (FLAG.test(program)) {
    const all = [known.byCommand.get("") ?? [], known.ofScripts, FLAGS_OF_OTHERS];
    return { owner: "any command", declared: new Set(all.flatMap((flags) => [...flags])) };
  }
  if (program === "tepal") return ofTepal(words.slice(1), known);
  if (program === "npm" && (second === "start" || third === "demo")) return ofTepal(["up"], known);
  if (program === "npm" && second === "run" && third === "tepal") return ofTepal(after, known);
  if (program === "npm" && second === "run") {
    const declared = known.byScript.get(third);
    // A script of a workspace is not in package.json.
    const isOwn = !words.includes("--workspace");
    return { owner: `npm run ${third}`, declared: isOwn ? (declared ?? new Set()) : undefined };
  }
  const script = words.find((word) => /^(?:scripts|bench)\/[\w-]+\.ts$/.test(word));
  if (script !== undefined && existsSync(join(root, script))) {
    const folder = globSync(`${script.replace(".ts", "")}/**/*.ts`, { cwd: root });
    const sources = [script, ...folder].map((file) => readFileSync(join(root, file), "utf8"));
    return { owner: script, declared: listFlags(sources.join("\n")) };
  }
  return { owner: program, declared: undefined };
}

function ofTepal(words: readonly string[], known: KnownFlags): Owner {
  const [first = "", second = ""] = words;
  const name = [`${first} ${second}`, first, ""].find((one) => known.byCommand.has(one)) ?? "";
  return { owner: `tepal ${name}`.trim(), declared: known.byCommand.get(name) };
}
