// Reads an interface description in Candid (a `.did` text) into plain data: types, arguments of init, methods. Refuses what
// is not Candid with the line; never throws, whatever the text. Text comes from outside, so depth and size have limits.
import { ok, type Result, refuse } from '@tamc/base/result';
import { lineOf, parseTokens, type Token } from './candid-tokens.ts';

export type CandidPrimitive = (typeof primitives)[number];

export type CandidType =
  | { readonly kind: 'primitive'; readonly name: CandidPrimitive }
  | { readonly kind: 'opt'; readonly of: CandidType }
  | { readonly kind: 'vec'; readonly of: CandidType }
  | { readonly kind: 'record'; readonly fields: readonly CandidField[] }
  | { readonly kind: 'variant'; readonly fields: readonly CandidField[] }
  | { readonly kind: 'func'; readonly func: CandidFunction }
  | { readonly kind: 'service'; readonly methods: CandidMethods }
  /** Stands for what the description's table of types has under this name. */
  | { readonly kind: 'name'; readonly name: string };

export interface CandidField {
  /** The name, or `_n_` for a field that has only its number. */
  readonly label: string;
  readonly number: number | null;
  readonly type: CandidType;
}

export type Annotation = 'query' | 'composite_query' | 'oneway';

export interface CandidFunction {
  readonly inputs: readonly CandidType[];
  readonly outputs: readonly CandidType[];
  readonly annotations: readonly Annotation[];
}

/** A method's type may be the name of a function type. */
export type CandidMethods = ReadonlyMap<string, CandidType>;
export type CandidTypes = ReadonlyMap<string, CandidType>;

export interface CandidText {
  readonly types: CandidTypes;
  /** Null when the service takes no arguments at install. */
  readonly init: readonly CandidType[] | null;
  readonly methods: CandidMethods;
}

/** Nested types deeper than this are refused: far beyond what a person writes, and within the stack of an interpreter. */
const depthMax = 100;
/** One named type may hold the next one: all their depths together, so that who follows names stays within its stack too. */
const depthOfNamesMax = 2_000;
/** Field numbers are 32 bits wide (Candid, "Fields"). */
const fieldNumberMax = 2 ** 32 - 1;

const primitives = [
  'nat',
  'nat8',
  'nat16',
  'nat32',
  'nat64',
  'int',
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'bool',
  'text',
  'null',
  'reserved',
  'empty',
  'principal',
] as const;

const byte: CandidType = { kind: 'primitive', name: 'nat8' };
const nothing: CandidType = { kind: 'primitive', name: 'null' };
const plainTypes = new Map<string, CandidType>(primitives.map((name) => [name, { kind: 'primitive', name }]));
plainTypes.set('blob', { kind: 'vec', of: byte });

const annotations: readonly string[] = ['query', 'composite_query', 'oneway'];

export function parseCandid(source: string): Result<CandidText, string> {
  const tokens = parseTokens(source);
  if (!tokens.ok) return tokens;
  try {
    return ok(createParser(source, tokens.value).description());
  } catch (error) {
    if (error instanceof CandidError) return refuse(error.message);
    throw error;
  }
}

/** The type itself behind the names that stand for it. */
export function namedType(types: CandidTypes, type: CandidType): Exclude<CandidType, { kind: 'name' }> {
  let found = type;
  // The parser has refused names that stand for nothing.
  while (found.kind === 'name') found = types.get(found.name)!;
  return found;
}

/** Leaves the recursive descent; never leaves this file. */
class CandidError extends Error {
  override readonly name = 'CandidError';
}

