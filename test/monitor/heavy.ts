/** A query that takes more than a minute with any history. The default timeout ends it. */
export const HEAVY = `count_over_time(${"stddev_over_time(".repeat(8)}vector(time())${"[3h:1s])".repeat(8)}[1h:1s])`;
