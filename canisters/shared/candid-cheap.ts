// Makes Candid cheap: at every reply the library builds the table of types anew, and for it writes out the whole text of every
// type with everything in it. Types do not change, so each keeps its text, and each type of a whole reply its table.
import { IDL } from '@dfinity/candid';
import { writerOf } from './candid-write.ts';

/** The library's table of types. A second argument adds to it. */
interface TypeTable {
  _typs: unknown[];
  _idx: Map<string, number>;
  _idxRefCount: Map<number, number>;
  encode(): Uint8Array;
}

interface Buildable {
  buildTypeTable(table: TypeTable): void;
}

interface KeptTable extends Pick<TypeTable, '_typs' | '_idx' | '_idxRefCount'> {
  readonly encoded: Uint8Array;
}

const samples = [IDL.Record({ a: IDL.Null }), IDL.Variant({ a: IDL.Null }), IDL.Opt(IDL.Null), IDL.Vec(IDL.Null)];
const kept = new WeakMap<object, KeptTable>();
let isBuilding = false;
let createTable: (() => TypeTable) | null = null;

for (const sample of samples) {
  const prototype = Object.getPrototypeOf(sample);
  rememberNames(prototype);
  rememberTables(prototype);
}

/**
 * To be called when the heap begins, with the types of all that will be answered: what a query keeps is forgotten with the
 * query, so without this each builds its table anew.
 */
export function prepareReplies(types: readonly IDL.Type[]): void {
  // The library shows its tables to types only.
  IDL.encode([IDL.Opt(IDL.Null)], [[]]);
  for (const type of types) {
    if (createTable !== null) type.buildTypeTable(createTable() as never);
    writerOf(type);
  }
}

function rememberNames(prototype: object): void {
  const name = Object.getOwnPropertyDescriptor(prototype, 'name')?.get;
  if (name === undefined) return;
  Object.defineProperty(prototype, 'name', {
    configurable: true,
    get() {
      const value: string = name.call(this);
      Object.defineProperty(this, 'name', { value, configurable: true });
      return value;
    },
  });
}

function rememberTables(prototype: Buildable): void {
  const build = prototype.buildTypeTable;
  prototype.buildTypeTable = function (this: Buildable, table: TypeTable): void {
    // Part of a type whose table is being built, or another library than the one this was written for: as ever.
    if (isBuilding || !(table._idx instanceof Map)) return void build.call(this, table);
    const isFirst = table._typs.length === 0;
    const known = isFirst ? kept.get(this) : undefined;
    if (known !== undefined) lend(table, known);
    else buildWhole(() => build.call(this, table), table);
    if (isFirst && known === undefined) keep(this, table);
  };
}

function buildWhole(build: () => void, table: TypeTable): void {
  takeBack(table);
  isBuilding = true;
  try {
    build();
  } finally {
    isBuilding = false;
  }
}

function keep(type: Buildable, table: TypeTable): void {
  createTable ??= () => Reflect.construct(table.constructor, []);
  kept.set(type, { ...copyOf(table), encoded: table.encode() });
}

function copyOf({ _typs, _idx, _idxRefCount }: Pick<TypeTable, '_typs' | '_idx' | '_idxRefCount'>) {
  return { _typs: [..._typs], _idx: new Map(_idx), _idxRefCount: new Map(_idxRefCount) };
}

/** Most messages have one argument, and then nothing is added to what is lent. */
function lend(table: TypeTable, { _typs, _idx, _idxRefCount, encoded }: KeptTable): void {
  Object.assign(table, { _typs, _idx, _idxRefCount, encode: () => encoded });
}

function takeBack(table: TypeTable): void {
  if (!Object.hasOwn(table, 'encode')) return;
  Object.assign(table, copyOf(table));
  Reflect.deleteProperty(table, 'encode');
}
