// The sections with contents: elements, code bodies, data.

import { hostLimits } from './limits.ts';
import type { Constant, ElementEntry, ModuleShape } from './module-shape.ts';
import { readConstant } from './parse-constant.ts';
import { type Reader, readByte, readCount, readPart, readU32 } from './reader.ts';
import { refuseInvalid } from './refusal.ts';
import { readReferenceType, valueTypes } from './value-types.ts';

export function parseElements(reader: Reader, shape: ModuleShape): void {
  let itemCount = 0;
  for (let left = readCount(reader, 3, hostLimits.segments); left > 0; left--) {
    shape.elements.push(readElement(reader, hostLimits.elementItems - itemCount));
    itemCount += shape.elements.at(-1)!.items.length;
  }
}

/** Flag bits: 1 not active, 2 explicit table (active) or declarative, 4 expressions instead of function indexes. */
function readElement(reader: Reader, itemsMax: number): ElementEntry {
  const flags = readU32(reader);
  if (flags > 7) refuseInvalid(`invalid element segment flags ${flags}`, reader.offset);
  const isActive = (flags & 1) === 0;
  const mode = isActive ? 'active' : flags & 2 ? 'declarative' : 'passive';
  const table = isActive && flags & 2 ? readU32(reader) : 0;
  const offset = isActive ? readConstant(reader) : null;
  const referenceType = (flags & 3) === 0 ? valueTypes.funcref : readElementType(reader, (flags & 4) !== 0);
  return { mode, table, offset, referenceType, items: readItems(reader, (flags & 4) !== 0, itemsMax) };
}

function readElementType(reader: Reader, hasExpressions: boolean): number {
  if (hasExpressions) return readReferenceType(reader);
  const kind = readByte(reader);
  if (kind !== 0) refuseInvalid(`unknown element kind ${kind}`, reader.offset - 1);
  return valueTypes.funcref;
}

function readItems(reader: Reader, hasExpressions: boolean, countMax: number): Int32Array {
  const items = new Int32Array(readCount(reader, hasExpressions ? 3 : 1, countMax));
  for (let i = 0; i < items.length; i++) {
    items[i] = hasExpressions ? functionOf(readConstant(reader), reader) : readU32(reader);
  }
  return items;
}

function functionOf(constant: Constant, reader: Reader): number {
  if (constant.kind === 'null') return -1;
  if (constant.kind === 'function') return constant.index;
  return refuseInvalid('constant expression of a reference required', reader.offset);
}

export function parseCode(reader: Reader, shape: ModuleShape): void {
  const count = readCount(reader, 2);
  shape.codeBytes = reader.end - reader.offset;
  for (let i = 0; i < count; i++) {
    const body = readPart(reader, readU32(reader));
    shape.bodies.push({ start: body.offset, end: body.end });
  }
}

export function parseData(reader: Reader, shape: ModuleShape): void {
  for (let left = readCount(reader, 2, hostLimits.segments); left > 0; left--) {
    const flags = readU32(reader);
    if (flags > 2) refuseInvalid(`invalid data segment flags ${flags}`, reader.offset);
    if (flags === 2 && readU32(reader) !== 0) refuseInvalid('multiple memories', reader.offset);
    const offset = flags === 1 ? null : readConstant(reader);
    const content = readPart(reader, readU32(reader));
    shape.data.push({ offset, content: { start: content.offset, end: content.end } });
  }
}
