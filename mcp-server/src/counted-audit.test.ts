import { anonymous, managementCanister } from '@tamc/protocol/principal';
import { describe, expect, it } from 'vitest';
import { createCountedAudit } from './counted-audit.ts';
import type { AuditEntry } from './world.ts';

const entryOf = (atMs: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  atMs,
  tool: 'network',
  caller: anonymous,
  commandId: 'c',
  argsDigest: 'd',
  outcome: 'answered',
  ...changes,
});

function createLog() {
  const lines: AuditEntry[] = [];
  const audit = createCountedAudit((entry) => void lines.push(entry));
  return { lines, audit };
}

describe('what is written down', () => {
  it('is the beginning of a flood and how many came after it, and nothing is left out', () => {
    const { lines, audit } = createLog();
    for (let i = 0; i < 5_000; i++) {
      const argsDigest = `${i}`;
      audit(entryOf(i / 10, { outcome: 'TooManyCalls', argsDigest }));
    }
    audit(entryOf(2_000, { tool: 'machine' }));
    expect(lines.map(({ outcome, times = null }) => [outcome, times])).toEqual([
      ...Array.from({ length: 5 }, () => ['TooManyCalls', null]),
      ['TooManyCalls', 4_995],
      ['answered', null],
    ]);
  });

  it('is every act as it begins, and every other call by another caller, of another tool, or after a second', () => {
    const { lines, audit } = createLog();
    const entries = [
      entryOf(0, { outcome: 'begun' }),
      entryOf(0, { outcome: 'begun' }),
      entryOf(0),
      entryOf(0, { caller: managementCanister }),
      entryOf(0, { tool: 'machines' }),
      entryOf(0, { argsDigest: 'e' }),
      entryOf(1_000),
    ];
    for (const entry of entries) audit(entry);
    expect(lines).toEqual(entries);
  });

  it('is bounded in what it remembers', () => {
    const { lines, audit } = createLog();
    for (let i = 0; i < 200; i++) for (let j = 0; j < 32; j++) audit(entryOf(0, { argsDigest: `${i}` }));
    audit(entryOf(5_000));
    expect(lines.filter(({ times }) => times === 2)).toHaveLength(200);
  });
});
