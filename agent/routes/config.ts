import type { AgentContext } from '../context.ts';
import { failure, json, type AgentRequest, type AgentResponse } from '../http/message.ts';

/** PUT /config: a new amphora-agent.conf. Heartbeats follow it at once; the listening address after a restart. */
export async function replaceConfig(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  try {
    await context.config.replace(request.body.toString('utf8'));
    await context.reloadTls();
  } catch (error) {
    throw failure(500, 'Unable to update amphora-agent configuration.', (error as Error).message);
  }
  return json(202, { message: 'OK' });
}