function createParser(source: string, tokens: readonly Token[]) {
  let at = 0;
  let depth = 0;
  let deepest = 0;
  let depthOfNames = 0;
  const types = new Map<string, CandidType>();
  /** Names in use, with where each was met first. */
  const uses = new Map<string, number>();
  const services: CandidMethods[] = [];

  const failAt = (place: number, text: string): never => {
    throw new CandidError(`line ${lineOf(source, tokens[place]?.at ?? source.trimEnd().length)}: ${text}`);
  };
  const fail = (text: string): never => failAt(at, text);
  const peek = (text: string) => tokens[at]?.text === text && tokens[at]?.kind !== 'text';
  const take = (text: string) => {
    if (!peek(text)) return false;
    at++;
    return true;
  };
  const expect = (text: string) => {
    if (!take(text)) fail(`"${text}" is missing before ${JSON.stringify(tokens[at]?.text ?? 'the end')}`);
  };
  const next = (): Token => tokens[at++] ?? fail('the description ends too early');
  const isNamed = () => tokens[at + 1]?.text === ':' && tokens[at + 1]?.kind === 'sign';

  function list<T>(opening: string, closing: string, separator: string, item: () => T): T[] {
    const items: T[] = [];
    expect(opening);
    while (!take(closing)) {
      items.push(item());
      if (!take(separator) && !peek(closing)) expect(separator);
    }
    return items;
  }

  function type(): CandidType {
    if (++depth > depthMax) fail('types are nested too deeply');
    deepest = Math.max(deepest, depth);
    if (tokens[at]?.kind !== 'name') fail('a type is missing');
    const word = next().text;
    const found = composite(word) ?? plainTypes.get(word) ?? use(word);
    depth--;
    return found;
  }

  function composite(word: string): CandidType | null {
    if (word === 'opt' || word === 'vec') return { kind: word, of: type() };
    if (word === 'record') return { kind: word, fields: distinct(recordFields()) };
    if (word === 'variant') return { kind: word, fields: distinct(list('{', '}', ';', variantField)) };
    if (word === 'func') return { kind: word, func: func() };
    if (word === 'service') return { kind: word, methods: actor() };
    return null;
  }

  function use(name: string): CandidType {
    if (!uses.has(name)) uses.set(name, at - 1);
    return { kind: 'name', name };
  }

  function recordFields(): CandidField[] {
    let position = 0;
    return list('{', '}', ';', () => {
      const isGiven = isNamed();
      const key = isGiven ? fieldKey() : keyOfNumber(position);
      if (isGiven) expect(':');
      position = (key.number ?? position) + 1;
      return { ...key, type: type() };
    });
  }

  function variantField(): CandidField {
    const key = fieldKey();
    return { ...key, type: take(':') ? type() : nothing };
  }

  function keyOfNumber(number: number): { label: string; number: number } {
    if (number > fieldNumberMax) fail(`the field number ${number} is too large`);
    return { label: `_${number}_`, number };
  }

  function fieldKey(): { label: string; number: number | null } {
    const { kind, text } = next();
    return kind === 'number' ? keyOfNumber(Number(text)) : { label: text, number: null };
  }

  function distinct(fields: CandidField[]): CandidField[] {
    const labels = new Set<string>();
    for (const { label } of fields) {
      if (labels.has(label)) fail(`"${label}" is there twice`);
      labels.add(label);
    }
    return fields;
  }

  function func(): CandidFunction {
    const inputs = list('(', ')', ',', argument);
    expect('->');
    const outputs = list('(', ')', ',', argument);
    const modes: Annotation[] = [];
    while (isAnnotation(tokens[at])) modes.push(next().text as Annotation);
    return { inputs, outputs, annotations: modes };
  }

  function argument(): CandidType {
    if (isNamed()) at += 2;
    return type();
  }

  function actor(): CandidMethods {
    const methods = new Map<string, CandidType>();
    list('{', '}', ';', () => {
      const name = next().text;
      if (methods.has(name)) fail(`the method "${name}" is there twice`);
      expect(':');
      methods.set(name, peek('(') ? { kind: 'func', func: func() } : use(next().text));
    });
    services.push(methods);
    return methods;
  }

  function description(): CandidText {
    while (take('type')) definition();
    if (peek('import')) fail('imports are not supported: a canister carries its whole interface');
    expect('service');
    if (!peek(':')) next();
    expect(':');
    const init = peek('(') ? list('(', ')', ',', argument) : null;
    if (init !== null) expect('->');
    const service: CandidType = peek('{') ? { kind: 'service', methods: actor() } : use(next().text);
    take(';');
    if (at < tokens.length) fail('the description goes on after its service');
    checkNames();
    for (const methods of services) checkMethods(methods);
    const found = namedType(types, service);
    if (found.kind !== 'service') return fail('the service is not a service type');
    return { types, init, methods: found.methods };
  }

  function definition(): void {
    const { text } = next();
    expect('=');
    if (types.has(text)) fail(`type ${text} is there twice`);
    deepest = 0;
    types.set(text, type());
    depthOfNames += deepest;
    if (depthOfNames > depthOfNamesMax) fail('the named types together are too deep');
    take(';');
  }

  function checkNames(): void {
    for (const [name, place] of uses) if (!types.has(name)) failAt(place, `there is no type ${name}`);
    const grounded = new Set<string>();
    for (const [name, place] of uses) {
      const passed = new Set<string>();
      for (let found = types.get(name)!; found.kind === 'name'; found = types.get(found.name)!) {
        if (grounded.has(found.name)) break;
        if (passed.has(found.name)) failAt(place, `type ${name} stands for nothing but itself`);
        passed.add(found.name);
      }
      for (const each of passed) grounded.add(each);
    }
  }

  function checkMethods(methods: CandidMethods): void {
    for (const [name, method] of methods) {
      if (namedType(types, method).kind !== 'func') fail(`the type of method "${name}" is not a function`);
    }
  }

  return { description };
}

function isAnnotation(token: Token | undefined): boolean {
  return token?.kind === 'name' && annotations.includes(token.text);
}
