// Makes Candid cheap: at every reply the library builds the table of types anew, and for it writes out the whole text of every
// type with everything in it. Types do not change, so each keeps its text, and each type of a whole reply its table.
import { IDL } from '@dfinity/candid';

/** What the library's table of types is made of: plain collections, copied because a second argument adds to them. */
interface TypeTable {
  _typs: unknown[];
  _idx: Map<string, number>;
  _idxRefCount: Map<number, number>;
}

interface Buildable {
  buildTypeTable(table: TypeTable): void;
}

const samples = [IDL.Record({ a: IDL.Null }), IDL.Variant({ a: IDL.Null }), IDL.Opt(IDL.Null), IDL.Vec(IDL.Null)];

for (const sample of samples) {
  const prototype = Object.getPrototypeOf(sample);
  rememberNames(prototype);
  rememberTables(prototype);
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
  const tables = new WeakMap<object, TypeTable>();
  prototype.buildTypeTable = function (this: Buildable, table: TypeTable): void {
    // Another library than the one this was written for, or not the first of the message: as ever.
    if (!(table._idx instanceof Map) || table._typs.length > 0) return void build.call(this, table);
    const known = tables.get(this);
    if (known !== undefined) return void fill(table, known);
    build.call(this, table);
    tables.set(this, fill({ _typs: [], _idx: new Map(), _idxRefCount: new Map() }, table));
  };
}

function fill(table: TypeTable, { _typs, _idx, _idxRefCount }: TypeTable): TypeTable {
  return Object.assign(table, { _typs: [..._typs], _idx: new Map(_idx), _idxRefCount: new Map(_idxRefCount) });
}
