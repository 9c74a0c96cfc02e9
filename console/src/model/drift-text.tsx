import { formatCount, formatNumber } from "../lib/format.ts";
import { toFragment } from "../shell/location.ts";
import type { Drift, DriftWindow } from "./drift.ts";

/** The reading of the drift rule, in words. */
export function DriftText({ drift }: { readonly drift: Drift }) {
  switch (drift.state) {
    case "unknown":
      return <>Not evaluated yet by the drift rule</>;
    case "few":
      return (
        <>
          Not enough rows ({formatCount(Math.floor(drift.effectiveRows))} effective of{" "}
          {formatCount(drift.minRows)})
        </>
      );
    case "alike":
      return (
        <>
          Like training, <Distance window={drift.window} />
        </>
      );
    case "unconfirmed":
      return (
        <>
          Above its limit without an alert: the newest rows decide,{" "}
          <Distance window={drift.window} />
        </>
      );
    case "pending":
    case "firing":
      return (
        <>
          <a class="is-shifted" href={toFragment(["alerts"])}>
            {drift.state === "firing" ? "Drift, the alert fires" : "Drift, the alert is pending"}
          </a>
          {drift.window !== undefined && (
            <>
              , <Distance window={drift.window} />
            </>
          )}
        </>
      );
  }
}

function Distance({ window }: { readonly window: DriftWindow }) {
  const { distance, limit, text, effectiveRows } = window;
  return (
    <span title={`${formatCount(Math.floor(effectiveRows))} effective rows`}>
      distance <data value={String(distance)}>{formatNumber(distance)}</data>, limit{" "}
      <data value={String(limit)}>{formatNumber(limit)}</data> ({text})
    </span>
  );
}
