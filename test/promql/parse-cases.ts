import { parse } from "../../src/promql/syntax/parser.ts";
import { TepalError, toMessage } from "../../src/kernel/errors.ts";

interface ParseCase {
  readonly input: string;
  readonly invalid: boolean;
}

/** Inputs with a wrong verdict of the parser. */
export function findParseFailures(json: string): { inputs: number; failures: string[] } {
  const cases = JSON.parse(json) as ParseCase[];
  const failures: string[] = [];
  for (const { input, invalid } of cases) {
    const problem = findProblem(fromGoBytes(input));
    const refused = problem !== undefined;
    if (refused !== invalid) {
      failures.push(`${JSON.stringify(input)}: ${problem ?? "accepted, but it is invalid"}`);
    }
  }
  return { inputs: cases.length, failures };
}

function findProblem(query: string): string | undefined {
  try {
    parse(query);
    return undefined;
  } catch (error) {
    // Any other error is a bug of the parser.
    if (!(error instanceof TepalError)) throw error;
    return toMessage(error);
  }
}

/** Go's strings are bytes; the JSON file encodes a byte of an invalid string as the character with its number. */
function fromGoBytes(text: string): string {
  return text.replaceAll(/[\u0080-\u00ff]+/g, (bytes) => Buffer.from(bytes, "latin1").toString());
}
