import type { Activities } from '../activities/activities.ts';

/** The steps that end an operation, or ask how it ended. Without them its load balancer would be PENDING for ever. */
export const closingSteps: ReadonlySet<string> = new Set<keyof Activities>([
  'hasSucceeded',
  'completeOperation',
  'failOperation',
]);
