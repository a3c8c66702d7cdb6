// Shell: which acts an assistant began and how they ended, line by line in a file of its own, so that a server that is started anew knows
// what was begun before it, and two servers of one assistant know it of each other. Bounded.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { ActMemory, KeptAct } from '@tamc/mcp-server';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { appendLine } from '../world/log-file.ts';

/** Some 1,000 acts, two lines each; as many again are kept as the older file. */
const bytesMax = 512 * 1_024;

export interface ActMemoryOptions {
  readonly folderPath: string;
  readonly name: string;
  /** An assistant whose key is another has begun nothing of this. Asked when it is needed. */
  readonly caller: () => PrincipalHex;
}

export function createFolderActMemory({ folderPath, name, caller }: ActMemoryOptions): ActMemory {
  const path = join(folderPath, 'acts', `${name}.jsonl`);
  const acts = new Map<string, KeptAct>();
  let read = { file: -1, bytes: 0 };
  const take = (lines: string) => {
    for (const line of lines.split('\n')) {
      const found = parseLine(line, caller());
      // That one of them ended stands, whatever begins again under its id.
      if (found !== null && (found.act.facts !== null || acts.get(found.id)?.facts == null)) {
        acts.set(found.id, found.act);
      }
    }
  };
  const catchUp = () => {
    const part = readFrom(path, read);
    if (part === null) return;
    if (part.isOther) {
      acts.clear();
      take(readFrom(`${path}.1`, { file: -1, bytes: 0 })?.text ?? '');
    }
    take(part.text);
    read = part.read;
  };
  return {
    find: (commandId) => {
      catchUp();
      return acts.get(commandId) ?? null;
    },
    keep: (commandId, act) => {
      const line = JSON.stringify({ caller: caller(), id: commandId, ...act }, bigintAsText);
      try {
        appendLine(path, line, bytesMax);
      } catch {
        // On a disk that takes nothing no act begins: the audit log is asked before.
      }
    },
  };
}

interface Read {
  /** Its number on the disk: another one, and the file was begun anew. */
  readonly file: number;
  readonly bytes: number;
}

/** What whole lines came since; null where there is no file. */
function readFrom(path: string, { file, bytes }: Read) {
  const descriptor = openOrNull(path);
  if (descriptor === null) return null;
  try {
    const { ino, size } = fstatSync(descriptor);
    const isOther = ino !== file || size < bytes;
    const from = isOther ? 0 : bytes;
    const content = Buffer.alloc(size - from);
    const count = readSync(descriptor, content, 0, content.length, from);
    // A line that is being written is read when it is whole.
    const whole = content.subarray(0, count).lastIndexOf(0x0a) + 1;
    return { text: content.toString('utf8', 0, whole), isOther, read: { file: ino, bytes: from + whole } };
  } finally {
    closeSync(descriptor);
  }
}

function openOrNull(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch {
    return null;
  }
}

/** Null: of somebody else, or cut by an interruption. */
function parseLine(line: string, wanted: PrincipalHex): { readonly id: string; readonly act: KeptAct } | null {
  const content: unknown = parseJson(line);
  if (typeof content !== 'object' || content === null) return null;
  const { caller, id, what, facts, ground, isRefused }: Partial<Record<'caller' | 'id' | keyof KeptAct, unknown>> =
    content;
  if (caller !== wanted || typeof id !== 'string' || typeof what !== 'string') return null;
  const refused = isRefused === true ? ({ isRefused } as const) : {};
  const act = { what, facts: isFacts(facts) ? facts : null, ...refused };
  return { id, act: typeof ground === 'string' ? { ...act, ground } : act };
}

function isFacts(value: unknown): value is NonNullable<KeptAct['facts']> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
