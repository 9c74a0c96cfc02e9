import { describe, expect, it } from "vitest";
import { OPTIONS } from "./config.ts";
import { describeOptions } from "./describe-options.ts";
import { resolveOptions } from "./resolve-options.ts";

describe("the description of options", () => {
  const find = (values: Readonly<Record<string, unknown>>, name: string) =>
    describeOptions(OPTIONS, values).find((option) => option.name === name);

  it("has value and source, also after a copy and a second resolution", () => {
    const file = { name: "c.json", values: { host: "::1" } };
    const first = resolveOptions(OPTIONS, {
      file,
      environment: { TEPAL_MAX_BATCH_ROWS: "7" },
      flags: { port: "1", corsOrigins: "*" },
    });
    const second = resolveOptions(OPTIONS, { flags: { ...first, models: "m" } });
    for (const values of [first, { ...first }, second]) {
      expect(find(values, "port")).toEqual({
        name: "port",
        value: "1",
        default: "8000",
        source: "--port",
      });
      expect(find(values, "host")).toMatchObject({ value: "::1", source: "c.json: host" });
      expect(find(values, "max-batch-rows")).toMatchObject({ source: "TEPAL_MAX_BATCH_ROWS" });
      expect(find(values, "cors-origins")).toMatchObject({ value: "*", source: "--cors-origins" });
      expect(find(values, "workers")).toMatchObject({ value: "1", source: "default" });
    }
    expect(describeOptions(OPTIONS, first)).toHaveLength(Object.keys(OPTIONS).length);
  });

  it("hides what may be secret", () => {
    const values = resolveOptions(OPTIONS, {
      flags: {
        alertWebhook: "https://ann:pass@hooks.example/s3cret,http://127.0.0.1:1",
        scrape: "node=http://host:9100/metrics?key=s3cret",
        remoteWrite: "https://remote.example/s3cret",
      },
    });
    expect(find(values, "alert-webhook")?.value).toBe(
      "https://hooks.example/…,http://127.0.0.1:1/…",
    );
    expect(find(values, "scrape")?.value).toBe("node=http://host:9100/…");
    expect(find(values, "remote-write")?.value).toBe("https://remote.example/…");
    expect(JSON.stringify(describeOptions(OPTIONS, values))).not.toMatch(/s3cret|pass/);
  });
});
