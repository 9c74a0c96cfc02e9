import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync, type Comment, type Program, type Statement } from "oxc-parser";

/** Finds the example programs of the public functions. */

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A program in a doc comment. */
export interface Example {
  /** For example `src/server.ts: createServer`. */
  readonly name: string;
  readonly code: string;
}

/** An exported function, class, variable or type. */
interface Declaration {
  readonly file: string;
  readonly name: string;
  readonly isFunction: boolean;
  /** The doc comments before and inside it. */
  readonly comments: readonly string[];
}

export interface PublicExamples {
  readonly examples: readonly Example[];
  /** Exported functions without an example. */
  readonly missing: readonly string[];
}

/** Follows the exports of an entry file of the package to their declarations, and reads the examples there. */
export function findPublicExamples(entry: string): PublicExamples {
  const declarations = listExports(join(ROOT, entry), "*");
  return {
    examples: declarations.flatMap((declaration) => {
      const name = toName(declaration);
      return declaration.comments.flatMap(readExampleTags).map((code) => ({ name, code }));
    }),
    missing: declarations
      .filter(({ isFunction, comments: [first = ""] }) => isFunction && !first.includes("@example"))
      .map(toName),
  };
}

function toName({ file, name }: Declaration): string {
  return `${relative(ROOT, file)}: ${name}`;
}

/** @param names the names to find; "*" for all exports of the file */
function listExports(file: string, names: readonly string[] | "*"): readonly Declaration[] {
  const text = readFileSync(file, "utf8");
  const { program, comments } = parseSync(file, text);
  const isWanted = (name: string): boolean => names === "*" || names.includes(name);
  const found = new Map<string, Declaration>();
  const followed: Declaration[] = [];
  for (const statement of program.body) {
    if (statement.type === "ExportAllDeclaration") {
      const exported = listExports(join(dirname(file), statement.source.value), names);
      const isType = statement.exportKind === "type";
      followed.push(
        ...(isType ? exported.map((one) => ({ ...one, isFunction: false })) : exported),
      );
    } else if (statement.type === "ExportNamedDeclaration" && statement.source !== null) {
      const locals = statement.specifiers.filter(({ exported }) => isWanted(nameOf(exported)));
      const wanted = locals.map(({ local }) => nameOf(local));
      if (wanted.length > 0) {
        followed.push(...listExports(join(dirname(file), statement.source.value), wanted));
      }
    } else {
      for (const { name, isFunction } of listDeclared(statement)) {
        // Of an overloaded function, the first statement has the doc comment.
        if (!isWanted(name) || found.has(name)) continue;
        found.set(name, { file, name, isFunction, comments: listDocs(statement, comments, text) });
      }
    }
  }
  return [...found.values(), ...followed];
}

function nameOf(node: { readonly type: string }): string {
  const name: unknown = Reflect.get(node, node.type === "Identifier" ? "name" : "value");
  return String(name);
}

function listDeclared(
  statement: Program["body"][number],
): readonly { readonly name: string; readonly isFunction: boolean }[] {
  const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : null;
  switch (declaration?.type) {
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      return [{ name: declaration.id?.name ?? "", isFunction: true }];
    case "VariableDeclaration":
      return declaration.declarations.map(({ id, init }) => ({
        name: nameOf(id),
        isFunction: init?.type === "ArrowFunctionExpression",
      }));
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSEnumDeclaration":
      return [{ name: declaration.id?.name ?? "", isFunction: false }];
    default:
      return [];
  }
}

/** Returns the doc comment before a statement, then those inside it. */
function listDocs(
  { start, end }: Statement,
  comments: readonly Comment[],
  text: string,
): readonly string[] {
  return comments
    .filter((comment) => comment.type === "Block" && comment.value.startsWith("*"))
    .filter((comment) =>
      comment.end <= start
        ? text.slice(comment.end, start).trim() === ""
        : comment.start > start && comment.end <= end,
    )
    .map(({ value }) => value.replaceAll(/^\s*\* ?/gm, ""));
}

/** Returns the programs of the @example tags of a doc comment. A tag without a ```ts program throws. */
function readExampleTags(comment: string): readonly string[] {
  const [, ...tags] = comment.split(/^@example\b/m);
  return tags.map((tag) => {
    const [, code] = /^```ts\n([\s\S]*?)^```$/m.exec(tag) ?? [];
    if (code !== undefined) return code;
    throw new Error(`Expected a \`\`\`ts program after @example, got ${JSON.stringify(tag)}.`);
  });
}
