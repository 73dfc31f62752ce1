import { all, type Steps } from '../saga.ts';

/** Makes each amphora of a new pair know the other: VRRP on both (Octavia: flows/amphora_flows.py get_vrrp_subflow). */
export async function formPair(step: Steps, amphoraIds: readonly string[]): Promise<void> {
  await all(amphoraIds, (id) => step.amphora('form VRRP pair', (a) => a.applyVrrp(id)));
}

/**
 * The same after a failover: an amphora that does not answer, or is on its way out, is left for its own failover. Returns those
 * that answer nothing but errors.
 */
export async function reformPair(step: Steps, amphoraIds: readonly string[]): Promise<readonly string[]> {
  const told = await all(amphoraIds, async (id) => {
    const state = await step.amphoraFailover('form VRRP pair', (a) => a.applyVrrpIfReachable(id));
    return state === 'broken' ? [id] : [];
  });
  return told.flat();
}
