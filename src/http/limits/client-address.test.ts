import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createClientAddress } from "./client-address.ts";

function find(trustProxy: readonly string[], peer: string, forwarded?: string): string {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: peer });
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return createClientAddress(trustProxy)({ headers, socket });
}

describe("the IP address of a client", () => {
  it("is that of the connection without trusted proxies", () => {
    expect(find([], "10.0.0.1", "203.0.113.7")).toBe("10.0.0.1");
  });

  it("is that of the connection if the connection is not a trusted proxy's", () => {
    expect(find(["10.0.0.0/8"], "192.0.2.1", "203.0.113.7")).toBe("192.0.2.1");
  });

  it.each([
    ["10.0.0.1", "203.0.113.7", "203.0.113.7"],
    ["::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "203.0.113.7, 10.9.9.9", "203.0.113.7"],
    ["10.0.0.1", "203.0.113.7:4711", "203.0.113.7"],
    ["10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
    ["10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"],
    ["fd00::1", "2001:db8::7", "2001:db8::7"],
  ])("from the proxy %s with X-Forwarded-For: %s is %s", (peer, forwarded, expected) => {
    expect(find(["10.0.0.0/8", "fd00::/8"], peer, forwarded)).toBe(expected);
  });

  it("is the last untrusted IP address, not what the client claims before it", () => {
    expect(find(["10.0.0.1"], "10.0.0.1", "1.1.1.1, 10.0.0.1, 203.0.113.7")).toBe("203.0.113.7");
  });

  it.each(["", "unknown", "_hidden", "203.0.113.7, nobody", "300.1.1.1", ","])(
    "is the proxy's if the proxy's own entry is no IP address: %j",
    (forwarded) => {
      expect(find(["10.0.0.1"], "10.0.0.1", forwarded)).toBe("10.0.0.1");
    },
  );
});
