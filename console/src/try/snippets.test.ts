import { describe, expect, it } from "vitest";
import { toSnippet } from "./snippets.ts";

const INPUT = {
  url: "http://127.0.0.1:8000/models/iris/predict",
  row: { sepal_length: 5.1, "width (cm)": null },
  needsKey: false,
};

describe("toSnippet", () => {
  it("writes curl", () => {
    expect(toSnippet("curl", INPUT)).toBe(
      String.raw`curl -sS 'http://127.0.0.1:8000/models/iris/predict' \
  -H 'Content-Type: application/json' \
  -d '{"sepal_length":5.1,"width (cm)":null}'`,
    );
    expect(toSnippet("curl", { ...INPUT, needsKey: true })).toContain(
      '-H "Authorization: Bearer $TEPAL_KEY"',
    );
    // An invalid value of the form reaches the shell.
    expect(toSnippet("curl", { ...INPUT, row: { a: "'; rm" } })).toContain(
      String.raw`-d '{"a":"'\''; rm"}'`,
    );
  });

  it("writes TypeScript and Python, with the key from the environment if there is one", () => {
    expect(toSnippet("typescript", INPUT)).not.toContain("TEPAL_KEY");
    expect(toSnippet("typescript", { ...INPUT, needsKey: true })).toContain(
      "Authorization: `Bearer ${process.env.TEPAL_KEY}`,",
    );
    expect(toSnippet("python", INPUT)).toContain('    "width (cm)": None,\n');
    expect(toSnippet("python", INPUT)).not.toContain("import os");
    const typed = { ...INPUT, row: { paid: true, seen: false, color: "true" } };
    expect(toSnippet("python", typed)).toContain(
      '"paid": True,\n    "seen": False,\n    "color": "true",\n',
    );
    expect(toSnippet("python", { ...INPUT, needsKey: true })).toContain("import os\n");
  });
});
