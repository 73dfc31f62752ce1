import type { Settings } from '../config/settings.ts';
import type { Db } from '../db/database.ts';
import type { EndedOperation } from '../db/lifecycle/settle.ts';
import type { AmphoraDriver } from '../drivers/amphora/contract.ts';
import type { CertificateAuthority } from '../drivers/certificates/contract.ts';
import type { Sealer } from '../drivers/certificates/sealing.ts';
import type { ComputeDriver } from '../drivers/compute/contract.ts';
import type { NetworkDriver } from '../drivers/network/contract.ts';

/** What the control plane's activities work with. */
export interface ControlDependencies {
  readonly db: Db;
  readonly network: NetworkDriver;
  readonly amphora: AmphoraDriver;
  readonly certificates: CertificateAuthority;
  readonly sealer: Sealer;
  readonly settings: Settings;
  /** Told of each operation that ends, once. */
  readonly operationEnded?: (operation: EndedOperation) => void;
}

/** What the activities of a compute host work with; in a cloud, they run in the control plane. */
export interface ComputeDependencies {
  readonly db: Db;
  readonly network: NetworkDriver;
  readonly compute: ComputeDriver;
  readonly certificates: CertificateAuthority;
  readonly sealer: Sealer;
  readonly settings: Settings;
}
