import type { Row } from "./row.ts";

export interface SnippetInput {
  /** URL of the route, for example http://127.0.0.1:8000/models/iris/predict. */
  readonly url: string;
  readonly row: Row;
  /** True if the server requires an API key. */
  readonly needsKey: boolean;
}

export const LANGUAGES = [
  ["curl", "curl"],
  ["typescript", "TypeScript"],
  ["python", "Python"],
] as const;
export type Language = (typeof LANGUAGES)[number][0];

/** Writes the request that the page sends as a program. The key comes from the variable TEPAL_KEY. */
export function toSnippet(language: Language, input: SnippetInput): string {
  return { curl: toCurl, typescript: toTypeScript, python: toPython }[language](input);
}

function toCurl({ url, row, needsKey }: SnippetInput): string {
  return [
    `curl -sS '${quoteShell(url)}'`,
    "-H 'Content-Type: application/json'",
    ...(needsKey ? ['-H "Authorization: Bearer $TEPAL_KEY"'] : []),
    `-d '${quoteShell(JSON.stringify(row))}'`,
  ].join(" \\\n  ");
}

function quoteShell(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

function toTypeScript({ url, row, needsKey }: SnippetInput): string {
  return `const reply = await fetch(${JSON.stringify(url)}, {
  method: "POST",
  headers: {
    "Content-Type": "application/json",${
      needsKey
        ? `
    Authorization: \`Bearer \${process.env.TEPAL_KEY}\`,`
        : ""
    }
  },
  body: JSON.stringify(${indent(JSON.stringify(row, null, 2), "  ")}),
});
if (!reply.ok) throw new Error(\`\${reply.status}: \${await reply.text()}\`);
console.log(await reply.json());
`;
}

function toPython({ url, row, needsKey }: SnippetInput): string {
  return `import json
${needsKey ? "import os\n" : ""}import urllib.request

row = ${toPythonLiteral(row)}
request = urllib.request.Request(
    ${JSON.stringify(url)},
    data=json.dumps(row).encode(),
    headers={
        "Content-Type": "application/json",${
          needsKey
            ? `
        "Authorization": "Bearer " + os.environ["TEPAL_KEY"],`
            : ""
        }
    },
)
with urllib.request.urlopen(request) as reply:
    print(json.load(reply))
`;
}

const WORDS: ReadonlyMap<Row[string], string> = new Map([
  [null, "None"],
  [true, "True"],
  [false, "False"],
]);

/** JSON is Python, but for null, true and false: strings have the same escapes. */
function toPythonLiteral(row: Row): string {
  const entries = Object.entries(row).map(
    ([name, value]) =>
      `    ${JSON.stringify(name)}: ${WORDS.get(value) ?? JSON.stringify(value)},\n`,
  );
  return `{\n${entries.join("")}}`;
}

function indent(text: string, by: string): string {
  return text.replaceAll("\n", `\n${by}`);
}
