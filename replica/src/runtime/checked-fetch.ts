// The replica's fetch for callers whose types nobody checked: what a platform's fetch would turn into something else
// (a body of 5 into "5") is refused in words.
import { checkValue, isRecord, isText, mistake, type Place, renderValue, type Shape } from './shape.ts';

const place: Place = { kind: 'argument', prefix: 'fetch.' };

const isAddress: Shape = {
  wanted: 'an absolute URL, like http://replica/api/v2/status, or a Request',
  fits: (value) =>
    value instanceof Request || ((typeof value === 'string' || value instanceof URL) && URL.canParse(String(value))),
};
/** Bytes, text, forms and streams; null and undefined are no body. */
const isBody: Shape = {
  wanted: 'bytes or text',
  fits: (value) =>
    value === null ||
    typeof value === 'string' ||
    (typeof value === 'object' && !Array.isArray(value) && !isPlain(value)),
};
const isSignal: Shape = {
  wanted: 'the signal of an AbortController',
  fits: (value) => value === null || value instanceof AbortSignal,
};

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

export function checkFetch(inner: typeof fetch): typeof fetch {
  return async (input, init) => {
    checkValue(place, 'input', input, isAddress);
    if (init !== undefined && init !== null) checkInit(init);
    return inner(input, init);
  };
}

function checkInit(init: unknown): void {
  if (!isRecord(init)) throw mistake(place, 'init', `cannot be ${renderValue(init)}`, 'Give { method, body }.');
  const shapes = { method: isText, body: isBody, signal: isSignal };
  for (const [name, shape] of Object.entries(shapes)) {
    if (init[name] !== undefined) checkValue(place, name, init[name], shape);
  }
}
