import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { toPublicUrl } from "./public-url.ts";

describe("the public URL", () => {
  it("is --external-url", () => {
    const options = { externalUrl: "https://host.example/iris", host: "0.0.0.0" };
    expect(toPublicUrl(options, "http://127.0.0.1:8000")).toBe("https://host.example/iris");
  });

  it("is the URL on which the server listens", () => {
    const options = { externalUrl: null, host: "127.0.0.1" };
    expect(toPublicUrl(options, "http://127.0.0.1:8000")).toBe("http://127.0.0.1:8000");
  });

  it.each([
    ["0.0.0.0", "https://127.0.0.1:8443"],
    ["::", "https://[::1]:8443"],
  ])("names this machine if the server listens on all interfaces: %s", (host, bound) => {
    const expected = `https://${hostname().toLowerCase()}:8443`;
    expect(toPublicUrl({ externalUrl: null, host }, bound)).toBe(expected);
  });
});
