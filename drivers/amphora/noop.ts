/** Amphorae that exist on paper only: everything succeeds (Octavia: amphorae/drivers/noop_driver/driver.py). */
import type { Amphora } from '../../model/graph.ts';
import type { AmphoraDriver, AmphoraInfo } from './contract.ts';

const vipInterface = 'eth1';

export class NoopAmphoraDriver implements AmphoraDriver {
  info(amphora: Amphora): Promise<AmphoraInfo> {
    return Promise.resolve({ hostname: amphora.id, haproxyVersion: '2.6.12', apiVersion: '1.0' });
  }

  plugVip(): Promise<void> {
    return Promise.resolve();
  }

  plugNetwork(): Promise<void> {
    return Promise.resolve();
  }

  applyListeners(): Promise<void> {
    return Promise.resolve();
  }

  interfaceOf(): Promise<string | null> {
    return Promise.resolve(vipInterface);
  }

  applyVrrp(): Promise<void> {
    return Promise.resolve();
  }

  rotateCertificate(): Promise<void> {
    return Promise.resolve();
  }
}
