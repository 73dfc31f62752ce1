/** Failures in a row after which a person should look. One failure that no retry mends is enough. */
export const stuckAfter = 5;

const longestAtFirstSec = 60;
const longestSec = 600;
const patientTries = 30;

/**
 * How long a call waits after so many tries, seconds: twice as long each time up to a minute, and after half an hour longer again,
 * up to ten minutes.
 */
export function pauseAfter(tries: number): number {
  if (tries <= patientTries) return Math.min(2 ** (tries - 1), longestAtFirstSec);
  return Math.min(Math.round(longestAtFirstSec * 1.2 ** (tries - patientTries)), longestSec);
}
