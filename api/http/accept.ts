/** Whether a client takes JSON (Octavia: api/common/hooks.py, ContentTypeHook; RFC 9110, 12.5.1). */

const fits = new Set(['application/json', 'application/*', '*/*']);

export function acceptsJson(header: string | undefined): boolean {
  if (header === undefined || header.trim() === '') return true;
  return header.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return fits.has(type) && !refused;
  });
}
