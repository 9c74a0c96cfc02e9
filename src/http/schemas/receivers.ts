import { Type } from "typebox";

const TIME = Type.String({ format: "date-time" });

export const RECEIVER = Type.Object(
  {
    id: Type.String({ description: "Stable as long as the URL is the same" }),
    kind: Type.Union([Type.Literal("webhook"), Type.Literal("alertmanager")]),
    format: Type.Union([Type.Literal("alertmanager"), Type.Literal("slack")]),
    origin: Type.String({ description: "The URL without path, which may be a secret" }),
    alerts: Type.Integer({ description: "Alerts that are kept for it" }),
    sent: Type.Integer({ description: "Messages that it accepted since the start" }),
    send_failures: Type.Integer({ description: "Attempts that failed since the start" }),
    dropped: Type.Integer({ description: "Messages that were dropped since the start" }),
    sending: Type.Integer({ description: "Messages in flight" }),
    last_delivery: Type.Union(
      [
        Type.Object(
          { time: TIME, error: Type.Union([Type.String(), Type.Null()]) },
          { title: "Delivery" },
        ),
        Type.Null(),
      ],
      { description: "The last attempt; null before the first" },
    ),
  },
  { title: "Receiver", description: "A receiver of alerts and its deliveries" },
);

export const RECEIVER_LIST = Type.Object(
  { receivers: Type.Array(RECEIVER) },
  { title: "ReceiverList", description: "All receivers of alerts" },
);

export const RECEIVER_PARAMS = Type.Object({
  id: Type.String({ description: "Id of the receiver", maxLength: 100 }),
});

export const TEST_REPORT = Type.Object(
  {
    accepted: Type.Boolean({ description: "True if the receiver replied with status 2xx" }),
    status: Type.Union([Type.Integer(), Type.Null()], {
      description: "Status of its reply; null without one",
    }),
    error: Type.Union([Type.String(), Type.Null()]),
    reply: Type.String({ description: "The start of its reply" }),
  },
  { title: "TestReport", description: "The result of a test notification" },
);
