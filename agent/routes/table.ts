import type { AgentContext } from '../context.ts';
import type { Route } from '../http/router.ts';
import { PackageVersions } from '../versions.ts';
import { certificateMd5, deleteCertificate, replaceServerCertificate, uploadCertificate } from './certificates.ts';
import { replaceConfig } from './config.ts';
import { details } from './details.ts';
import { getHaproxyConfig, uploadHaproxyConfig } from './haproxy-config.ts';
import { discover, info, interfaceOf } from './info.ts';
import { actOnLoadBalancer, deleteLoadBalancer, listListeners } from './loadbalancer.ts';
import { plugNetwork, plugVip } from './plug.ts';
import { actOnVrrp, uploadVrrpConfig } from './vrrp.ts';

type ContextHandler = (context: AgentContext, request: Parameters<Route['handler']>[0]) => ReturnType<Route['handler']>;

/**
 * Every path of the agent API 1.0 (Octavia: api_server/server.py), the first that fits wins. Still to come: LVS listeners
 * (`/listeners/{amphora}/{listener}/udp_listener`) and SR-IOV rules (`/interface/{ip}/rules`).
 */
export function agentRoutes(context: AgentContext): readonly Route[] {
  const versions = new PackageVersions();
  const route = (method: Route['method'], path: string, handler: ContextHandler): Route => ({
    method,
    path,
    handler: async (request) => handler(context, request),
  });
  const certificate = '/1.0/loadbalancer/:lb/certificates/:file';
  return [
    route('GET', '/', async () => Promise.resolve(discover())),
    route('PUT', '/1.0/loadbalancer/:amphora/:lb/haproxy', uploadHaproxyConfig),
    route('GET', '/1.0/loadbalancer/:lb/haproxy', getHaproxyConfig),
    route('PUT', certificate, uploadCertificate),
    route('GET', certificate, certificateMd5),
    route('DELETE', certificate, deleteCertificate),
    route('PUT', '/1.0/loadbalancer/:id/:action', actOnLoadBalancer),
    route('DELETE', '/1.0/listeners/:id', deleteLoadBalancer),
    route('GET', '/1.0/listeners', listListeners),
    route('PUT', '/1.0/config', replaceConfig),
    route('GET', '/1.0/details', async () => details(context, versions)),
    route('GET', '/1.0/info', async () => info(context, versions)),
    route('POST', '/1.0/plug/vip/:vip', plugVip),
    route('POST', '/1.0/plug/network', plugNetwork),
    route('PUT', '/1.0/certificate', replaceServerCertificate),
    route('PUT', '/1.0/vrrp/upload', uploadVrrpConfig),
    route('PUT', '/1.0/vrrp/:action', actOnVrrp),
    route('GET', '/1.0/interface/:ip', async (_context, request) => interfaceOf(request)),
  ];
}
