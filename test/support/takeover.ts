/** How long a pair may leave its clients alone. */

const advertisementMs = 1_000;
/** The amphora whose keepalived waits the longer of the two. */
const lowestPriority = 90;
/** RFC 5798, Master_Down_Interval: after the last advertisement three of them are missed, and the skew is waited for. */
const masterDownMs = advertisementMs * (3 + (256 - lowestPriority) / 256);

/** For the new master to announce its addresses, and for a request that was sent before to be given up and sent again. */
const moveMs = 1_000;

/**
 * The longest silence of a pair whose master is killed, ms: what keepalived waits by its configuration, and the rest. How late
 * the machine wakes those that should run is no matter of the pair: `latenessMs` is the longest that was seen meanwhile.
 */
export function takeoverLimitMs(latenessMs: number): number {
  return masterDownMs + moveMs + latenessMs;
}
