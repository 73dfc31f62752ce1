import { all, type Steps } from '../saga.ts';

/** Makes each amphora of a pair know the other: VRRP on both (Octavia: flows/amphora_flows.py get_vrrp_subflow). Unreachable ones are skipped in a failover. */
export async function formPair(step: Steps, amphoraIds: readonly string[]): Promise<void> {
  await all(amphoraIds, (id) => step.amphora('form VRRP pair', (a) => a.applyVrrp(id)));
}
