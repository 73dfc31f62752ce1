import type { sql } from 'kysely';
import type { Cloud } from './cloud.ts';

/** A question to the database whose answers are words. */
export type Statement = ReturnType<typeof sql<{ what: string }>>;

/** The answers to all questions. */
export async function found(cloud: Cloud, statements: readonly Statement[]): Promise<readonly string[]> {
  const results = await Promise.all(statements.map((statement) => statement.execute(cloud.database.db)));
  return results.flatMap(({ rows }) => rows.map(({ what }) => what));
}
