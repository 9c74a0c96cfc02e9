/** Milliseconds of drawing in one task of the browser: more would delay input and animations. */
const BUDGET_MS = 8;

type Task = () => void;

const tasks = new Set<Task>();
let isRunning = false;
let channel: MessageChannel | undefined;

/**
 * Draws soon, a few milliseconds in each task of the browser, so that input and frames come in between. Drawing does not wait for a
 * frame: where frames take long, a part in each would take seconds. Returns a function that cancels the task if it has not run.
 */
export function enqueueDrawing(task: Task): () => void {
  // The same function may be in the queue more than once.
  const own: Task = () => task();
  tasks.add(own);
  if (!isRunning) {
    isRunning = true;
    post();
  }
  return () => void tasks.delete(own);
}

/** Runs the next part in a task of its own. A timer would wait for at least 4 ms. */
function post(): void {
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.addEventListener("message", () => void draw());
    channel.port1.start();
  }
  channel.port2.postMessage(undefined);
}

async function draw(): Promise<void> {
  const start = performance.now();
  for (const task of tasks) {
    tasks.delete(task);
    try {
      task();
    } catch (error) {
      reportError(error);
    }
    // uPlot and Preact draw in a microtask: without a pause, all of them would come after the loop, outside of the budget.
    await Promise.resolve();
    if (performance.now() - start >= BUDGET_MS) break;
  }
  isRunning = tasks.size > 0;
  if (isRunning) post();
}
