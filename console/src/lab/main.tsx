import { render } from "preact";
import "../components/theme.css";
import "../components/frame.css";
import "../shell/shell.css";
import { createApi } from "../lib/api.ts";
import { keepFocus } from "../lib/keep-focus.ts";
import { stopClock } from "../lib/server-clock.ts";
import { listenToTableKey } from "../lib/table-key.ts";
import { checkAnswer, type Verdict } from "./check-answer.ts";
import { CONTENT } from "./content.ts";
import type { Exercise } from "../../lab/exercise.ts";
import { LabApp } from "./lab-app.tsx";
import { createLabServer } from "./lab-server.ts";
import { openRecording } from "./open-recording.ts";

keepFocus();
listenToTableKey();
/** Between two comparisons of an answer with the expected query. */
const STEP_MS = 15_000;

const { recording, dashboards, exercises } = CONTENT;
const { startMs, endMs } = recording;
stopClock(endMs);
const monitor = openRecording(recording);
const api = createApi({ key: () => "", fetch: createLabServer(monitor, dashboards), root: "" });
const check = ({ expected }: Exercise, answer: string): Verdict =>
  checkAnswer(monitor.store, { startMs, endMs, stepMs: STEP_MS }, answer, expected);
const place = document.querySelector("#app");
if (place !== null) render(<LabApp {...{ api, recording, exercises, check }} />, place);
