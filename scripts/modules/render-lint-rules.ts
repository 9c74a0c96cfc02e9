import { MODULES, OUTSIDERS, type ModuleName } from "../../modules.ts";

/** Returns the content of .oxlintrc.modules.json: for each module, the imports that it may not have. */
export function renderLintRules(): string {
  const names = Object.keys(MODULES).filter(isModuleName);
  const modules = names.map((name) => {
    const allowed: readonly ModuleName[] = MODULES[name].imports;
    const denied = names.filter((other) => other !== name && !allowed.includes(other));
    const list = allowed.length === 0 ? "no other module" : allowed.join(", ");
    return toOverride(
      isFile(name) ? `src/${name}` : `src/${name}/**/*.ts`,
      denied.flatMap((other) => toPatterns(other)),
      `src/${name} may import only: ${list} (modules.ts)`,
    );
  });
  const outsiders = Object.entries(OUTSIDERS).map(([name, { files, imports }]) =>
    toOverride(
      files,
      ["**/src/**", ...imports.map((path) => `!**/src/${path}`)],
      `${name}/ may import of src/ only: ${imports.join(", ")} (modules.ts)`,
    ),
  );
  return `${JSON.stringify({ overrides: [...modules, ...outsiders] }, null, 2)}\n`;
}

function toOverride(files: string, group: readonly string[], message: string): object {
  return {
    files: [files],
    rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
  };
}

/** Returns the import specifiers of a module, seen from up to three folders below src/. */
function toPatterns(name: ModuleName): readonly string[] {
  return isFile(name)
    ? [`./${name}`, `../${name}`, `../../${name}`, `../../../${name}`]
    : [`**/${name}/**`];
}

function isFile(name: string): boolean {
  return name.endsWith(".ts");
}

function isModuleName(name: string): name is ModuleName {
  return Object.hasOwn(MODULES, name);
}
