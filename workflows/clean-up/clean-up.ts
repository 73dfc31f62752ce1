import {
  ActivityCancellationType,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  cleanUpCommands,
  type CleanUpAnswer,
  type CleanUpCommand,
  type CleanUpOrder,
  type CleanUpProgress,
  type CleanUpState,
} from '../../model/clean-up.ts';
import * as policies from '../policies.ts';
import { invoke, type Call } from '../saga.ts';
import { CleanUp } from '../search-attributes.ts';
import { describeEffort } from './description.ts';
import { Effort, type CleanUpInput } from './effort.ts';

const progress = defineQuery<CleanUpProgress>('progress');

const descriptions: Readonly<Record<CleanUpCommand, string>> = {
  retry: 'Try the open call now.',
  adopt: 'Take the open call as done, because it was done by hand or the thing is kept on purpose.',
  giveUp: 'End here. The open call and all after it stay undone.',
};

/** An old run goes on in a new one before its history is slow to load. */
const eventsAtMost = 2_000;

/**
 * Keeps trying what a flow could not take back in its time, in order, until all of it is done. A failure never ends it: it waits, longer
 * each time, and tries again. An operator may tell it to try now, to take the open call as done, or to give up; see
 * model/clean-up.ts and `weir repair`. Fails with the type `GivenUp` when it was given up.
 */
export async function cleanUp(input: CleanUpInput): Promise<void> {
  const effort = new Effort(input);
  serve(effort);
  while (effort.call !== undefined) {
    const before = effort.progress.state;
    await pause(effort);
    if (effort.decision?.command === 'giveUp') return giveUp(effort);
    if (effort.decision?.command === 'adopt') effort.adopt();
    else await attempt(effort, input.hostWaitMs ?? policies.hostWaitMs);
    announce(before, effort.progress);
    if (isLong(input) && effort.call !== undefined) await continueAnew(input, effort);
  }
  setCurrentDetails(describeEffort(effort.progress));
  await condition(allHandlersFinished);
}

function serve(effort: Effort): void {
  setHandler(progress, () => effort.progress, {
    description: 'What is open, how often it was tried, and why it failed.',
  });
  for (const command of cleanUpCommands) {
    const take = async (order: CleanUpOrder): Promise<CleanUpAnswer> => {
      const decision = effort.decide(command, order);
      await condition(() => decision.answer !== undefined);
      return decision.answer as CleanUpAnswer;
    };
    setHandler(defineUpdate<CleanUpAnswer, [CleanUpOrder]>(command), take, {
      validator: (order) => effort.admit(command, order),
      description: descriptions[command],
    });
  }
}

/** Until it is time for the next try, or an operator says something. */
async function pause(effort: Effort): Promise<void> {
  setCurrentDetails(describeEffort(effort.progress));
  const { pauseMs, call } = effort;
  if (pauseMs === 0 || effort.decision !== null) return;
  await condition(() => effort.decision !== null, pauseMs, { summary: `wait before trying again: ${call?.name}` });
}

/** One try. What an operator says meanwhile is done when it is over, or at once while it waits for a host. */
async function attempt(effort: Effort, hostWaitMs: number): Promise<void> {
  const { call, waitsForHost } = effort;
  if (call === undefined) return;
  effort.beginTry();
  setCurrentDetails(describeEffort(effort.progress));
  try {
    await (waitsForHost ? tryInQueue(effort, call, hostWaitMs) : invoke(call, policies.cleanUp));
    effort.succeed();
  } catch (error) {
    if (!isCancellation(error)) effort.fail(error);
    else if (waitsForHost && effort.decision !== null) effort.interrupt();
    else throw error;
  }
}

/**
 * Leaves a call in the queue of its host, which takes it the moment it is back: what it still runs must not answer beside its
 * replacement. One that the host has taken is waited for, whatever an operator says.
 */
function tryInQueue(effort: Effort, call: Call, hostWaitMs: number): Promise<void> {
  return CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    let over = false;
    const leave = (): void => (over ? undefined : scope.cancel());
    void condition(() => over || effort.decision !== null).then(leave, () => undefined);
    try {
      await invoke(call, {
        ...policies.cleanUp,
        scheduleToStartTimeout: hostWaitMs,
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      });
    } finally {
      over = true;
    }
  });
}

/** A clean-up that never was stuck ends without a word: that it is completed says enough. */
function announce(before: CleanUpState, { state, wasStuck }: CleanUpProgress): void {
  if (state !== before && wasStuck) upsertSearchAttributes([{ key: CleanUp, value: state }]);
}

async function giveUp(effort: Effort): Promise<never> {
  const failure = effort.giveUp();
  upsertSearchAttributes([{ key: CleanUp, value: effort.progress.state }]);
  setCurrentDetails(describeEffort(effort.progress));
  await condition(allHandlersFinished);
  throw failure;
}

function isLong(input: CleanUpInput): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength >= (input.eventsAtMost ?? eventsAtMost);
}

/** What an operator has said meanwhile is done first. */
async function continueAnew(input: CleanUpInput, effort: Effort): Promise<void> {
  if (effort.decision !== null) return;
  await condition(allHandlersFinished);
  await continueAsNew<typeof cleanUp>({ ...input, progress: effort.progress });
}
