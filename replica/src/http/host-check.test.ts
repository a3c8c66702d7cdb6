import { expect, it } from 'vitest';
import { isHostAllowed, mayControl } from './host-check.ts';

it.each([
  'localhost',
  'localhost:4943',
  'LocalHost:80',
  'rwlgt-iiaaa-aaaaa-aaaaa-cai.localhost:8080',
  '127.0.0.1:1',
  '127.9.9.9',
  '[::1]:99',
])('a loopback name is allowed: %s [http.host]', (host) => expect(isHostAllowed(host, [])).toBe(true));

it.each([
  undefined,
  '',
  'example.com',
  'example.com:4943',
  '10.0.0.1',
  'localhost.example.com',
  '127.0.0.1.example.com',
  'xlocalhost',
  '[::2]',
  'localhost:4943:1',
])('another name is not: %s [http.host]', (host) => expect(isHostAllowed(host, [])).toBe(false));

it('other names are allowed when they are configured', () => {
  expect(isHostAllowed('replica.example:443', ['replica.example'])).toBe(true);
  expect(isHostAllowed('other.example', ['replica.example'])).toBe(false);
  expect(isHostAllowed('other.example', 'any')).toBe(true);
});

it.each([
  ['a program', { host: 'localhost:4943' }, []],
  ['a page of the replica itself', { host: '127.0.0.1:4943', origin: 'http://127.0.0.1:4943' }, []],
  ['a program under a name that was allowed', { host: 'replica.example' }, ['replica.example']],
] as const)('%s may turn time [http.control]', (_, headers, allowed) => {
  expect(mayControl(headers, allowed)).toBe(true);
});

it.each([
  ['a page from elsewhere', { host: 'localhost:4943', origin: 'https://example.com' }, []],
  ['a page of another port', { host: 'localhost:4943', origin: 'http://localhost:4944' }, []],
  ['a page without an address', { host: 'localhost:4943', origin: 'null' }, []],
  ['a page with a name of its own', { host: 'example.com:4943', origin: 'http://example.com:4943' }, 'any'],
  ['whoever names no host', {}, 'any'],
] as const)('%s may not turn time [http.control]', (_, headers, allowed) => {
  expect(mayControl(headers, allowed)).toBe(false);
});
