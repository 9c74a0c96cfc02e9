import { MODULES, OUTSIDERS, type Module } from "../../modules.ts";

const NAME_WIDTH = 16;
const ABOUT_WIDTH = 86;

/** Returns the tree of modules for docs/architecture.md, in a code fence. */
export function renderTree(): string {
  const lines = ["src/"];
  for (const [name, module] of Object.entries<Module>(MODULES)) {
    const imports = module.imports.length === 0 ? "" : ` → ${findDirect(module).join(", ")}`;
    const label = name.endsWith(".ts") ? name : `${name}/`;
    lines.push(toLine(1, label, module.about, `${module.level}${imports}`));
    lines.push(...toFolderLines(2, module.folders));
  }
  lines.push(toLine(0, "modules.ts", "generates the lint rules and this tree", ""));
  for (const [name, { about, folders, imports }] of Object.entries(OUTSIDERS)) {
    lines.push(toLine(0, `${name}/`, about, `→ ${imports.join(", ")}`));
    lines.push(...toFolderLines(1, folders));
  }
  lines.push(
    toLine(0, "deploy/", "what Prometheus, Alertmanager and Grafana read; generated in part", ""),
  );
  lines.push(
    toLine(
      0,
      "wasm/",
      "loops of model/executor/ and guard/ in AssemblyScript, compiled into both",
      "",
    ),
  );
  lines.push("bench/  docs/  examples/  scripts/  test/");
  return ["```text", ...lines, "```"].join("\n");
}

/** Returns the imports of a module without those that it has through another one. */
function findDirect({ imports }: Module): readonly string[] {
  const indirect = new Set(imports.flatMap((name) => MODULES[name].imports));
  return imports.filter((name) => !indirect.has(name));
}

function toFolderLines(
  depth: number,
  folders: Readonly<Record<string, string>> = {},
): readonly string[] {
  return Object.entries(folders).map(([name, about]) => toLine(depth, `${name}/`, about, ""));
}

function toLine(depth: number, name: string, about: string, end: string): string {
  const indent = "  ".repeat(depth);
  return `${`${indent}${name}`.padEnd(NAME_WIDTH + 2)}${about.padEnd(ABOUT_WIDTH)}${end}`.trimEnd();
}
