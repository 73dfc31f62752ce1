import type { FastifyInstance } from 'fastify';
import { identifyNobody } from '../../../api/http/noauth.ts';
import { buildServer } from '../../../api/server.ts';
import { createLogger } from '../../../config/log.ts';
import { openNetworkDriver } from '../../../drivers/network/open.ts';
import { TemporalStarter } from '../../../temporal/open.ts';
import type { Cloud } from './cloud.ts';

/** The API of a cloud. A creation waits for its VIP for `vipLimitMs`, where that is given. */
export function apiOf({ client, database: { db }, settings }: Cloud, vipLimitMs?: number): FastifyInstance {
  const log = createLogger('test', 'silent');
  return buildServer({
    db,
    starter: new TemporalStarter(client, db, settings, log, vipLimitMs),
    reader: { steps: () => Promise.resolve([]) },
    network: openNetworkDriver({ networkDriver: 'linux' }, db),
    identify: identifyNobody,
    settings,
    log,
  });
}
