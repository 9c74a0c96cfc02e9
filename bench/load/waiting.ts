import { between, defineUser, task } from "tepal/load";

export default defineUser({
  waitTime: between(1, 3),
  tasks: [
    task(1, async ({ get }) => {
      await get("/");
    }),
  ],
});
