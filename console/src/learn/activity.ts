import type { Activity } from "./conditions.ts";
import { parsePlace } from "../shell/location.ts";
import { onReply } from "../lib/replies.ts";

/**
 * Reports what happens in the console: pages that open, replies of the server, controls that are pressed.
 * @returns stops it
 */
export function observeActivity(report: (activity: Activity) => void): () => void {
  const reportPlace = (): void => report({ type: "opened", place: parsePlace(location.hash) });
  const reportPress = ({ target }: Event): void => {
    if (!(target instanceof Element)) return;
    report({ type: "pressed", matches: (selector) => target.closest(selector) !== null });
    // A link to the page that is open changes nothing, but opens it all the same.
    const link = target.closest("a");
    if (link !== null && link.hash !== "" && link.hash === location.hash) reportPlace();
  };
  const stopReplies = onReply((reply) => {
    const [at = ""] = parsePlace(location.hash).path;
    report({ type: "requested", at, ...reply });
  });
  addEventListener("hashchange", reportPlace);
  // Before the page handles it: the control may be gone afterwards.
  document.addEventListener("click", reportPress, { capture: true });
  return () => {
    stopReplies();
    removeEventListener("hashchange", reportPlace);
    document.removeEventListener("click", reportPress, { capture: true });
  };
}
