import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const { subtle } = webcrypto;
const dayMs = 24 * 3600 * 1000;

/** An authority made for one test run. */
export interface Authority {
  readonly pem: string;
  /** Certificate and key in one PEM; `name` is its subject and its DNS name. */
  issue(name: string): Promise<string>;
}

export async function createAuthority(name: string): Promise<Authority> {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  const issue = async (subject: string): Promise<string> => {
    const own = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const issued = await x509.X509CertificateGenerator.create({
      subject: `CN=${subject}`,
      issuer: certificate.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      ...validity,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: subject }])],
    });
    const key = Buffer.from(await subtle.exportKey('pkcs8', own.privateKey)).toString('base64');
    const lines = key.match(/.{1,64}/g)?.join('\n') ?? '';
    return `${issued.toString('pem')}\n-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
  };
  return { pem: certificate.toString('pem'), issue };
}
