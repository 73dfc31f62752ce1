import type { Settings } from '../../config/settings.ts';
import type { Db } from '../../db/database.ts';
import type { CertificateAuthority } from './contract.ts';
import { LocalCertificateAuthority } from './local.ts';
import type { Sealer } from './sealing.ts';

/** The certificate authority that the settings ask for. Nothing is read or made before it is first used. */
export function openCertificateAuthority(
  db: Db,
  sealer: Sealer,
  settings: Pick<Settings, 'certValiditySec'>,
): CertificateAuthority {
  return new LocalCertificateAuthority(db, sealer, { validity: settings.certValiditySec * 1000 });
}
