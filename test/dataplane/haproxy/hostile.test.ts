import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnrenderableValue } from '../../../dataplane/grammar.ts';
import { upstreamPaths } from '../../../dataplane/haproxy/configuration.ts';
import { peerName } from '../../../dataplane/haproxy/peers.ts';
import { renderHaproxy } from '../../../dataplane/haproxy/render.ts';
import type { LoadBalancerGraph } from '../../../model/graph.ts';
import { aListener, aLoadBalancer, aMember, aMonitor, anAmphora, aPersistence, aPool } from '../builders.ts';
import { haproxyAccepts } from '../real-tools.ts';
import { wordsOf } from './words.ts';

const weapons = [
  '\n',
  '\r',
  '\0',
  '\u0085',
  '\u2028',
  '\t',
  ' ',
  '#',
  '"',
  "'",
  '\\',
  '$',
  '${HOME}',
  '%',
  '%[env(HOME)]',
  ',',
  '(',
  ')',
  '|',
  '.if',
  '\nbackend evil\n',
  ' if TRUE',
  ' HTTP/1.1',
  '\\r\\nHost: evil',
  'é',
  '\u{1f980}',
  '\ud800',
];
const tokenCharacters = "abz019!#$%&'*+-.^_`|~".split('');

const hostile = fc
  .array(fc.oneof(fc.constantFrom(...weapons), fc.string({ maxLength: 4 })), { maxLength: 6 })
  .map((parts) => parts.join(''));
const token = fc
  .array(fc.constantFrom(...tokenCharacters), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''));
/** Mostly what a grammar may let through, so that the quoting is put to the test as well. */
const likely = fc.oneof(hostile, token, fc.constant('plain'));

interface Attack {
  readonly name: string;
  readonly project: string;
  readonly cookie: string;
  readonly path: string;
  readonly domain: string;
  readonly header: string;
}

const attacks: fc.Arbitrary<Attack> = fc.record({
  name: hostile,
  project: likely,
  cookie: likely,
  path: likely.map((text) => `/${text}`),
  domain: fc.oneof({ weight: 1, arbitrary: hostile }, { weight: 5, arbitrary: fc.constant('www.example.com') }),
  header: hostile,
});

const harmless: Attack = { name: 'web', project: 'p', cookie: 'c', path: '/', domain: 'example.com', header: 'X' };

function attacked({ name, project, cookie, path, domain, header }: Attack): LoadBalancerGraph {
  return aLoadBalancer({
    name,
    projectId: project,
    listeners: [
      aListener({ name, insertHeaders: { [header]: 'true', 'X-Forwarded-For': 'true', 'X-Forwarded-Port': header } }),
    ],
    pools: [
      aPool({
        name,
        sessionPersistence: aPersistence({ type: 'APP_COOKIE', cookieName: cookie }),
        healthMonitor: aMonitor({ urlPath: path, httpVersion: 1.1, domainName: domain }),
      }),
    ],
  });
}

function render(graph: LoadBalancerGraph): string {
  return renderHaproxy(graph, anAmphora(1), { version: { major: 2, minor: 6 }, paths: upstreamPaths });
}

/** Null when the renderer refuses it. */
function tryRender(attack: Attack): string | null {
  try {
    return render(attacked(attack));
  } catch (error) {
    if (error instanceof UnrenderableValue) return null;
    throw error;
  }
}

/** The first word of each line and how many follow. */
function shapeOf(text: string): readonly string[] {
  return text.split('\n').map((line) => {
    const words = wordsOf(line);
    return `${words[0] ?? ''} ${words.length}`;
  });
}

describe('what a tenant sends', () => {
  test('never adds a line, a directive or a word', () => {
    const shape = shapeOf(render(attacked(harmless)));
    let rendered = 0;
    fc.assert(
      fc.property(attacks, (attack) => {
        const text = tryRender(attack);
        if (text === null) return;
        rendered += 1;
        expect(shapeOf(text)).toEqual(shape);
      }),
      { numRuns: 2_000 },
    );
    expect(rendered).toBeGreaterThan(200);
  });

  test('is taken by HAProxy when it is rendered', () => {
    fc.assert(
      fc.property(attacks, (attack) => {
        const text = tryRender(attack);
        fc.pre(text !== null);
        expect(haproxyAccepts(text, peerName(anAmphora(1).id))).toMatchObject({ accepted: true });
      }),
      { numRuns: 40 },
    );
  });

  test('reaches HAProxy as it was sent', () => {
    const attack = { ...harmless, project: `it's 100% "$HOME" #1 \\`, cookie: "a'b$c#d", path: '/x?y=\'z\'&q="$1"#\\' };
    const words = render(attacked(attack)).split('\n').flatMap(wordsOf);
    expect(words).toContain(attack.path);
    expect(words).toContain(`req.cook("a'b$c#d")`);
    expect(words.find((word) => word.includes('%ci'))).toMatch(`it's 100%% "$HOME" #1 \\ `);
  });

  test.each([
    ['a member', aPool({ members: [aMember(1, { address: '192.0.2.1:80 check' })] }), 'address'],
    ['a zone', aPool({ members: [aMember(1, { address: 'fe80::1%eth0' })] }), 'address'],
    ['a monitored address', aPool({ members: [aMember(1, { monitorAddress: 'evil' })] }), 'monitor_address'],
    ['a port', aPool({ members: [aMember(1, { protocolPort: 0 })] }), 'protocol_port'],
    ['a weight', aPool({ members: [aMember(1, { weight: 257 })] }), 'weight'],
    ['a method', aPool({ healthMonitor: aMonitor({ httpMethod: 'GET /x' }) }), 'http_method'],
    ['codes', aPool({ healthMonitor: aMonitor({ expectedCodes: '200|.*' }) }), 'expected_codes'],
    ['codes that descend', aPool({ healthMonitor: aMonitor({ expectedCodes: '204-200' }) }), 'expected_codes'],
    ['a missing cookie name', aPool({ sessionPersistence: aPersistence({ type: 'APP_COOKIE' }) }), 'cookie_name'],
  ])('is refused with the name of its field when %s is wrong', (_name, pool, field) => {
    expect(() => render(aLoadBalancer({ pools: [pool] }))).toThrow(new RegExp(` ${field}: must be`));
  });
});
