import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What workflows are found by in the Temporal UI and by `temporal workflow list`. All are keywords. */
export const LoadBalancerId = defineSearchAttributeKey('LoadBalancerId', SearchAttributeType.KEYWORD);
export const ProjectId = defineSearchAttributeKey('ProjectId', SearchAttributeType.KEYWORD);
export const ResourceId = defineSearchAttributeKey('ResourceId', SearchAttributeType.KEYWORD);
export const Operation = defineSearchAttributeKey('Operation', SearchAttributeType.KEYWORD);
export const RequestId = defineSearchAttributeKey('RequestId', SearchAttributeType.KEYWORD);
/** Of clean-ups alone: how they get on, a CleanUpState. */
export const CleanUp = defineSearchAttributeKey('CleanUp', SearchAttributeType.KEYWORD);

export const searchAttributes = [LoadBalancerId, ProjectId, ResourceId, Operation, RequestId, CleanUp] as const;
