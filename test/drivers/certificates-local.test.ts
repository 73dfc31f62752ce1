import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LocalCertificateAuthority } from '../../drivers/certificates/local.ts';
import { openSealer } from '../../drivers/certificates/sealing.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { certificatesConformance } from './certificates-conformance.ts';

const day = 24 * 60 * 60 * 1000;
const validity = 30 * day;
const sealer = openSealer(Buffer.alloc(32, 1));
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.deleteFrom('certificate_authority').execute();
});

function authorityAt(clock: { now: Date }): LocalCertificateAuthority {
  return new LocalCertificateAuthority(database.db, sealer, { validity, now: () => clock.now });
}

function bundled(bundle: string): readonly X509Certificate[] {
  return (bundle.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).map((pem) => new X509Certificate(pem));
}

function signerOf(pem: string, authorities: readonly X509Certificate[]): number {
  const certificate = new X509Certificate(pem);
  return authorities.findIndex((authority) => certificate.verify(authority.publicKey));
}

certificatesConformance(() => Promise.resolve(new LocalCertificateAuthority(database.db, sealer, { validity })));

describe('the local certificate authority', () => {
  test('is one, however many processes need it first', async () => {
    const clock = { now: new Date() };
    const bundles = await Promise.all(Array.from({ length: 8 }, () => authorityAt(clock).trustBundle()));
    expect(new Set(bundles).size).toBe(1);
    expect(bundled(bundles[0] ?? '')).toHaveLength(1);
  });

  test('outlives the process', async () => {
    const clock = { now: new Date() };
    const before = await authorityAt(clock).trustBundle();
    const { pem } = await authorityAt(clock).issueForAmphora('amphora');
    expect(signerOf(pem, bundled(before))).toBe(0);
  });

  test('keeps its key sealed', async () => {
    await authorityAt({ now: new Date() }).trustBundle();
    const row = await database.db.selectFrom('certificate_authority').selectAll().executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain('PRIVATE');
    expect(sealer.unseal(row.sealed_key)).toContain('PRIVATE KEY');
  });

  test('is followed by another a year before it ends, which signs amphorae while the old one signs the controller', async () => {
    const clock = { now: new Date('2026-01-01T00:00:00Z') };
    const authority = authorityAt(clock);
    const [old] = bundled(await authority.trustBundle());
    clock.now = new Date(clock.now.getTime() + 3300 * day);
    const bundle = bundled(await authority.trustBundle());
    expect(bundle).toHaveLength(2);
    expect(bundle[1]?.fingerprint256).toBe(old?.fingerprint256);
    expect(signerOf((await authority.issueForAmphora('amphora')).pem, bundle)).toBe(0);
    expect(signerOf((await authority.clientCertificate()).pem, bundle)).toBe(1);
  });

  test('is forgotten once it has ended', async () => {
    const clock = { now: new Date('2026-01-01T00:00:00Z') };
    const authority = authorityAt(clock);
    await authority.trustBundle();
    clock.now = new Date(clock.now.getTime() + 3700 * day);
    const bundle = bundled(await authority.trustBundle());
    expect(bundle).toHaveLength(1);
    expect(signerOf((await authority.clientCertificate()).pem, bundle)).toBe(0);
  });

  test('renews the client certificate before it ends', async () => {
    const clock = { now: new Date() };
    const authority = authorityAt(clock);
    const first = await authority.clientCertificate();
    clock.now = new Date(clock.now.getTime() + 19 * day);
    expect((await authority.clientCertificate()).pem).toBe(first.pem);
    clock.now = new Date(clock.now.getTime() + 2 * day);
    const renewed = await authority.clientCertificate();
    expect(renewed.pem).not.toBe(first.pem);
    expect(renewed.notAfter.getTime()).toBe(clock.now.getTime() + validity);
  });

  test('recovers once the database answers again', async () => {
    const other = await freshDatabase();
    const authority = new LocalCertificateAuthority(other.db, sealer, { validity });
    await other.db.schema.alterTable('certificate_authority').renameTo('away').execute();
    await expect(authority.clientCertificate()).rejects.toThrow(/certificate_authority/);
    await other.db.schema.alterTable('away').renameTo('certificate_authority').execute();
    expect((await authority.clientCertificate()).pem).toContain('BEGIN CERTIFICATE');
    await other.drop();
  });
});
