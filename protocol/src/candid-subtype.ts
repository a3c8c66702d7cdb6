// Whether a client of an old interface still works with a new one: the subtype relation of the Candid specification ("Upgrading
// and subtyping"), told as a list of places where it does not hold. Beyond the specification it also lists where a value would
// silently read as null, because data lost that way is lost too.
import type { CandidField, CandidFunction, CandidText, CandidType, CandidTypes } from './candid-text.ts';
import { namedType } from './candid-text.ts';

export interface CandidProblem {
  readonly method: string;
  /** From outside inwards: `argument 0`, `field "memo"`. */
  readonly path: readonly string[];
  readonly text: string;
  /**
   * `breaks`: clients are refused. `drops`: by the rule that anything decodes as an option, the value reads as null. `extends`: the
   * same, but for a case that old clients never knew, which is how Candid means variants to grow.
   */
  readonly effect: 'breaks' | 'drops' | 'extends';
}

/** What an upgrade from `old` to `next` does to old clients; empty when they notice nothing. */
export function findCandidProblems(old: CandidText, next: CandidText): readonly CandidProblem[] {
  const problems: CandidProblem[] = [];
  for (const [method, type] of old.methods) {
    const replacement = next.methods.get(method);
    if (replacement === undefined) problems.push({ method, path: [], text: 'the method is gone', effect: 'breaks' });
    else {
      const checker = createChecker(old.types, next.types, method);
      checker.check(replacement, type, 'canister', []);
      problems.push(...checker.problems);
    }
  }
  return problems.filter(({ effect }) => effect !== 'extends');
}

export function renderCandidProblem({ method, path, text }: CandidProblem): string {
  const isContinued = text.startsWith('is ') || text.startsWith('of ');
  return [method, ...path].join(': ') + (isContinued && path.length > 0 ? ' ' : ': ') + text;
}

/** The relation of the specification itself, for types of one description. */
export function isCandidSubtype(types: CandidTypes, sub: CandidType, sup: CandidType): boolean {
  const checker = createChecker(types, types, '');
  checker.check(sub, sup, 'canister', []);
  return checker.problems.every(({ effect }) => effect !== 'breaks');
}

/** Who sends the values: the canister sends new ones to old readers, a client old ones to the new reader. */
type Sender = 'canister' | 'client';
type Path = readonly string[];
type Composite = Exclude<CandidType, { kind: 'name' | 'primitive' }>;

