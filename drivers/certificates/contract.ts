/** The authority behind the agents' and the controller's certificates (Octavia: certificates/generator/local.py). */

export interface IssuedCertificate {
  /** Certificate followed by its private key, PEM. Secret. */
  readonly pem: string;
  readonly notAfter: Date;
}

export interface CertificateAuthority {
  /** Issues a certificate for an amphora: CN and DNS name are the amphora's id; server and client authentication. */
  issueForAmphora(amphoraId: string): Promise<IssuedCertificate>;
  /** The controller's own client certificate and key, issued anew when it is about to expire. */
  clientCertificate(): Promise<IssuedCertificate>;
  /** Certificates, PEM, that an agent trusts for its clients and that the controller trusts for agents: new first, then old ones still valid. */
  trustBundle(): Promise<string>;
}
