import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { configOf, type AgentContext } from '../context.ts';
import { failure, json, type AgentRequest, type AgentResponse } from '../http/message.ts';
import { haproxyPaths } from '../paths.ts';
import { readIfExists, writeFileAtomic } from '../process/files.ts';
import { md5 } from './haproxy-config.ts';
import { fileNameParameter, idParameter } from './parameters.ts';

/** PUT /loadbalancer/{lb}/certificates/{file}: a certificate with key, an authority, a revocation list or a crt-list. */
export async function uploadCertificate(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const { id, file, folder } = certificateOf(context, request);
  return context.mutex.run(id, async () => {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(join(folder, file), request.body, 0o600);
    context.haproxy.markUnchecked(id);
    return json(200, { message: 'OK' }, { etag: md5(request.body) });
  });
}

/** GET /loadbalancer/{lb}/certificates/{file}: its MD5, never the certificate itself. */
export async function certificateMd5(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const { file, folder } = certificateOf(context, request);
  const content = await readIfExists(join(folder, file));
  if (content === null) throw failure(404, 'Certificate Not Found', `No certificate with filename: ${file}`);
  return json(200, { md5sum: md5(content) }, { etag: md5(content) });
}

export async function deleteCertificate(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const { id, file, folder } = certificateOf(context, request);
  return context.mutex.run(id, async () => {
    await rm(join(folder, file), { force: true });
    context.haproxy.markUnchecked(id);
    return json(200, { message: 'OK' });
  });
}

/**
 * PUT /certificate: replaces the agent's own certificate and key; new connections get it at once, open ones stay
 * (Octavia: certificate_update.py). One that cannot be used is refused: it would cut the amphora off.
 */
export async function replaceServerCertificate(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  try {
    createSecureContext({ cert: request.body, key: request.body });
  } catch (error) {
    throw failure(400, 'Invalid certificate', (error as Error).message);
  }
  await writeFileAtomic(configOf(context).serverCert, request.body, 0o600);
  await context.reloadTls();
  return json(202, { message: 'OK' });
}

function certificateOf(context: AgentContext, request: AgentRequest): { id: string; file: string; folder: string } {
  const file = fileNameParameter(request, 'file');
  const id = idParameter(request, 'lb');
  return { id, file, folder: haproxyPaths(configOf(context), id).certificates };
}
