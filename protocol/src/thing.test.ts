import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseThing, thingLimits } from './thing.ts';

const td = 'https://www.w3.org/2022/wot/td/v1.1';
const parse = (value: unknown) => parseThing(JSON.stringify(value));

describe('a Thing Description', () => {
  it('tells title, properties and actions', () => {
    const lamp = { '@context': td, title: 'Lamp', properties: { status: { type: 'string' } }, actions: { toggle: {} } };
    expect(parse(lamp)).toEqual({ ok: true, value: { title: 'Lamp', properties: ['status'], actions: ['toggle'] } });
  });

  it('may have several contexts, and neither properties nor actions', () => {
    expect(parse({ '@context': [td, { cov: 'http://www.example.org/coap-binding#' }], title: 'Lamp' }).ok).toBe(true);
    expect(parse({ '@context': 'https://www.w3.org/2019/wot/td/v1', title: 'Lamp' }).ok).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['a list', [], 'JSON object'],
    ['nothing', null, 'JSON object'],
    ['no context', { title: 'Lamp' }, '@context'],
    ['another context', { '@context': 'https://schema.org', title: 'Lamp' }, '@context'],
    ['no title', { '@context': td }, 'title'],
    ['an empty title', { '@context': td, title: '' }, 'title'],
    ['a title that turns the text after it', { '@context': td, title: 'Lamp\u202e' }, 'title'],
    ['a long title', { '@context': td, title: 'x'.repeat(129) }, 'title'],
    ['actions in a list', { '@context': td, title: 'Lamp', actions: ['toggle'] }, 'actions'],
    ['an action that is a word', { '@context': td, title: 'Lamp', actions: { toggle: 'on' } }, 'actions.toggle'],
    ['an action with a strange name', { '@context': td, title: 'Lamp', actions: { 'to ggle': {} } }, 'actions'],
    ['a long name', { '@context': td, title: 'Lamp', properties: { ['x'.repeat(65)]: {} } }, 'properties'],
    ['properties that are null', { '@context': td, title: 'Lamp', properties: null }, 'properties'],
  ])('is refused with %s', (_, value, named) => {
    const parsed = parse(value);
    expect(!parsed.ok && parsed.error).toContain(named);
  });

  it('is bounded in bytes and affordances', () => {
    const many = Object.fromEntries(Array.from({ length: thingLimits.affordancesMax + 1 }, (_, i) => [`a${i}`, {}]));
    expect(parse({ '@context': td, title: 'Lamp', actions: many }).ok).toBe(false);
    expect(parse({ '@context': td, title: 'Lamp', description: 'é'.repeat(8_192) }).ok).toBe(false);
  });

  it('is not nested so deep that a parser could not come back, which strings are not', () => {
    const lamp = (more: unknown) => JSON.stringify({ '@context': td, title: 'Lamp', more });
    expect(parseThing('['.repeat(16_384)).ok).toBe(false);
    expect(parseThing(lamp(JSON.parse(`${'['.repeat(31)}${']'.repeat(31)}`))).ok).toBe(true);
    expect(parseThing(lamp(JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`))).ok).toBe(false);
    expect(parseThing(lamp(`"\\"${'['.repeat(100)}`)).ok).toBe(true);
  });

  it('never throws, whatever text comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof parseThing(text).ok).toBe('boolean');
      }),
    );
  });
});
