/** Takes a minute whatever the history holds, and is ended by the time-out if nothing else. */
export const HEAVY = `count_over_time(${"stddev_over_time(".repeat(8)}vector(time())${"[3h:1s])".repeat(8)}[1h:1s])`;