function createChecker(oldTypes: CandidTypes, newTypes: CandidTypes, method: string) {
  let problems: CandidProblem[] = [];
  /** Pairs that are being compared, or were and fit: taken to hold, because the specification means the largest such relation. */
  const assumed = new Set<string>();
  const journal: string[] = [];
  /** Pairs that do not fit although others were taken to hold, with what is wrong: they never will. */
  const failed = new Map<string, string>();
  const numbers = new Map<CandidType, number>();

  const numberOf = (type: CandidType) => {
    const known = numbers.get(type);
    if (known === undefined) numbers.set(type, numbers.size);
    return known ?? numbers.size - 1;
  };
  const typesOf = (sender: Sender, side: 'sub' | 'sup') =>
    (sender === 'canister') === (side === 'sub') ? newTypes : oldTypes;
  const report = (path: Path, text: string, effect: CandidProblem['effect'] = 'breaks') => {
    problems.push({ method, path, text, effect });
  };

  /** Types without names are finite, so only pairs with a name can go round in circles. */
  function check(sub: CandidType, sup: CandidType, sender: Sender, path: Path): void {
    if (sub.kind === 'name' || sup.kind === 'name') checkNamed(sub, sup, sender, path);
    else checkStructure(sub, sup, sender, path);
  }

  function checkNamed(sub: CandidType, sup: CandidType, sender: Sender, path: Path): void {
    const key = `${sender} ${keyOf(sub)} ${keyOf(sup)}`;
    const known = failed.get(key);
    if (known !== undefined) report(path, known);
    if (known !== undefined || assumed.has(key)) return;
    assumed.add(key);
    journal.push(key);
    const start = problems.length;
    checkStructure(sub, sup, sender, path);
    const found = problems.slice(start).filter(({ effect }) => effect === 'breaks');
    if (found.length > 0) failed.set(key, isGrowth(found) ? unknownCase : changed(sub, sup, sender));
  }

  function checkStructure(sub: CandidType, sup: CandidType, sender: Sender, path: Path): void {
    const given = namedType(typesOf(sender, 'sub'), sub);
    const wanted = namedType(typesOf(sender, 'sup'), sup);
    if (isPrimitive(wanted, 'reserved') || isPrimitive(given, 'empty')) return;
    if (isSamePrimitive(given, wanted) || (isPrimitive(given, 'nat') && isPrimitive(wanted, 'int'))) return;
    if (wanted.kind === 'opt') checkOption(given, wanted.of, sender, path);
    else if (given.kind === 'primitive' || given.kind !== wanted.kind) report(path, changed(sub, sup, sender));
    else checkInside(given, wanted, sender, path);
  }

  function keyOf(type: CandidType): string | number {
    return type.kind === 'name' ? `"${type.name}` : type.kind === 'primitive' ? type.name : numberOf(type);
  }

  function checkInside(given: Composite, wanted: CandidType, sender: Sender, path: Path): void {
    if (given.kind === 'vec' && wanted.kind === 'vec') check(given.of, wanted.of, sender, [...path, 'element']);
    else if (given.kind === 'record' && wanted.kind === 'record')
      checkRecord(given.fields, wanted.fields, sender, path);
    else if (given.kind === 'variant' && wanted.kind === 'variant')
      checkVariant(given.fields, wanted.fields, sender, path);
    else if (given.kind === 'func' && wanted.kind === 'func') checkFunction(given.func, wanted.func, sender, path);
    else if (given.kind === 'service' && wanted.kind === 'service') checkService(given, wanted, sender, path);
  }

  /** Anything decodes as an option; what does not fit reads as null, and that is told. */
  function checkOption(given: CandidType, wanted: CandidType, sender: Sender, path: Path): void {
    if (isPrimitive(given, 'null') || isPrimitive(given, 'reserved')) return;
    if (given.kind !== 'opt' && isNullable(namedType(typesOf(sender, 'sup'), wanted))) {
      const change = changed(given, { kind: 'opt', of: wanted }, sender);
      report(path, `${change}; the value would read as null`, 'drops');
      return;
    }
    const inner = given.kind === 'opt' ? given.of : given;
    const found = attempt(() => check(inner, wanted, sender, path));
    const isGrown = isGrowth(found);
    for (const { path: place, text, effect } of found) {
      if (effect !== 'breaks') problems.push({ method, path: place, text, effect });
      else if (isGrown) report(place, `${text}; old clients read null instead`, 'extends');
      else report(place, `${text}; the value would read as null`, 'drops');
    }
  }

  /** What is assumed while an attempt fails may be wrong, so it is forgotten. */
  function attempt(run: () => void): readonly CandidProblem[] {
    const before = problems;
    const mark = journal.length;
    problems = [];
    run();
    const found = problems;
    problems = before;
    if (found.some(({ effect }) => effect === 'breaks')) {
      for (const key of journal.splice(mark)) assumed.delete(key);
    }
    return found;
  }

  function checkRecord(
    given: readonly CandidField[],
    wanted: readonly CandidField[],
    sender: Sender,
    path: Path,
  ): void {
    for (const field of wanted) {
      const place = [...path, `field "${field.label}"`];
      const match = findField(given, field);
      if (match !== null) check(match.type, field.type, sender, place);
      else checkMissing(field.type, sender, place);
    }
  }

  function checkMissing(type: CandidType, sender: Sender, path: Path): void {
    const wanted = namedType(typesOf(sender, 'sup'), type);
    if (wanted.kind === 'opt' || isPrimitive(wanted, 'reserved')) return;
    const change = sender === 'client' ? 'is new and not optional' : 'is gone and was not optional';
    report(path, `of type ${renderCandidType(type)} ${change}`);
  }

  function checkVariant(
    given: readonly CandidField[],
    wanted: readonly CandidField[],
    sender: Sender,
    path: Path,
  ): void {
    for (const field of given) {
      const place = [...path, `case "${field.label}"`];
      const match = findField(wanted, field);
      if (match !== null) check(field.type, match.type, sender, place);
      else report(place, sender === 'client' ? 'is gone, and old clients send it' : unknownCase);
    }
  }

  function checkFunction(given: CandidFunction, wanted: CandidFunction, sender: Sender, path: Path): void {
    checkSequence(wanted.inputs, given.inputs, other(sender), path, 'argument');
    checkSequence(given.outputs, wanted.outputs, sender, path, 'result');
    const [is, was] = [annotationOf(given), annotationOf(wanted)];
    const [now, before] = sender === 'canister' ? [is, was] : [was, is];
    if (is !== was) report(path, `is ${now}, was ${before}`);
  }

  /** Arguments and results are like records that can only grow at the end. */
  function checkSequence(
    given: readonly CandidType[],
    wanted: readonly CandidType[],
    sender: Sender,
    path: Path,
    word: string,
  ): void {
    for (const [i, type] of wanted.entries()) {
      const place = [...path, `${word} ${i}`];
      const match = given[i];
      if (match !== undefined) check(match, type, sender, place);
      else checkMissing(type, sender, place);
    }
  }

  function checkService(
    given: CandidType & { kind: 'service' },
    wanted: CandidType & { kind: 'service' },
    sender: Sender,
    path: Path,
  ): void {
    for (const [name, type] of wanted.methods) {
      const place = [...path, `method "${name}"`];
      const match = given.methods.get(name);
      if (match !== undefined) check(match, type, sender, place);
      else report(place, sender === 'canister' ? 'is gone' : 'is new, and old clients do not offer it');
    }
  }

  return {
    check,
    get problems(): readonly CandidProblem[] {
      return problems;
    },
  };
}

