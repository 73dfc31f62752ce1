/** Certificates of the authority and of those it vouches for: EC P-256, SHA-256 (RFC 5280, RFC 8813 section 3). */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const { subtle } = webcrypto;
const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

export interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** An authority that can sign. */
export interface Issuer {
  readonly certificate: X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

async function newKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** A new self-signed authority: its certificate and its private key, PEM. */
export async function createAuthority(
  commonName: string,
  period: Period,
): Promise<{ certificatePem: string; keyPem: string }> {
  const keys = await newKeyPair();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...period,
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem: await privateKeyPem(keys.privateKey) };
}

/** Reads an authority that `createAuthority` made. */
export async function openAuthority(certificatePem: string, keyPem: string): Promise<Issuer> {
  const key = await subtle.importKey('pkcs8', PemConverter.decodeFirst(keyPem), keyAlgorithm, false, ['sign']);
  return { certificate: new X509Certificate(certificatePem), key };
}

/** A certificate with a new key, for servers and clients both, PEM: certificate first, then key (Octavia: certificates/generator/local.py). */
export async function issue(issuer: Issuer, commonName: string, period: Period): Promise<string> {
  const keys = await newKeyPair();
  const certificate = await X509CertificateGenerator.create({
    ...period,
    subject: [{ CN: [commonName] }],
    issuer: issuer.certificate.subjectName,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: commonName }]),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyAgreement, true),
      new ExtendedKeyUsageExtension([serverAuth, clientAuth], true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n${await privateKeyPem(keys.privateKey)}`;
}
