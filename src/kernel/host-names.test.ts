import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { createHostCheck, listOwnNames } from "./host-names.ts";

const check = createHostCheck(["localhost", "tepal.example"], "Advice.");

function send(
  hosts: readonly string[],
  { url = "/", httpVersion = "1.1" }: { url?: string; httpVersion?: string } = {},
): string | undefined {
  const [host] = hosts;
  const rawHeaders = hosts.flatMap((one) => ["HoSt", one]);
  const headers = host === undefined ? {} : { host };
  return check({ headers, rawHeaders, url, httpVersion })?.code;
}

describe("the check of the Host header accepts", () => {
  it.each([
    "localhost",
    "LocalHost:8000",
    "localhost.",
    "localhost.:80",
    "localhost:",
    "tepal.example:443",
    "127.0.0.1:8000",
    "10.1.2.3",
    "[::1]:8000",
    "[2001:db8::1]",
  ])("%s", (host) => {
    expect(send([host])).toBeUndefined();
    // A second request takes a shorter way.
    expect(send([host])).toBeUndefined();
  });

  it("HTTP/1.0 without the header", () => {
    expect(send([], { httpVersion: "1.0" })).toBeUndefined();
  });

  it("an absolute URL of the same server", () => {
    expect(send(["localhost"], { url: "http://127.0.0.1:8000/models" })).toBeUndefined();
  });

  it("any name, without a list", () => {
    const any = createHostCheck(null, "");
    const request = { headers: { host: "a.example" }, rawHeaders: [], url: "/" };
    expect(any({ ...request, httpVersion: "1.1" })).toBeUndefined();
  });
});

describe("the check of the Host header rejects", () => {
  it("an empty name in the first request", () => {
    const first = createHostCheck(null, "");
    const request = {
      headers: { host: "" },
      rawHeaders: ["Host", ""],
      url: "/",
      httpVersion: "1.1",
    };
    expect(first(request)?.code).toBe("MALFORMED_REQUEST");
  });

  it.each([
    "evil.example",
    "evil.example:8000",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "tepal.example.evil.example",
    "xlocalhost",
    "127.1",
    "0x7f000001",
    "2130706433",
    "999.1.1.1",
  ])("the foreign name %s", (host) => {
    expect(send(["localhost"])).toBeUndefined();
    expect(send([host])).toBe("FOREIGN_REQUEST");
  });

  it.each([
    "",
    " ",
    "localhost, localhost",
    "localhost/",
    "localhost#evil.example",
    "user@localhost",
    "localhost:80:80",
    "localhost:x",
    "[::1",
    "::1",
    "lo\u00e4",
  ])("%j, which is no host", (host) => {
    expect(send([host])).toBe("MALFORMED_REQUEST");
  });

  it("HTTP/1.1 without the header", () => {
    expect(send([])).toBe("MALFORMED_REQUEST");
  });

  it("two headers, also of the same value", () => {
    expect(send(["localhost", "localhost"])).toBe("MALFORMED_REQUEST");
  });

  it.each(["http://evil.example/", "HTTP://evil.example", "https://evil.example:8000/x"])(
    "the foreign absolute URL %s",
    (url) => {
      expect(send(["localhost"], { url })).toBe("FOREIGN_REQUEST");
    },
  );
});

describe("a server's own names", () => {
  it("are those of loopback and of the machine, and the name on which it listens", () => {
    const machine = hostname().toLowerCase();
    expect(listOwnNames("0.0.0.0")).toEqual(expect.arrayContaining(["localhost", machine]));
    expect(listOwnNames("Host.Example")).toContain("host.example");
    expect(listOwnNames("::1")).not.toContain("::1");
  });
});
