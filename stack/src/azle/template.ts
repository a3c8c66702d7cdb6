// Puts a canister's JavaScript into Azle's prebuilt interpreter module. Four functions of the template are placeholders
// for the two passive data segments that carry the JavaScript and its settings; every method becomes an exported function
// that calls the interpreter with the method's number. Same input, same bytes.
import { assert } from '@tamc/base/assert';
import { concatBytes, parseText, textToBytes } from '@tamc/base/bytes';
import {
  appendToVector,
  createReader,
  customSection,
  parseSections,
  type Reader,
  type Section,
  sectionId,
  sectionsToWasm,
  signed,
  unsigned,
  withLength,
} from './wasm-sections.ts';

export interface CanisterMethod {
  readonly name: string;
  readonly index: number;
  readonly composite?: boolean;
}

/** What the decorators of a canister class say, in Azle's own form. */
export interface MethodList {
  readonly queries?: readonly CanisterMethod[];
  readonly updates?: readonly CanisterMethod[];
  readonly init?: CanisterMethod;
  readonly pre_upgrade?: CanisterMethod;
  readonly post_upgrade?: CanisterMethod;
  readonly heartbeat?: CanisterMethod;
  readonly inspect_message?: CanisterMethod;
  readonly on_low_wasm_memory?: CanisterMethod;
}

interface EntryPoint {
  readonly exportName: string;
  readonly calls: 'execute_method_js' | 'init' | 'post_upgrade';
  readonly index: number;
}

/** Tells the interpreter that the class has no method of this kind. */
const noMethod = -1;

const nameSection = 'name';
const functionNamePart = 1;

export function fillTemplate(
  template: Uint8Array,
  javaScript: string,
  settings: string,
  methods: MethodList,
  custom: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const { header, sections } = parseSections(template);
  const functions = functionNames(sections);
  const importCount = countFunctionImports(bodyOf(sections, sectionId.import));
  const segmentCount = createReader(bodyOf(sections, sectionId.data)).unsigned();
  const segments = [textToBytes(javaScript), textToBytes(settings)];
  const replaced = new Map(
    ['js', 'wasm_data'].flatMap((name, i) => [
      [indexOf(functions, `${name}_passive_data_size`) - importCount, sizeFunction(segments[i]!.length)],
      [
        indexOf(functions, `init_${name}_passive_data`) - importCount,
        copyFunction(segmentCount + i, segments[i]!.length),
      ],
    ]),
  );
  const entries = entryPoints(methods);
  const type = createReader(bodyOf(sections, sectionId.type)).unsigned();
  const firstNew = importCount + createReader(bodyOf(sections, sectionId.function)).unsigned();
  const edits: Record<number, (body: Uint8Array) => Uint8Array> = {
    [sectionId.type]: (body) => appendToVector(body, [Uint8Array.of(0x60, 0, 0)]),
    [sectionId.function]: (body) =>
      appendToVector(
        body,
        entries.map(() => unsigned(type)),
      ),
    [sectionId.export]: (body) =>
      appendToVector(
        body,
        entries.map(({ exportName }, i) =>
          concatBytes(withLength(textToBytes(exportName)), Uint8Array.of(0), unsigned(firstNew + i)),
        ),
      ),
    [sectionId.code]: (body) =>
      appendToVector(
        replaceFunctions(body, replaced),
        entries.map(({ calls, index }) => callFunction(indexOf(functions, calls), index)),
      ),
    [sectionId.data]: (body) =>
      appendToVector(
        body,
        segments.map((bytes) => concatBytes(Uint8Array.of(1), withLength(bytes))),
      ),
  };
  const edited = sections
    .filter((section) => section.id !== sectionId.dataCount && customName(section) !== nameSection)
    .flatMap((section) => {
      const body = edits[section.id]?.(section.body) ?? section.body;
      // `memory.init` is only valid when the number of segments is announced before the code.
      const announced = { id: sectionId.dataCount, body: unsigned(segmentCount + segments.length) };
      return section.id === sectionId.code ? [announced, { id: section.id, body }] : [{ id: section.id, body }];
    });
  const added = Object.entries(custom).map(([name, text]) => customSection(name, textToBytes(text)));
  return sectionsToWasm(header, [...edited, ...added]);
}

