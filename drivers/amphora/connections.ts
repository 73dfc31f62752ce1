/** Connections to agents, kept open between calls: one pool for each amphora, nothing shared between two of them. */
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { Pool } from 'undici';
import type { Amphora } from '../../model/graph.ts';
import type { CertificateAuthority } from '../certificates/contract.ts';
import { DriverError } from '../errors.ts';

export interface ConnectionOptions {
  /** Where agents listen (Octavia: [haproxy_amphora] bind_port). */
  readonly port: number;
  /** ms (Octavia: rest_request_conn_timeout). */
  readonly connectTimeout: number;
  /** ms (Octavia: rest_request_read_timeout). */
  readonly readTimeout: number;
  /** ms without a call after which an amphora's connections are closed. */
  readonly idleTimeout: number;
}

export const upstreamConnectionOptions: ConnectionOptions = {
  port: 9443,
  connectTimeout: 10_000,
  readTimeout: 60_000,
  idleTimeout: 60_000,
};

/** Who we are and whom we trust, PEM. */
interface Trust {
  readonly client: string;
  readonly authorities: string;
}

interface Entry {
  readonly pool: Pool;
  readonly trust: Trust;
  readonly idle: NodeJS.Timeout;
}

function originOf(amphora: Amphora, port: number): string {
  const { id, lbNetworkIp } = amphora;
  if (lbNetworkIp === null) throw new DriverError('AmphoraUnreachable', `amphora ${id} has no management address yet`);
  return isIP(lbNetworkIp) === 6 ? `https://[${lbNetworkIp}]:${port}` : `https://${lbNetworkIp}:${port}`;
}

export class AgentConnections {
  readonly #certificates: CertificateAuthority;
  readonly #options: ConnectionOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(certificates: CertificateAuthority, options: ConnectionOptions) {
    this.#certificates = certificates;
    this.#options = options;
  }

  /** The connections of an amphora. Made anew when our certificate or the list of authorities has changed. */
  async poolOf(amphora: Amphora): Promise<Pool> {
    const origin = originOf(amphora, this.#options.port);
    const [{ pem: client }, authorities] = await Promise.all([
      this.#certificates.clientCertificate(),
      this.#certificates.trustBundle(),
    ]);
    const key = `${amphora.id} ${origin}`;
    const known = this.#entries.get(key);
    if (known?.trust.client === client && known.trust.authorities === authorities) {
      known.idle.refresh();
      return known.pool;
    }
    if (known !== undefined) this.#retire(key, known);
    const pool = this.#open(origin, amphora.id, { client, authorities });
    const idle = setTimeout(() => this.#forget(key), this.#options.idleTimeout).unref();
    this.#entries.set(key, { pool, trust: { client, authorities }, idle });
    return pool;
  }

  /** Closes all connections once what runs on them is done. */
  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { idle } of entries) clearTimeout(idle);
    await Promise.all(entries.map(({ pool }) => pool.close()));
  }

  /**
   * One connection: an agent does one thing at a time, and a second would cost a handshake for nothing.
   * The agent must prove to be the amphora that we mean: its certificate names the amphora's id, not an address.
   */
  #open(origin: string, amphoraId: string, { client, authorities }: Trust): Pool {
    const { connectTimeout, readTimeout } = this.#options;
    return new Pool(origin, {
      connections: 1,
      headersTimeout: readTimeout,
      bodyTimeout: readTimeout,
      connect: {
        timeout: connectTimeout,
        ca: authorities,
        cert: client,
        key: client,
        servername: amphoraId,
        checkServerIdentity: (_host, certificate) => checkServerIdentity(amphoraId, certificate),
      },
    });
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#retire(key, entry);
  }

  /** A pool that closes lets its calls finish; that it fails to close helps nobody to know. */
  #retire(key: string, { pool, idle }: Entry): void {
    clearTimeout(idle);
    this.#entries.delete(key);
    pool.close().catch(() => pool.destroy());
  }
}
