/** What HAProxy is to do, as plain data: only what is live, in order, every default filled in. Rendering adds nothing but words. */

export type Mode = 'http' | 'tcp';
export type Balance = 'roundrobin' | 'leastconn' | 'source';

/** Major and minor; decides which directives may be used. */
export interface HaproxyVersion {
  readonly major: number;
  readonly minor: number;
}

/** Where things lie in the amphora. */
export interface HaproxyPaths {
  /** Octavia: [haproxy_amphora] base_path. */
  readonly base: string;
  readonly logSocket: string;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Peer extends Endpoint {
  readonly name: string;
}

export interface Peers {
  readonly name: string;
  readonly members: readonly Peer[];
}

export interface Frontend {
  readonly id: string;
  readonly mode: Mode;
  readonly binds: readonly Endpoint[];
  /** Who may connect; everyone where there is none. */
  readonly allowedCidrs: readonly string[];
  readonly maxConnections: number;
  readonly defaultBackend: string | null;
  /** ms */
  readonly timeoutClient: number;
  /** ms; 0 for none. */
  readonly inspectDelay: number;
  readonly logFormat: string;
  /** The pools that it may send to. */
  readonly backends: readonly Backend[];
}

export type Persistence =
  | { readonly kind: 'source'; readonly tableSize: string }
  | { readonly kind: 'application-cookie'; readonly cookie: string; readonly tableSize: string }
  | { readonly kind: 'inserted-cookie' };

export interface HttpCheck {
  readonly method: string;
  readonly path: string;
  /** `1.0`, `1.1` or null for HAProxy's own choice. */
  readonly version: string | null;
  readonly host: string | null;
  readonly expectedCodes: readonly number[];
}

export interface Check {
  readonly kind: 'http' | 'https' | 'tcp' | 'tls-hello' | 'ping';
  /** s */
  readonly interval: number;
  /** s */
  readonly timeout: number;
  readonly rise: number;
  readonly fall: number;
  /** Of http and https. */
  readonly http: HttpCheck | null;
}

export type ProxyProtocol = 'v1' | 'v2';

export interface Server extends Endpoint {
  readonly id: string;
  readonly weight: number;
  readonly monitorAddress: string | null;
  readonly monitorPort: number | null;
  readonly backup: boolean;
  readonly enabled: boolean;
}

export interface Backend {
  readonly name: string;
  readonly mode: Mode;
  readonly balance: Balance;
  readonly reuseConnections: boolean;
  readonly persistence: Persistence | null;
  readonly check: Check | null;
  readonly proxyProtocol: ProxyProtocol | null;
  readonly forwardFor: boolean;
  /** Request headers to set: name and log format. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly fullConnections: number;
  /** ms */
  readonly timeoutConnect: number;
  /** ms */
  readonly timeoutServer: number;
  readonly servers: readonly Server[];
}

export interface HaproxyConfiguration {
  readonly loadBalancerId: string;
  readonly projectId: string;
  readonly sequence: number;
  readonly version: HaproxyVersion;
  readonly paths: HaproxyPaths;
  readonly maxConnections: number;
  readonly peers: Peers | null;
  readonly frontends: readonly Frontend[];
}
