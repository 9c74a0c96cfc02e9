import { describe, expect, it } from "vitest";
import { createUniqueClients } from "./unique-clients.ts";

describe("unique clients", () => {
  function start(): {
    clients: ReturnType<typeof createUniqueClients>;
    goTo(minute: number): void;
  } {
    let nowMs = 0;
    const clients = createUniqueClients({ nowMs: () => nowMs, monotonicSeconds: () => 0 });
    return { clients, goTo: (minute) => (nowMs = minute * 60_000 + 500) };
  }

  it("are counted once, however often they send requests", () => {
    const { clients, goTo } = start();
    for (const minute of [0, 1, 2]) {
      goTo(minute);
      for (const address of ["a", "b", "a"]) clients.add(address);
    }
    expect(clients.list().size).toBe(2);
  });

  it("expire after five minutes, also without further requests", () => {
    const { clients, goTo } = start();
    clients.add("a");
    goTo(2);
    clients.add("b");
    goTo(4);
    expect(clients.list().size).toBe(2);
    goTo(5);
    expect(clients.list().size).toBe(1);
    goTo(7);
    expect(clients.list().size).toBe(0);
  });

  it("are bounded, so that a flood of IP addresses does not fill the memory", () => {
    const { clients } = start();
    for (let i = 0; i < 50_000; i++) clients.add(`10.0.${i}`);
    expect(clients.list().size).toBe(10_000);
  });
});
