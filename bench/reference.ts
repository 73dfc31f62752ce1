/** OpenStack Octavia 19.0.0 with no-op drivers, MariaDB and RabbitMQ on two busy cores, to about 30 %. Milliseconds unless named otherwise. */
import { rounded } from './measurement.ts';

export const octavia = {
  create: { median: 937, p95: 1912 },
  /** With one worker process; 106 with two. */
  burstSeconds: 148,
  edit: { median: 713, p95: 898 },
  /** GET of 100 load balancers, 16 connections. */
  listPerSecond: 21,
  heartbeatsPerSecond: 250,
} as const;

/** Ours as a multiple of Octavia's. */
export function ratio(ours: number, theirs: number): number {
  return rounded(ours / theirs, 3);
}
