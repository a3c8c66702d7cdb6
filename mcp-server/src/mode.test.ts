import { describe, expect, it } from 'vitest';
import { isOffered, type Mode, modeProblem, narrowMode } from './mode.ts';
import type { Toolset } from './tool.ts';
import { tools } from './tools/index.ts';

const mode = (...toolsets: Toolset[]): Mode => ({ toolsets: new Set(toolsets), isReadOnly: false, isSimulated: false });
const readOnly = (...toolsets: Toolset[]): Mode => ({ ...mode(...toolsets), isReadOnly: true });
const namesIn = (of: Mode) => tools.filter((tool) => isOffered(tool, of)).map(({ name }) => name);
const toolOf = (name: string) => tools.find((tool) => tool.name === name)!;

describe('what an assistant is offered', () => {
  it('has a stop wherever it can act, once, and nowhere else', () => {
    const stops = [mode('default'), mode('operate'), mode('default', 'operate')].map(
      (of) => namesIn(of).filter((name) => name === 'stop').length,
    );
    expect(stops).toEqual([1, 1, 1]);
    for (const of of [mode(), readOnly('default'), readOnly('operate'), readOnly('default', 'operate')]) {
      expect(namesIn(of)).not.toContain('stop');
    }
    expect(namesIn(mode('operate'))).toEqual(['stop', 'deploy', 'upgrade', 'top_up', 'fund', 'time']);
  });

  it('is nothing that changes anything, for who only looks', () => {
    const offered = tools.filter((tool) => isOffered(tool, readOnly('default', 'operate')));
    expect(offered.length).toBeGreaterThan(3);
    expect(offered.every(({ hints }) => hints.readOnly)).toBe(true);
  });

  it('is what two modes allow both', () => {
    const both = narrowMode({ ...mode('default', 'operate'), isSimulated: true }, readOnly('default'));
    expect(both).toEqual({ toolsets: new Set(['default']), isReadOnly: true, isSimulated: true });
  });
});

it('a tool that is no longer offered says what was taken away, and who decides it', () => {
  expect(modeProblem(toolOf('pay'), mode('default'))).toBeNull();
  expect(modeProblem(toolOf('pay'), readOnly('default'))).toMatchObject({ code: 'ReadOnly' });
  expect(modeProblem(toolOf('fund'), mode('default'))).toMatchObject({
    code: 'NotOffered',
    nextStep: expect.stringContaining('npx tamc owner'),
  });
});
