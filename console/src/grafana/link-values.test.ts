import { describe, expect, it } from "vitest";
import { DARK } from "./colours.ts";
import { toLinkValues } from "./link-values.ts";
import { resolveFields } from "./resolve-fields.ts";
import { resolveUrl } from "./resolve-url.ts";

describe("links of values", () => {
  it("refer to the value, its labels and the other fields of its row", () => {
    const [frame] = resolveFields(
      [
        {
          refId: "A",
          name: "",
          fields: [
            { name: "job", type: "string", labels: {}, values: ["a", "b c"] },
            {
              name: "Value",
              displayName: "Free space",
              type: "number",
              labels: { dev: "sda" },
              values: [1, 2_048],
            },
          ],
        },
      ],
      { type: "table", defaults: { unit: "bytes" }, overrides: [] },
      DARK,
    );
    const toUrl = (url: string): string | undefined =>
      resolveUrl(
        {
          title: "",
          url,
          tooltip: "",
          opensTab: false,
          keepsTime: false,
          includesVariables: false,
        },
        {
          selection: new Map(),
          builtIns: {},
          time: { from: "now-1h", to: "now" },
          findDashboard: () => undefined,
        },
        toLinkValues(frame!, frame!.fields[1]!, 1),
      );
    expect(toUrl("/x?v=${__value.raw}&t=${__value.text}")).toBe("/x?v=2048&t=2%20KiB");
    expect(toUrl("/x?job=${__data.fields.job}&l=${__field.labels.dev}")).toBe("/x?job=b%20c&l=sda");
    expect(toUrl('/x?s=${__data.fields["Free space"]}&i=${__data.fields[0]}')).toBe(
      "/x?s=2%20KiB&i=b%20c",
    );
    expect(toUrl("javascript:alert(${__value.raw})")).toBeUndefined();
  });
});
