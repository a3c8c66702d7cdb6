// Reads a Candid interface description (the `.did` that a canister carries as `candid:service`) into the Candid library's
// types, so that its methods can be called without generated code.
import { IDL } from '@dfinity/candid';
import { ok, type Result, refuse } from '@tamc/base/result';
import { parseTokens, type Token } from './did-tokens.ts';

export type Methods = Readonly<Record<string, IDL.FuncClass>>;

/** Nested types deeper than this are refused; it is far beyond what a person writes, and within the stack of the parser. */
const depthLimit = 200;

export function parseDid(source: string): Result<Methods, string> {
  const tokens = parseTokens(source);
  if (!tokens.ok) return tokens;
  try {
    return ok(createParser(tokens.value).service());
  } catch (error) {
    if (error instanceof DidError) return refuse(error.message);
    throw error;
  }
}

/** Leaves the recursive descent; never leaves this file. */
class DidError extends Error {
  override readonly name = 'DidError';
}

const primitives: Readonly<Record<string, IDL.Type>> = {
  nat: IDL.Nat,
  nat8: IDL.Nat8,
  nat16: IDL.Nat16,
  nat32: IDL.Nat32,
  nat64: IDL.Nat64,
  int: IDL.Int,
  int8: IDL.Int8,
  int16: IDL.Int16,
  int32: IDL.Int32,
  int64: IDL.Int64,
  float32: IDL.Float32,
  float64: IDL.Float64,
  bool: IDL.Bool,
  text: IDL.Text,
  null: IDL.Null,
  reserved: IDL.Reserved,
  empty: IDL.Empty,
  principal: IDL.Principal,
  blob: IDL.Vec(IDL.Nat8),
};

type Service = Record<string, IDL.FuncClass>;

/** The type behind the knot of one that contains itself. */
function untied(type: IDL.Type): IDL.Type {
  return type instanceof IDL.RecClass ? (type.getType() ?? type) : type;
}

function createParser(tokens: readonly Token[]) {
  let at = 0;
  let depth = 0;
  /** Where the right-hand side of each named type begins. */
  const definitions = new Map<string, number>();
  const known = new Map<string, IDL.Type>();
  const open = new Map<string, IDL.RecClass | null>();

  const fail = (text: string): never => {
    throw new DidError(`line ${tokens[at]?.line ?? tokens.at(-1)?.line ?? 1}: ${text}`);
  };
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

  function list<T>(opening: string, closing: string, separator: string, item: () => T): T[] {
    const items: T[] = [];
    expect(opening);
    while (!take(closing)) {
      items.push(item());
      if (!take(separator) && !peek(closing)) expect(separator);
    }
    return items;
  }

  function type(): IDL.Type {
    if (++depth > depthLimit) fail('types are nested too deeply');
    if (tokens[at]?.kind !== 'name') fail('a type is missing');
    const word = next().text;
    const found = composite(word) ?? named(word);
    depth--;
    return found;
  }

  function composite(word: string): IDL.Type | null {
    if (word === 'opt') return IDL.Opt(type());
    if (word === 'vec') return IDL.Vec(type());
    if (word === 'record') return record();
    if (word === 'variant') return IDL.Variant(Object.fromEntries(list('{', '}', ';', variantField)));
    if (word === 'func') return func();
    if (word === 'service') return IDL.Service(actor());
    return primitives[word] ?? null;
  }

  function record(): IDL.Type {
    let position = 0;
    const fields = list('{', '}', ';', (): [string, IDL.Type] => {
      const isGiven = isNamed();
      const key = isGiven ? fieldKey() : `_${position}_`;
      if (isGiven) expect(':');
      position = Number(/^_(\d+)_$/.exec(key)?.[1] ?? position) + 1;
      return [key, type()];
    });
    const isTuple = fields.length > 0 && fields.every(([key], i) => key === `_${i}_`);
    return isTuple ? IDL.Tuple(...fields.map(([, item]) => item)) : IDL.Record(Object.fromEntries(fields));
  }

  function variantField(): [string, IDL.Type] {
    const key = fieldKey();
    return [key, take(':') ? type() : IDL.Null];
  }

  /** The library writes the field of number n as `_n_`. */
  function fieldKey(): string {
    const { kind, text } = next();
    return kind === 'number' ? `_${Number(text)}_` : text;
  }

  function func(): IDL.FuncClass {
    const argTypes = argumentTypes();
    expect('->');
    const returnTypes = argumentTypes();
    const modes: string[] = [];
    while (peek('query') || peek('composite_query') || peek('oneway')) modes.push(next().text);
    return IDL.Func(argTypes, returnTypes, modes);
  }

  function argumentTypes(): [] | [IDL.Type, ...IDL.Type[]] {
    const [first, ...others] = list('(', ')', ',', () => {
      if (isNamed()) at += 2;
      return type();
    });
    return first === undefined ? [] : [first, ...others];
  }

  /** Whether a name and a colon come next. */
  function isNamed(): boolean {
    const colon = tokens[at + 1];
    return colon?.kind === 'sign' && colon.text === ':';
  }

  function named(name: string): IDL.Type {
    const done = known.get(name);
    if (done !== undefined) return done;
    if (open.has(name)) return recursion(name);
    const start = definitions.get(name) ?? fail(`there is no type ${name}`);
    const back = at;
    at = start;
    open.set(name, null);
    const found = type();
    const knot = open.get(name) ?? null;
    if (knot === found) fail(`type ${name} stands for nothing but itself`);
    knot?.fill(found);
    open.delete(name);
    at = back;
    known.set(name, knot ?? found);
    return knot ?? found;
  }

  function recursion(name: string): IDL.Type {
    const knot = open.get(name) ?? IDL.Rec();
    open.set(name, knot);
    return knot;
  }

  function actor(): Service {
    return Object.fromEntries(
      list('{', '}', ';', () => {
        const name = next().text;
        expect(':');
        return [name, peek('(') ? func() : functionNamed(next().text)];
      }),
    );
  }

  function functionNamed(name: string): IDL.FuncClass {
    const found = untied(named(name));
    return found instanceof IDL.FuncClass ? found : fail(`${name} is not a function`);
  }

  function skipToDefinitionEnd(): void {
    for (let open = 0; at < tokens.length; at++) {
      if (open === 0 && peek(';')) break;
      if (peek('{') || peek('(')) open++;
      if (peek('}') || peek(')')) open--;
    }
    take(';');
  }

  function service(): Service {
    while (take('type')) {
      const { text } = next();
      expect('=');
      definitions.set(text, at);
      skipToDefinitionEnd();
    }
    if (peek('import')) fail('imports are not supported: a canister carries its whole interface');
    expect('service');
    if (!peek(':')) next();
    expect(':');
    if (peek('(')) {
      argumentTypes();
      expect('->');
    }
    return peek('{') ? actor() : serviceNamed(next().text);
  }

  function serviceNamed(name: string): Service {
    const found = untied(named(name));
    return found instanceof IDL.ServiceClass ? Object.fromEntries(found._fields) : fail(`${name} is not a service`);
  }

  return { service };
}
