import { describe, expect, it } from "vitest";
import { listDefaultAlerts, renderDefaultRules } from "./default-rules.ts";
import { ALERT_SETTINGS, parseAlertSettings } from "./settings.ts";

const URL = "https://iris.example";

describe("alert settings", () => {
  it("are the defaults where a file has none", () => {
    const defaults = Object.entries(ALERT_SETTINGS).map(([name, one]) => [name, one.default]);
    expect(parseAlertSettings("f.json", "{}")).toEqual(Object.fromEntries(defaults));
    expect(parseAlertSettings("f.json", '{"psi": 0.5}')).toMatchObject({
      psi: 0.5,
      availability: 0.999,
    });
  });

  it.each([
    ["[]", /^f.json: Expected a JSON object/],
    ["{", /^f.json is not valid JSON/],
    ['{"psi": 1, "psi": 2}', /^f.json: psi: /],
    [
      '{"psi": "1", "outlier": 2, "availability": 1, "latencySeconds": 0.11, "serverUrl": "x"}',
      /f.json: availability: .*\n.*f.json: psi: .*\n.*f.json: serverUrl: .*\n.*f.json: outlier: .*\n.*f.json: latencySeconds: Expected one of: .*0\.1, .*, got 0\.11\.$/,
    ],
  ])("with the content %s are rejected with every problem", (text, message) => {
    expect(() => parseAlertSettings("f.json", text)).toThrow(message);
  });

  // A setting that nothing reads would be a promise that nothing keeps. Two are limits of panels (dashboards/grafana/drift.ts).
  const ofRules = Object.entries(ALERT_SETTINGS).filter(
    ([name]) => name !== "psi" && name !== "driftRows",
  );
  it.each(ofRules)("%s changes the rules", (name, declaration) => {
    const other = (): unknown => {
      if (name === "latencySeconds") return 0.5;
      if (declaration.type === "optional string") return "https://other.example";
      return declaration.type === "integer" ? declaration.default + 7 : declaration.default * 0.9;
    };
    const rules = renderDefaultRules(parseAlertSettings("f.json", "{}"), URL);
    const changed = renderDefaultRules(
      parseAlertSettings("f.json", JSON.stringify({ [name]: other() })),
      URL,
    );
    expect(changed).not.toEqual(rules);
  });

  it("link to runbooks and console of the server that evaluates the rules", () => {
    const text = [...renderDefaultRules(parseAlertSettings("f.json", "{}"), URL).values()].join("");
    for (const { alert } of listDefaultAlerts(parseAlertSettings("f.json", "{}"))) {
      expect(text).toContain(`runbook_url: "${URL}/runbooks/${alert}"`);
    }
    expect(text).toContain(
      `dashboard_url: "${URL}/console/#/dashboards/tepal-overview?var-job={{ urlquery $labels.job }}"`,
    );
  });
});
