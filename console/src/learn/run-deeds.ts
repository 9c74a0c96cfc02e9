import { ApiError, type Api } from "../lib/api.ts";
import { navigate } from "../shell/location.ts";
import type { Deed, Message } from "./course/mechanics.ts";

/** Time that a control may take to appear, and the time between two looks. */
const CONTROL_MS = 10_000;
const LOOK_MS = 50;
/** Time in which a page follows its URL. */
const OPEN_MS = 150;
/** Time between two presses: the page answers the one before. */
const PRESS_MS = 600;
/** Time between two requests, and their number, while the server has to end something first. */
const RETRY_MS = 1_000;
const MAX_RETRIES = 20;
/** Rejected beside a load test, or on a busy machine. */
const OVERLOADED = 503;

/** Does a step for the learner. @throws Error if the server rejects a request, or the page lacks a control */
export async function runDeeds(deeds: readonly Deed[], api: Api): Promise<void> {
  for (const deed of deeds) {
    switch (deed.type) {
      case "open":
        open(deed.fragment);
        await wait(OPEN_MS);
        break;
      case "press":
        for (let pressed = 0; pressed < (deed.times ?? 1); pressed++) {
          if (pressed > 0) await wait(PRESS_MS);
          (await findControl(deed.selector)).click();
        }
        break;
      case "fill":
        fill(await findControl(deed.selector), deed.value);
        break;
      case "send":
        for (let sent = 0; sent < (deed.times ?? 1); sent++) await send(deed, api);
    }
  }
}

/** Opens a page, also one that is open: the console then reports it again. */
function open(fragment: string): void {
  if (location.hash === fragment) dispatchEvent(new HashChangeEvent("hashchange"));
  else navigate(fragment);
}

async function send(message: Message, api: Api): Promise<void> {
  const { path, method = "POST", body, contentType, accepts = [], waits = [] } = message;
  for (let retries = 0; ; retries++) {
    try {
      const reply = await api.send(path, {
        method,
        ...(body !== undefined && { body }),
        ...(contentType !== undefined && { contentType }),
      });
      await reply.arrayBuffer();
      return;
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      if (accepts.includes(status)) return;
      const isRetried = status === OVERLOADED || waits.includes(status);
      if (!isRetried || retries === MAX_RETRIES) throw error;
      await wait(RETRY_MS);
    }
  }
}

/** Waits for a control that the page shows and that can be used. */
async function findControl(selector: string): Promise<HTMLElement> {
  for (let waited = 0; waited < CONTROL_MS; waited += LOOK_MS) {
    const control = [...document.querySelectorAll<HTMLElement>(selector)].find(
      (each) => each.getClientRects().length > 0 && !each.matches(":disabled"),
    );
    if (control !== undefined) return control;
    await wait(LOOK_MS);
  }
  throw new Error(
    `The page lacks the control of this step (${selector}). The text above the steps states what they need.`,
  );
}

/** Sets a field as typing does, so that the page notices it. */
function fill(control: HTMLElement, value: string): void {
  if (
    !(control instanceof HTMLInputElement) &&
    !(control instanceof HTMLTextAreaElement) &&
    !(control instanceof HTMLSelectElement)
  ) {
    throw new Error("Expected a field to fill.");
  }
  control.focus();
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
