import { Client, Connection } from '@temporalio/client';
import { afterAll, describe, expect, it } from 'vitest';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import { migrationStatus } from '../../db/migrate.ts';
import { freshDatabase } from '../support/postgres.ts';
import { testTemporal } from '../support/temporal.ts';

describe('the servers of the tests', async () => {
  const one = await freshDatabase();
  const two = await freshDatabase();
  afterAll(() => Promise.all([one.drop(), two.drop()]));

  it('give each file a migrated database of its own', async () => {
    const migrations = await migrationStatus(one.db);
    expect(migrations.every((migration) => migration.executedAt !== undefined)).toBe(true);
    expect(one.url).not.toBe(two.url);
  });

  it('serve Temporal with the search attributes of the flows', async () => {
    const { address, namespace } = await testTemporal();
    const connection = await Connection.connect({ address });
    const client = new Client({ connection, namespace });
    const found = await client.connection.operatorService.listSearchAttributes({ namespace });
    expect(Object.keys(found.customAttributes ?? {})).toEqual(
      expect.arrayContaining(searchAttributes.map(({ name }) => name)),
    );
    await connection.close();
  });
});
