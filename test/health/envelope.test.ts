import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openEnvelope, RejectedHeartbeat } from '../../health/envelope.ts';
import { datagram, seal, testKey } from './datagram.ts';

const text = '{"id":"x"}';

/** `{"id": "x"}` under the key `k`, made with Python's zlib, hmac and json as Octavia's wrap_envelope does. */
const fromPython =
  'eNqrVspMUbJSUKpQqgUAExQDIDA4NmE1MGZlMTNkZDJlODA4ODU0OWJkYWMwZWEzMTcyYTA2OTIwZDliZTgxOTBmYzk3Njg0ZDllYzE1MTJlNjA=';

describe('the envelope of a heartbeat', () => {
  it('opens as an upstream agent seals it', () => {
    expect(openEnvelope(Buffer.from(fromPython, 'base64'), 'k')).toBe('{"id": "x"}');
  });

  it('opens with a hex digest', () => {
    expect(openEnvelope(datagram({ id: 'x' }), testKey)).toBe(text);
  });

  it('opens with the raw digest of old agents', () => {
    expect(openEnvelope(datagram({ id: 'x' }, testKey, 'raw'), testKey)).toBe(text);
  });

  const whole = datagram({ id: 'x' });
  const forged = Buffer.from(whole);
  forged.writeUInt8(forged.readUInt8(3) ^ 1, 3);
  it.each([
    ['another key', datagram({ id: 'x' }, 'another key')],
    ['a flipped bit', forged],
    ['a cut datagram', whole.subarray(0, -1)],
    [
      'an upper-case digest',
      Buffer.concat([whole.subarray(0, -64), Buffer.from(whole.subarray(-64).toString().toUpperCase())]),
    ],
    ['nothing', Buffer.alloc(0)],
    ['a digest alone', whole.subarray(-64)],
  ])('is rejected with %s', (_name, bytes) => {
    expect(() => openEnvelope(bytes, testKey)).toThrow(RejectedHeartbeat);
  });

  it('is rejected when its content does not inflate', () => {
    expect(() => openEnvelope(seal(Buffer.from('not zlib')), testKey)).toThrow('does not inflate');
  });

  it('is rejected when its content unfolds to more than a heartbeat can say', () => {
    const bomb = seal(deflateSync(Buffer.alloc(16 * 1024 * 1024), { level: 9 }));
    expect(bomb.length).toBeLessThan(65_507);
    expect(() => openEnvelope(bomb, testKey)).toThrow(RejectedHeartbeat);
  });

  it('says nothing of the key when it is rejected', () => {
    expect(() => openEnvelope(forged, testKey)).not.toThrow(testKey);
  });
});
