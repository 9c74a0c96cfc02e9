import { defineUser, task } from "tepal/load";

/** Users who never wait, with tasks by weight, as scripts have them. */
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
