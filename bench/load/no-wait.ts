import { defineUser, task } from "tepal/load";

/** Users without waits, with weighted tasks as in typical scripts. */
export default defineUser({
  tasks: [
    task(3, async ({ get }) => {
      await get("/");
    }),
    task(1, async ({ get }) => {
      await get("/other");
    }),
  ],
});
