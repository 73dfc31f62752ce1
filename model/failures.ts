/**
 * Every type of failure that a flow can end with: who names it, whether a step that fails like this is tried again, and what a
 * request is answered that waits for the VIP of its new load balancer. docs/failures.md is made from this table.
 */

/** `in use`, `conflict`, `not found`: what Neutron would have answered; `provider error`: Octavia's ProviderDriverError. */
export type CreationAnswer = 'in use' | 'conflict' | 'not found' | 'provider error';

interface FailureFacts {
  /** driver: what a driver meets outside; step: what a step finds in the rows; flow: what befalls the flow itself. */
  readonly by: 'driver' | 'step' | 'flow';
  /** Whether the step is tried again, until its retry class gives up. False: final at once. Null: that is for another cause to say. */
  readonly retryable: boolean | null;
  readonly meaning: string;
  /** Of POST /v2/lbaas/loadbalancers. */
  readonly creation: CreationAnswer;
}

const final = (by: FailureFacts['by'], meaning: string, creation: CreationAnswer = 'provider error') =>
  ({ by, retryable: false, meaning, creation }) as const satisfies FailureFacts;

const transient = (by: FailureFacts['by'], meaning: string) =>
  ({ by, retryable: true, meaning, creation: 'provider error' }) as const satisfies FailureFacts;

/** One link of a chain whose others say what went wrong. */
const link = (meaning: string) =>
  ({ by: 'flow', retryable: null, meaning, creation: 'provider error' }) as const satisfies FailureFacts;

export const driverFailures = {
  NoValidHost: final(
    'driver',
    'No compute host is up that could take the machine, or the machine cannot be made there.',
  ),
  ComputeFailed: final('driver', 'The machine failed, did not run in its time, or its agent never answered.'),
  ComputeNotFound: final('driver', 'The machine that was to be changed does not exist.'),
  BuildQueueTimeout: final(
    'driver',
    'The machine had to wait too long for its turn to boot (Octavia: ComputeBuildQueueTimeoutException).',
  ),
  VipInUse: final('driver', 'The address or port that was asked for as VIP is taken.', 'in use'),
  AddressesExhausted: final('driver', 'The subnet has no address left.', 'conflict'),
  NetworkNotFound: final('driver', 'A network, subnet or port does not exist any more.', 'not found'),
  ConfigurationRefused: final('driver', 'The agent or HAProxy refused the configuration, or it cannot be written.'),
  StaleSequence: final('driver', 'The amphora runs the configuration of a newer operation.'),
  UnsealFailed: final(
    'driver',
    'A secret in the database was changed, or sealed with another key than this worker has.',
  ),
  AgentFailed: transient('driver', 'The agent of an amphora answered with an error.'),
  AmphoraUnreachable: transient('driver', 'The agent of an amphora does not answer.'),
} as const satisfies Record<string, FailureFacts>;

export const stepFailures = {
  Withdrawn: final(
    'step',
    'The request gave up before the VIP was there: the client was answered 503, and no row stays.',
  ),
  OvertakenOperation: final('step', 'A newer operation has the load balancer; this one may change nothing any more.'),
  LoadBalancerGone: final('step', 'The row of the load balancer does not exist any more.'),
  AmphoraGone: final('step', 'The row of the amphora does not exist any more, or lacks what its build wrote.'),
  VipGone: final('step', 'The load balancer has no VIP.'),
  PortGone: final('step', 'A port of the amphora does not exist any more.'),
  SubnetGone: final('step', 'The subnet of a VIP or of a member does not exist any more.'),
  ComputeGone: final('step', 'The amphora has no machine.'),
} as const satisfies Record<string, FailureFacts>;

export const flowFailures = {
  StepFailed: link('A step, by its name, did not succeed. The cause that follows says why.'),
  TemporalFailure: link(
    'What lies beneath the cause before it, in the words of the system or of a library; it has no type.',
  ),
  Timeout: transient('flow', 'A step took longer than it may, or its worker died.'),
  Untaken: final(
    'flow',
    'Nobody took the step from its queue in time: the compute host is down, or its `weir host` does not run.',
  ),
  WorkerShutdown: transient('flow', 'The worker of the step was told to stop; another worker takes the step at once.'),
  Cancelled: final('flow', 'The workflow was cancelled; what it did was taken back.'),
  WorkflowClosed: final('flow', 'The workflow was ended from outside (terminated); the sweeper closed its operation.'),
  GivenUp: final('flow', 'A person gave it up with `weir repair`; what it had done stays, or is listed there.'),
  Refused: final('flow', 'An order of `weir repair` that cannot be carried out; nothing was changed.'),
  Internal: transient('flow', 'Anything else: the database away, a fault of Weir. The message and the log say more.'),
} as const satisfies Record<string, FailureFacts>;

/** All of them. */
export const failures: Readonly<Record<string, FailureFacts>> = { ...driverFailures, ...stepFailures, ...flowFailures };

export type DriverFailureType = keyof typeof driverFailures;
export type StepFailureType = keyof typeof stepFailures;

/** The type as the table has it: what nobody named, such as the class of an error of a library, is `Internal`. */
export function failureTypeOf(name: string | null | undefined): string {
  return name != null && Object.hasOwn(failures, name) ? name : 'Internal';
}

/** What a request that waits for its VIP is answered after a failure of this type. */
export function creationAnswerTo(type: string): CreationAnswer {
  return failures[type]?.creation ?? 'provider error';
}
