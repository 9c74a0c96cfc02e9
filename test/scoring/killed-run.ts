/** Scores a file and kills its own process, without clean-up, in the second block: after the first checkpoint. */
import { scoreFile } from "../../src/scoring/score-file.ts";
import type { ScoreRequest } from "../../src/scoring/scoring.ts";

const request: ScoreRequest = JSON.parse(process.argv[2] ?? "");
let blocks = 0;
await scoreFile(request, {
  onProgress() {
    blocks++;
    if (blocks === 2) process.kill(process.pid, "SIGKILL");
  },
});