function entryPoints(methods: MethodList): EntryPoint[] {
  const entry = (exportName: string, method: CanisterMethod | undefined): EntryPoint[] =>
    method === undefined ? [] : [{ exportName, calls: 'execute_method_js', index: method.index }];
  return [
    ...(methods.queries ?? []).flatMap((method) =>
      entry(`${method.composite === true ? 'canister_composite_query' : 'canister_query'} ${method.name}`, method),
    ),
    ...(methods.updates ?? []).flatMap((method) => entry(`canister_update ${method.name}`, method)),
    { exportName: 'canister_init', calls: 'init', index: methods.init?.index ?? noMethod },
    { exportName: 'canister_post_upgrade', calls: 'post_upgrade', index: methods.post_upgrade?.index ?? noMethod },
    ...entry('canister_pre_upgrade', methods.pre_upgrade),
    ...entry('canister_inspect_message', methods.inspect_message),
    ...entry('canister_heartbeat', methods.heartbeat),
    ...entry('canister_on_low_wasm_memory', methods.on_low_wasm_memory),
  ];
}

const opcode = {
  end: 0x0b,
  call: 0x10,
  localGet: 0x20,
  i32Const: 0x41,
  bulk: 0xfc,
  memoryInit: 8,
  dataDrop: 9,
} as const;

function functionBody(...code: Uint8Array[]): Uint8Array {
  return withLength(concatBytes(Uint8Array.of(0), ...code, Uint8Array.of(opcode.end)));
}

function constant(value: number): Uint8Array {
  return concatBytes(Uint8Array.of(opcode.i32Const), signed(value));
}

function sizeFunction(length: number): Uint8Array {
  return functionBody(constant(length));
}

function copyFunction(segment: number, length: number): Uint8Array {
  return functionBody(
    Uint8Array.of(opcode.localGet, 0),
    constant(0),
    constant(length),
    concatBytes(Uint8Array.of(opcode.bulk, opcode.memoryInit), unsigned(segment), Uint8Array.of(0)),
    concatBytes(Uint8Array.of(opcode.bulk, opcode.dataDrop), unsigned(segment)),
  );
}

function callFunction(callee: number, argument: number): Uint8Array {
  return functionBody(constant(argument), concatBytes(Uint8Array.of(opcode.call), unsigned(callee)));
}

function replaceFunctions(body: Uint8Array, replaced: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const reader = createReader(body);
  const count = reader.unsigned();
  const kept = Array.from({ length: count }, (_, i) => {
    const old = reader.bytes(reader.unsigned());
    return replaced.get(i) ?? withLength(old);
  });
  return concatBytes(unsigned(count), ...kept);
}

/**
 * By the module's own names: what it exports under these names are wrappers, while its code calls the functions behind them.
 */
function functionNames(sections: readonly Section[]): Map<string, number> {
  const section = sections.find((item) => customName(item) === nameSection);
  assert(section !== undefined, 'the Azle template has no names for its functions');
  const reader = createReader(section.body);
  reader.bytes(reader.unsigned());
  while (!reader.isAtEnd()) {
    const part = reader.byte();
    const content = reader.bytes(reader.unsigned());
    if (part === functionNamePart) return readNames(createReader(content));
  }
  return new Map();
}

function readNames(reader: Reader): Map<string, number> {
  const names = new Map<string, number>();
  for (let left = reader.unsigned(); left > 0; left--) {
    const index = reader.unsigned();
    const name = parseText(reader.bytes(reader.unsigned()));
    if (name !== null) names.set(name, index);
  }
  return names;
}

function countFunctionImports(body: Uint8Array): number {
  const reader = createReader(body);
  const count = reader.unsigned();
  for (let i = 0; i < count; i++) {
    reader.bytes(reader.unsigned());
    reader.bytes(reader.unsigned());
    assert(reader.byte() === 0, 'the template imports something that is not a function');
    reader.unsigned();
  }
  return count;
}

function indexOf(functions: ReadonlyMap<string, number>, name: string): number {
  const index = functions.get(name);
  assert(index !== undefined, `the Azle template has no function ${name}: its version does not fit this build`);
  return index;
}

function bodyOf(sections: readonly Section[], id: number): Uint8Array {
  const found = sections.find((section) => section.id === id);
  assert(found !== undefined, `the Azle template has no section ${id}: its version does not fit this build`);
  return found.body;
}

function customName({ id, body }: Section): string | null {
  if (id !== sectionId.custom) return null;
  const reader = createReader(body);
  return parseText(reader.bytes(reader.unsigned()));
}
