import { durationField, numberField } from "../contract/field.ts";
import { constantRateProfile } from "./constant-rate.ts";
import { MAX_RATE, MAX_SECONDS, MAX_USERS, POISSON, RATE } from "./fields.ts";
import { defineProfile } from "./profile.ts";

const FROM_RATE = numberField({
  title: "From",
  description: "Open model: initial rate, which changes to --rate within --ramp-time",
  default: 1,
  minimum: 0,
  maximum: MAX_RATE,
  "x-unit": "per second",
  "x-option": "rampFrom",
});

const TO_RATE = numberField({
  title: "To",
  description: RATE.description,
  default: 100,
  minimum: 0,
  maximum: MAX_RATE,
  "x-unit": "per second",
  "x-option": "rate",
});

const RAMP_SECONDS = durationField({
  title: "Within",
  description: "Open model: time in which the rate changes from --ramp-from to --rate",
  default: 60,
  minimum: 0.1,
  maximum: MAX_SECONDS,
  "x-option": "rampTime",
});

export const rampingRateProfile = defineProfile({
  kind: "ramping_rate",
  name: "Ramping rate",
  course: "The rate changes linearly, then stays constant",
  purpose: "Find the rate at which latency rises",
  curve: "M2 16 32 5H46",
  model: "open",
  fields: {
    from_rate: FROM_RATE,
    to_rate: TO_RATE,
    ramp_seconds: RAMP_SECONDS,
    poisson: POISSON,
    max_users: MAX_USERS,
  },
  summary:
    "{from_rate} to {to_rate} iterations per second in {ramp_seconds}, at most {max_users} at a time",
  selectedBy: ["rate", "rampTime"],
  changes: { rate: "to_rate" },
  toLoad: ({ from_rate: from, to_rate: to, ramp_seconds: seconds, poisson, max_users }) => ({
    type: "arrivals",
    ramps: [
      { from, to, seconds },
      { from: to, to, seconds: Infinity },
    ],
    poisson,
    max_users,
  }),
  // A new rate ends the ramp.
  change: ({ to_rate, poisson, max_users }, { rate = to_rate }) => ({
    kind: constantRateProfile.kind,
    rate,
    poisson,
    max_users,
  }),
});
