/** The authority of our own, kept in PostgreSQL with its key sealed (Octavia: certificates/generator/local.py). */
import { randomBytes } from 'node:crypto';
import type { Db } from '../../db/database.ts';
import type { CertificateAuthority, IssuedCertificate } from './contract.ts';
import type { Sealer } from './sealing.ts';
import { addAuthorityIfDue, validAuthorities, type NewAuthority, type StoredAuthority } from './store.ts';
import { createAuthority, issue, openAuthority } from './x509.ts';

const day = 24 * 60 * 60 * 1000;
const authorityValidity = 3650 * day;
/** A new authority comes this long before the last one ends: time to reach every amphora with it. */
const authorityOverlap = 365 * day;
/** Clocks of hosts differ: what is issued counts from a little earlier. */
const clockSkew = 5 * 60 * 1000;
/** How long the list of authorities is believed before it is read again. */
const listTtl = 60_000;
const clientName = 'weir-controller';

export interface LocalAuthorityOptions {
  /** ms that a certificate is valid. */
  readonly validity: number;
  readonly now?: () => Date;
}

interface Cached<T> {
  readonly value: T;
  /** ms since the epoch */
  readonly until: number;
}

/**
 * Amphorae trust the authorities that were valid when they booted. So their certificates come from the newest authority, which
 * the controller knows at once, and the controller's own from the oldest, which every living amphora knows.
 */
export class LocalCertificateAuthority implements CertificateAuthority {
  readonly #db: Db;
  readonly #sealer: Sealer;
  readonly #validity: number;
  readonly #now: () => Date;
  #authorities: Cached<Promise<readonly StoredAuthority[]>> | null = null;
  #client: Cached<Promise<IssuedCertificate>> | null = null;

  constructor(db: Db, sealer: Sealer, options: LocalAuthorityOptions) {
    this.#db = db;
    this.#sealer = sealer;
    this.#validity = options.validity;
    this.#now = options.now ?? (() => new Date());
  }

  async issueForAmphora(amphoraId: string): Promise<IssuedCertificate> {
    const authorities = await this.#valid();
    return this.#issue(authorities.at(0), amphoraId);
  }

  /** Issued anew when a third of its time is left. */
  async clientCertificate(): Promise<IssuedCertificate> {
    const now = this.#now().getTime();
    if (this.#client !== null && now < this.#client.until) return this.#client.value;
    const value = this.#issueForClient();
    this.#client = { value, until: now + this.#validity * (2 / 3) };
    return this.#keep(value, () => (this.#client = null));
  }

  async trustBundle(): Promise<string> {
    const authorities = await this.#valid();
    return authorities.map(({ certificatePem }) => certificatePem).join('');
  }

  async #issueForClient(): Promise<IssuedCertificate> {
    const authorities = await this.#valid();
    const lasting = this.#now().getTime() + this.#validity;
    const oldest = authorities.findLast(({ notAfter }) => notAfter.getTime() >= lasting);
    return this.#issue(oldest ?? authorities.at(0), clientName);
  }

  async #issue(authority: StoredAuthority | undefined, commonName: string): Promise<IssuedCertificate> {
    if (authority === undefined) throw new Error('there is no certificate authority');
    const now = this.#now().getTime();
    const issuer = await openAuthority(authority.certificatePem, this.#sealer.unseal(authority.sealedKey));
    const period = {
      notBefore: new Date(now - clockSkew),
      notAfter: new Date(Math.min(now + this.#validity, authority.notAfter.getTime())),
    };
    return { pem: await issue(issuer, commonName, period), notAfter: period.notAfter };
  }

  async #valid(): Promise<readonly StoredAuthority[]> {
    const now = this.#now().getTime();
    if (this.#authorities !== null && now < this.#authorities.until) return this.#authorities.value;
    const value = this.#load();
    this.#authorities = { value, until: now + listTtl };
    return this.#keep(value, () => (this.#authorities = null));
  }

  /** A failure is not kept. */
  async #keep<T>(value: Promise<T>, forget: () => void): Promise<T> {
    try {
      return await value;
    } catch (error) {
      forget();
      throw error;
    }
  }

  async #load(): Promise<readonly StoredAuthority[]> {
    const now = this.#now();
    const isDue = (newest: StoredAuthority | undefined): boolean =>
      newest === undefined || newest.notAfter.getTime() < now.getTime() + authorityOverlap;
    const authorities = await validAuthorities(this.#db, now);
    if (!isDue(authorities[0])) return authorities;
    await addAuthorityIfDue(this.#db, now, isDue, () => this.#create(now));
    return validAuthorities(this.#db, now);
  }

  async #create(now: Date): Promise<NewAuthority> {
    const notAfter = new Date(now.getTime() + authorityValidity);
    const name = `Weir authority ${randomBytes(4).toString('hex')}`;
    const notBefore = new Date(now.getTime() - clockSkew);
    const { certificatePem, keyPem } = await createAuthority(name, { notBefore, notAfter });
    return { certificatePem, sealedKey: this.#sealer.seal(keyPem), notAfter };
  }
}
