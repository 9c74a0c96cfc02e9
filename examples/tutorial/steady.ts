import { constant, defineUser, task } from "tepal/load";

const ROW = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };

/** Users that wait a tenth of a second: ten of them send about 100 requests per second. */
export default defineUser({
  waitTime: constant(0.1),
  tasks: [
    task(1, async (user) => {
      await user.post("/predict", { json: ROW });
    }),
  ],
});