const unknownCase = 'is new, and old clients do not know it';

function isGrowth(found: readonly CandidProblem[]): boolean {
  return found.every(({ effect, text }) => effect !== 'breaks' || text === unknownCase);
}

function other(sender: Sender): Sender {
  return sender === 'client' ? 'canister' : 'client';
}

function isPrimitive(type: CandidType, name: string): boolean {
  return type.kind === 'primitive' && type.name === name;
}

/** Null is a value of it already, so a plain value is not taken for its option. */
function isNullable(type: CandidType): boolean {
  return type.kind === 'opt' || isPrimitive(type, 'null') || isPrimitive(type, 'reserved');
}

function isSamePrimitive(a: CandidType, b: CandidType): boolean {
  return a.kind === 'primitive' && b.kind === 'primitive' && a.name === b.name;
}

function changed(sub: CandidType, sup: CandidType, sender: Sender): string {
  const [was, is] = sender === 'client' ? [sub, sup] : [sup, sub];
  return `was ${renderCandidType(was)}, is ${renderCandidType(is)}`;
}

function annotationOf({ annotations }: CandidFunction): string {
  return [...new Set(annotations)].sort().join(' ') || 'update';
}

/** Fields are the same when their numbers are; a name's number is its hash, computed only where a bare number is met. */
function findField(fields: readonly CandidField[], wanted: CandidField): CandidField | null {
  const byLabel = fields.find(({ label, number }) => label === wanted.label && number === wanted.number);
  if (byLabel !== undefined) return byLabel;
  const isNumbered = wanted.number !== null || fields.some(({ number }) => number !== null);
  if (!isNumbered) return null;
  const number = fieldNumber(wanted);
  return fields.find((field) => fieldNumber(field) === number) ?? null;
}

function fieldNumber({ label, number }: CandidField): number {
  return number ?? hashOfName(label);
}

/** Candid, "Records": the sum of byte × 223^k, modulo 2^32. */
function hashOfName(name: string): number {
  let hash = 0;
  for (const byte of new TextEncoder().encode(name)) hash = (Math.imul(hash, 223) + byte) >>> 0;
  return hash;
}

/** Short: the parts of records and variants are named, not spelled out. */
export function renderCandidType(type: CandidType): string {
  if (type.kind === 'name' || type.kind === 'primitive') return type.name;
  if (type.kind === 'opt' || type.kind === 'vec') return `${type.kind} ${renderCandidType(type.of)}`;
  if (type.kind === 'func' || type.kind === 'service') return type.kind;
  return `${type.kind} { ${type.fields.map(({ label }) => label).join('; ')} }`;
}
