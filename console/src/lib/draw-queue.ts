/** Milliseconds of drawing in one frame: more would delay input and animations. */
const BUDGET_MS = 8;

type Task = () => void;

const tasks: Task[] = [];
let isScheduled = false;

/** Draws in one of the next frames, a few milliseconds in each. Returns a function that cancels the task if it has not run. */
export function enqueueDrawing(task: Task): () => void {
  tasks.push(task);
  schedule();
  return () => {
    const index = tasks.indexOf(task);
    if (index >= 0) tasks.splice(index, 1);
  };
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    const start = performance.now();
    while (tasks.length > 0 && performance.now() - start < BUDGET_MS) tasks.shift()?.();
    if (tasks.length > 0) schedule();
  });
}
