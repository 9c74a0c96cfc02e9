import fc from "fast-check";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createInFlight, type PendingReply } from "./in-flight.ts";

const SOCKET = {} as Socket;

function createReply(): PendingReply {
  return {
    req: { socket: SOCKET, complete: true },
    headersSent: false,
    writableEnded: false,
    shouldKeepAlive: true,
  };
}

describe("requests in flight", () => {
  it("are those that have begun and not ended, in any order", () => {
    const steps = fc.array(fc.record({ begins: fc.boolean(), which: fc.nat() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const inFlight = createInFlight();
        const model: PendingReply[] = [];
        const ended: PendingReply[] = [];
        for (const { begins, which } of list) {
          if (begins || model.length === 0) {
            const reply = createReply();
            inFlight.begin(reply);
            model.push(reply);
          } else {
            const [reply] = model.splice(which % model.length, 1);
            inFlight.end(reply!);
            ended.push(reply!);
          }
          expect(inFlight.count()).toBe(model.length);
          expect(inFlight.findOwed(SOCKET)).toBe(model.length > 0 ? "replies" : undefined);
        }
        inFlight.endConnections();
        expect(model.every((reply) => !reply.shouldKeepAlive)).toBe(true);
        expect(ended.every((reply) => reply.shouldKeepAlive)).toBe(true);
      }),
    );
  });

  it("may be left out of the measured ones until they end", () => {
    const inFlight = createInFlight();
    const [scrape, other] = [createReply(), createReply()];
    inFlight.leaveOut(scrape);
    inFlight.begin(scrape);
    inFlight.begin(other);
    expect(inFlight.countMeasured()).toBe(2);
    inFlight.leaveOut(scrape);
    expect([inFlight.count(), inFlight.countMeasured()]).toEqual([2, 1]);
    inFlight.end(scrape);
    inFlight.end(scrape);
    expect([inFlight.count(), inFlight.countMeasured()]).toEqual([1, 1]);
  });
});
