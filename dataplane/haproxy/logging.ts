/** The line that HAProxy logs for each connection (Octavia: [haproxy_amphora] user_log_format). */
import type { Mode } from './model.ts';
import { inLogFormat } from './text.ts';

const fields: readonly { readonly format: string; readonly httpOnly?: true }[] = [
  { format: '%f' },
  { format: '%ci' },
  { format: '%cp' },
  { format: '%t' },
  { format: '%{+Q}r', httpOnly: true },
  { format: '%ST', httpOnly: true },
  { format: '%B' },
  { format: '%U' },
  { format: '%[ssl_c_verify]' },
  { format: '%{+Q}[ssl_c_s_dn]' },
  { format: '%b' },
  { format: '%s' },
  { format: '%Tt' },
  { format: '%tsc' },
];

export function logFormat(projectId: string, loadBalancerId: string, mode: Mode): string {
  const known = fields.map(({ format, httpOnly }) => (httpOnly && mode === 'tcp' ? '-' : format));
  return [inLogFormat(projectId), inLogFormat(loadBalancerId), ...known].join(' ');
}
