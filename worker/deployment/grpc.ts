import { isGrpcServiceError } from '@temporalio/client';

/** Answers of Temporal's server that are no failure to us (gRPC status codes). */
export const grpc = { notFound: 5, failedPrecondition: 9, unimplemented: 12 } as const;

/** Whether Temporal's server answered so. */
export const answered = (error: unknown, code: (typeof grpc)[keyof typeof grpc]): boolean =>
  isGrpcServiceError(error) && (error.code as number) === code;
