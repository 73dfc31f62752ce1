/** What every certificate authority must do, whoever implements it. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { checkServerIdentity, connect, createServer, type Server } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CertificateAuthority } from '../../drivers/certificates/contract.ts';

const amphoraId = '6bd55cd3-802e-447e-a518-1e74e23bb106';

/** An agent's side: presents a certificate and demands one from the bundle. Echoes what it gets. */
async function listen(pem: string, trusted: string): Promise<Server> {
  const server = createServer(
    { cert: pem, key: pem, ca: trusted, requestCert: true, rejectUnauthorized: true },
    (socket) => socket.pipe(socket),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** What comes back of `hello`; rejects when either side refuses the other. */
async function say(server: Server, identity: string, trusted: string, pem?: string): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const own = pem === undefined ? {} : { cert: pem, key: pem };
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: trusted,
    servername: identity,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(identity, certificate),
    ...own,
  });
  try {
    socket.end('hello');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  } finally {
    socket.destroy();
  }
}

export function certificatesConformance(open: () => Promise<CertificateAuthority>): void {
  describe('a certificate authority', () => {
    let authority: CertificateAuthority;
    const servers: Server[] = [];

    beforeEach(async () => {
      authority = await open();
    });
    afterEach(() => {
      for (const server of servers.splice(0)) server.close();
    });

    const agent = async (): Promise<Server> => {
      const { pem } = await authority.issueForAmphora(amphoraId);
      const server = await listen(pem, await authority.trustBundle());
      servers.push(server);
      return server;
    };

    test('names the amphora in subject and DNS name', async () => {
      const { pem, notAfter } = await authority.issueForAmphora(amphoraId);
      const certificate = new X509Certificate(pem);
      expect(certificate.subject).toBe(`CN=${amphoraId}`);
      expect(certificate.subjectAltName).toBe(`DNS:${amphoraId}`);
      expect(certificate.ca).toBe(false);
      expect(certificate.keyUsage).toEqual(expect.arrayContaining(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']));
      expect(Math.abs(new Date(certificate.validTo).getTime() - notAfter.getTime())).toBeLessThan(1_000);
    });

    test('puts the certificate first and its private key after it', async () => {
      const { pem } = await authority.issueForAmphora(amphoraId);
      expect(pem).toMatch(/^-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----/);
    });

    test('issues a new key each time', async () => {
      const [first, second] = await Promise.all([
        authority.issueForAmphora(amphoraId),
        authority.issueForAmphora(amphoraId),
      ]);
      const serials = [first, second].map(({ pem }) => new X509Certificate(pem).serialNumber);
      expect(serials[0]).not.toBe(serials[1]);
    });

    test('lets controller and agent know each other by mutual TLS', async () => {
      const { pem } = await authority.clientCertificate();
      expect(await say(await agent(), amphoraId, await authority.trustBundle(), pem)).toBe('hello');
    });

    test('gives an agent a certificate that is not good for another amphora', async () => {
      const { pem } = await authority.clientCertificate();
      const other = 'a9a0e5b0-1c0f-4b1f-8f7e-000000000000';
      await expect(say(await agent(), other, await authority.trustBundle(), pem)).rejects.toThrow(/altnames/);
    });

    test('lets an agent refuse a client without a certificate', async () => {
      await expect(say(await agent(), amphoraId, await authority.trustBundle())).rejects.toThrow(
        /certificate required/,
      );
    });

    test('hands out the same client certificate while it is good', async () => {
      const [first, second] = await Promise.all([authority.clientCertificate(), authority.clientCertificate()]);
      expect(second.pem).toBe(first.pem);
    });
  });
}
