import { readFileSync } from 'node:fs';
import { Client, Connection, type TLSConfig } from '@temporalio/client';
import type { Settings } from '../config/settings.ts';
import type { Tracing } from '../tracing/contract.ts';
import { traceStarts } from './tracing.ts';

/** How to reach the Temporal frontend: the same for a client and a worker. */
export interface TemporalEndpoint {
  readonly address: string;
  readonly tls: TLSConfig | boolean;
  readonly apiKey?: string;
}

/** Reads the settings, and the files with certificates that they name. Throws when one cannot be read. */
export function temporalEndpoint(settings: Settings): TemporalEndpoint {
  const { temporalAddress: address, temporalTlsCa: ca, temporalTlsCert: cert, temporalTlsKey: key } = settings;
  const apiKey = settings.temporalApiKey === '' ? undefined : settings.temporalApiKey;
  const config: TLSConfig = {
    ...(ca !== '' && { serverRootCACertificate: readFileSync(ca) }),
    ...(cert !== '' && { clientCertPair: { crt: readFileSync(cert), key: readFileSync(key) } }),
  };
  const tls = Object.keys(config).length > 0 ? config : settings.temporalTls || apiKey !== undefined;
  return { address, tls, ...(apiKey !== undefined && { apiKey }) };
}

/** A client that connects on first use, so that a process starts and answers while Temporal is away. */
export function openTemporalClient(settings: Settings, tracing?: Tracing): Client {
  return new Client({
    connection: Connection.lazy(temporalEndpoint(settings)),
    namespace: settings.temporalNamespace,
    ...(tracing !== undefined && { interceptors: { workflow: [traceStarts(tracing)] } }),
  });
}
