import { ParentClosePolicy, startChild, uuid4, workflowInfo } from '@temporalio/workflow';
import { causesOf, isUntaken } from '../failure.ts';
import type { Call } from '../saga.ts';
import { CleanUp, LoadBalancerId } from '../search-attributes.ts';
import { detailsOf, summaryOf } from './description.ts';
import type { CleanUpInput } from './effort.ts';

/** Starts the clean-up flow for calls that this flow will not wait for any longer. `stuck` is why the first of them cannot be made. */
export async function detach(calls: readonly Call[], reason: string, stuck: unknown): Promise<void> {
  const { workflowId, workflowType, typedSearchAttributes } = workflowInfo();
  const input: CleanUpInput = { calls, reason, failure: causesOf(stuck), untaken: isUntaken(stuck) };
  await startChild('cleanUp', {
    args: [input],
    workflowId: `${workflowId}/clean-up/${uuid4()}`,
    parentClosePolicy: ParentClosePolicy.ABANDON,
    typedSearchAttributes: typedSearchAttributes.updateCopy([{ key: CleanUp, value: 'trying' }]),
    memo: { flow: workflowId, reason, left: calls.map(({ name }) => name) },
    staticSummary: summaryOf(workflowType, typedSearchAttributes.get(LoadBalancerId)),
    staticDetails: detailsOf(calls, reason, `\`${workflowId}\``),
  });
}
