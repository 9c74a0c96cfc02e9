import { parseAllDocuments } from "yaml";
import { toMessage } from "../../src/kernel/errors.ts";
import type { Block, Page, Problem } from "./page.ts";

/** Checks that JSON and YAML blocks can be parsed. In a reply, `…` stands for what is left out. */
export function checkSyntax(page: Page): Problem[] {
  return page.blocks.flatMap((block) => {
    const message = block.attributes.has("not-checked") ? undefined : findProblem(block);
    return message === undefined ? [] : [{ path: page.path, line: block.line, message }];
  });
}

function findProblem({ language, text }: Block): string | undefined {
  switch (language) {
    case "json":
      try {
        JSON.parse(text);
        return undefined;
      } catch (error) {
        // Lines of NDJSON.
        return text.trim().split("\n").every(isJson) ? undefined : `JSON: ${toMessage(error)}`;
      }
    case "yaml": {
      const [error] = parseAllDocuments(text).flatMap(({ errors }) => errors);
      return error === undefined ? undefined : `YAML: ${error.message}`;
    }
    default:
      return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
