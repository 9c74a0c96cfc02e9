import { render } from "preact";
import "../components/theme.css";
import "../components/frame.css";
import "../shell/shell.css";
import { createApi, type ApiParts } from "../lib/api.ts";
import { keepFocus } from "../lib/keep-focus.ts";
import { stopClock } from "../lib/server-clock.ts";
import { listenToTableKey } from "../lib/table-key.ts";
import { checkAnswer, type Verdict } from "./check-answer.ts";
import { CONTENT } from "./content.ts";
import type { Exercise } from "../../lab/exercise.ts";
import { LabApp } from "./lab-app.tsx";
import { createLabServer } from "./lab-server.ts";
import { openRecording } from "./open-recording.ts";
import { answerRequests, chooseSender, type Port } from "./query-worker.ts";

/** The build puts this script into a function of this name. */
declare const runTepalLab: () => void;
/** The global scope of a worker. */
declare const self: Port;
/** Between two comparisons of an answer with the expected query. */
const STEP_MS = 15_000;

const { recording, dashboards, exercises } = CONTENT;
if (typeof document === "undefined") {
  answerRequests(self, createLabServer(openRecording(recording), dashboards));
} else startPage(document);

function startPage(page: Document): void {
  keepFocus();
  listenToTableKey();
  const { startMs, endMs } = recording;
  stopClock(endMs);
  const sender = chooseSender(startWorker, () =>
    createLabServer(openRecording(recording), dashboards),
  );
  const send: ApiParts["fetch"] = async (url, init) => (await sender)(url, init);
  const api = createApi({ key: () => "", fetch: send, root: "" });
  let monitor: ReturnType<typeof openRecording> | undefined;
  const check = ({ expected }: Exercise, answer: string): Verdict => {
    monitor ??= openRecording(recording);
    const range = { startMs, endMs, stepMs: STEP_MS };
    return checkAnswer(monitor.store, range, answer, expected);
  };
  const place = page.querySelector("#app");
  if (place !== null) render(<LabApp {...{ api, recording, exercises, check }} />, place);
}

/** A page that is a file can start a worker only from code that it has: from the source of this script. */
function startWorker(): Worker {
  const code = new Blob([`${runTepalLab}\nrunTepalLab();`], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(code));
}
