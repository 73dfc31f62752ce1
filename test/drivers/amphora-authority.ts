import type { CertificateAuthority, IssuedCertificate } from '../../drivers/certificates/contract.ts';
import { createAuthority, issue, openAuthority, type Issuer } from '../../drivers/certificates/x509.ts';

const period = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };

/** An authority without a database, whose client certificate changes when the test says so. */
export class MemoryAuthority implements CertificateAuthority {
  readonly #issuer: Issuer;
  readonly #pem: string;
  #client: IssuedCertificate | null = null;

  private constructor(issuer: Issuer, pem: string) {
    this.#issuer = issuer;
    this.#pem = pem;
  }

  static async create(): Promise<MemoryAuthority> {
    const { certificatePem, keyPem } = await createAuthority('test authority', period);
    return new MemoryAuthority(await openAuthority(certificatePem, keyPem), certificatePem);
  }

  async issueForAmphora(amphoraId: string): Promise<IssuedCertificate> {
    return { pem: await issue(this.#issuer, amphoraId, period), notAfter: period.notAfter };
  }

  async clientCertificate(): Promise<IssuedCertificate> {
    this.#client ??= await this.issueForAmphora('controller');
    return this.#client;
  }

  trustBundle(): Promise<string> {
    return Promise.resolve(this.#pem);
  }

  renewClientCertificate(): void {
    this.#client = null;
  }
}
