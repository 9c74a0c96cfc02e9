import { expect, it } from "vitest";
import { formatJson, toImageUrl } from "./cell-content.ts";

it("indents JSON, and leaves other strings unchanged", () => {
  expect(formatJson('{"a":[1,{"b":null}]}')).toBe(
    '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ]\n}',
  );
  expect(formatJson("{a")).toBe("{a");
});

it("shows images of the own server and of the text itself only", () => {
  const page = "http://127.0.0.1:8000/console/#/dashboards";
  expect(toImageUrl("favicon.svg", page)).toBe("http://127.0.0.1:8000/console/favicon.svg");
  expect(toImageUrl("data:image/png;base64,iVBO", page)).toBe("data:image/png;base64,iVBO");
  const others = [
    "https://other.example/a.png",
    "javascript:alert(1)",
    "data:text/html,x",
    "//x/a",
  ];
  expect(others.map((text) => toImageUrl(text, page))).toEqual(others.map(() => undefined));
});
