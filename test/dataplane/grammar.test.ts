import { describe, expect, test } from 'vitest';
import { address, endpoint, filePath, hostName, network, statusCodes, urlPath } from '../../dataplane/grammar.ts';

describe('a grammar', () => {
  test.each([
    ['200', [200]],
    ['404, 200,200', [200, 404]],
    ['200-203', [200, 201, 202, 203]],
    ['200-201,503', [200, 201, 503]],
  ])('reads the status codes %j', (text, codes) => {
    expect(statusCodes('expected_codes', text)).toEqual(codes);
  });

  test.each(['', '99', '600', '200-', '200;404', '2xx', '204-200'])('refuses the status codes %j', (text) => {
    expect(() => statusCodes('expected_codes', text)).toThrow('expected_codes: must be');
  });

  test('percent-encodes what is not ASCII in a path', () => {
    expect(urlPath('url_path', '/é?q=%20')).toBe('/%C3%A9?q=%20');
  });

  test.each(['', 'no-slash', '/with blank', '/line\nbreak'])('refuses the path %j', (text) => {
    expect(() => urlPath('url_path', text)).toThrow('url_path: must be a URL path');
  });

  test.each(['203.0.113.77/24', '203.0.113.0/24'])('clears the host bits of %s', (text) => {
    expect(network('cidr', text)).toBe('203.0.113.0/24');
  });

  test.each(['203.0.113.0', '203.0.113.0/33', '1/8', 'fe80::%eth0/64', '::/129'])('refuses the network %j', (text) => {
    expect(() => network('cidr', text)).toThrow('cidr: must be');
  });

  test.each(['0x7f.1', '1', '127.1', 'fe80::1%eth0', 'host', ''])('refuses the address %j', (text) => {
    expect(() => address('address', text)).toThrow('address: must be an IP address');
  });

  test('puts an IPv6 address in brackets before its port', () => {
    expect([endpoint('192.0.2.1', 80), endpoint('2001:db8::1', 80)]).toEqual(['192.0.2.1:80', '[2001:db8::1]:80']);
  });

  test.each(['www.example.com', 'a', '_sip.example.com', 'example.com.'])('takes the host name %s', (text) => {
    expect(hostName('domain_name', text)).toBe(text);
  });

  test.each(['', '-a', 'a..b', 'a b', 'a%[b]', `${'a'.repeat(64)}.com`])('refuses the host name %j', (text) => {
    expect(() => hostName('domain_name', text)).toThrow('domain_name: must be a host name');
  });

  test.each(['relative', '/with blank', '/quote"'])('refuses the file %j', (text) => {
    expect(() => filePath('base_path', text)).toThrow('base_path: must be an absolute path');
  });
});
