/** Which directives an amphora's HAProxy knows (Octavia: common/jinja/haproxy/combined_listeners/jinja_cfg.py). */
import { UnrenderableValue } from '../grammar.ts';
import type { HaproxyVersion } from './model.ts';

/** Reads the version that an agent tells, a package's such as `2.8.5-1ubuntu3`. Throws UnrenderableValue. */
export function parseHaproxyVersion(text: string): HaproxyVersion {
  const match = /^(?:\d+:)?(\d+)\.(\d+)/.exec(text);
  if (match === null) throw new UnrenderableValue('haproxy_version', 'must begin with a number, a dot and a number');
  return { major: Number(match[1]), minor: Number(match[2]) };
}

const since = (major: number, minor: number) => (version: HaproxyVersion) =>
  version.major > major || (version.major === major && version.minor >= minor);

export const knowsServerState = since(1, 6);
export const knowsHttpReuse = since(1, 6);
export const needsInsecureFork = since(2, 2);
