import { Connection, type Client } from '@temporalio/client';
import type { Logger } from '../config/log.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';

/** temporal.api.enums.v1.IndexedValueType */
const keyword = 2;

/**
 * Makes sure that the namespace knows the search attributes of our workflows: a flow that sets one that is not known is refused its
 * every turn, for ever. What is missing is added; where that is not allowed, an error names the command that does it.
 */
export async function ensureSearchAttributes({ connection }: Client, namespace: string, log: Logger): Promise<void> {
  if (!(connection instanceof Connection)) return;
  const { operatorService } = connection;
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = searchAttributes.filter(({ name }) => customAttributes[name] === undefined);
    if (missing.length === 0) return;
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name }) => [name, keyword])),
    });
    log.info({ added: missing.map(({ name }) => name) }, 'search attributes of the Temporal namespace completed');
  } catch (error) {
    const names = searchAttributes.map(({ name }) => `--name ${name}`).join(' ');
    const command = `temporal operator search-attribute create --namespace ${namespace} --type Keyword ${names}`;
    log.error({ err: error, command }, 'cannot make sure that the Temporal namespace has our search attributes');
  }
}
